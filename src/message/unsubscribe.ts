import type { UnsubscribeFinding } from './findings.js';
import type { Inspection } from './inspection.js';
import type { Words } from './words.js';
/** Ways to leave that the message offers. Wish: `text`. */
export function findUnsubscribe(_inspection: Inspection, _words: Words): UnsubscribeFinding {
  return { means: [], found: false, oneClick: false };
}

import type { MessageKind } from './findings.js';
import type { Inspection } from './inspection.js';

/** What kind of message it is. Wish: `structure`. */
export function messageKind(_inspection: Inspection): MessageKind {
  return 'ordinary';
}

import type { RevocationFinding } from './findings.js';
import type { Inspection } from './inspection.js';
import type { Words } from './words.js';
/** Sentences that say how soon leaving takes effect. Wish: `text`. */
export function findRevocationNotice(_inspection: Inspection, _words: Words, _withinHours = 48): RevocationFinding {
  return { notices: [], found: false, longer: null };
}

import type { SubjectFinding } from './findings.js';
import type { Inspection } from './inspection.js';
import type { Words } from './words.js';
/** What the subject says of itself. Wish: `header`. */
export function findSubject(_inspection: Inspection, _words: Words): SubjectFinding {
  return { subject: null, empty: true, replyPrefix: null, forwardPrefix: null, threaded: false, oddities: [] };
}

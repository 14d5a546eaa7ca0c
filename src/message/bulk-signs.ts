import type { BulkSign } from './findings.js';
import type { Inspection } from './inspection.js';

/** What declares a message bulk: List-* (RFC 2369, RFC 2919), Precedence, Feedback-ID … None for replies to lists and automatic answers. Wish: `header`. */
export function findBulkSigns(_inspection: Inspection): readonly BulkSign[] {
  return [];
}

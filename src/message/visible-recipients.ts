import type { Address } from '../smtp/address.js';
import type { RecipientFinding } from './findings.js';
import type { Inspection } from './inspection.js';
/** Where each of the recipients is to be seen, in their order. Wish: `text`. */
export function findRecipients(_inspection: Inspection, _recipients: readonly Address[]): readonly RecipientFinding[] {
  return [];
}

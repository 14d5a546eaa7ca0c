import type { Address } from '../smtp/address.js';
import { matchesAnyPattern } from '../smtp/address-pattern.js';

/** Is every recipient an address that the account may send as? Nobody can tell of an account without a list. */
export function isSelfMail(recipients: readonly Address[], senders: readonly string[] | null): boolean {
  if (senders === null || recipients.length === 0) return false;
  return recipients.every((recipient) => matchesAnyPattern(recipient, senders));
}

import type { Address } from '../smtp/address.js';

/** Mail operations must not break: bounces, and postmaster and abuse of own domains (RFC 2142, RFC 5321 §4.5.1). */
export function isExempt(
  reversePath: Address | null,
  recipient: Address,
  isOwnDomain: (domain: string) => boolean,
): boolean {
  if (reversePath === null) return true;
  const local = recipient.local.toLowerCase();
  if (local !== 'postmaster' && local !== 'abuse') return false;
  return recipient.domain === '' || isOwnDomain(recipient.domain);
}

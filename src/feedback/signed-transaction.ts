import { type BounceAddressSettings, readBounceAddress } from '../smtp/bounce-address.js';

/**
 * The transaction that one of the addresses proves; null: none of them is a
 * signed one that still holds.
 *
 * @param now ms since the epoch
 */
export function signedTransaction(
  addresses: readonly string[],
  settings: BounceAddressSettings | null,
  now: number,
): string | null {
  if (settings === null) return null;
  for (const address of addresses) {
    const proof = readBounceAddress(address, settings, now);
    if (proof.ok) return proof.transaction;
  }
  return null;
}

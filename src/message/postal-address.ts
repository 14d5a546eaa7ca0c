import type { PostalAddressSign } from './findings.js';
import type { Inspection } from './inspection.js';

/** The registered postal addresses, and what else looks like one. Wish: `text`. */
export function findPostalAddresses(
  _inspection: Inspection,
  _registered: readonly string[],
): readonly PostalAddressSign[] {
  return [];
}

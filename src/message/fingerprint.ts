import type { Fingerprint, HeaderSection, Link, TextPart } from './inspection.js';

export function fingerprintsOf(
  _header: HeaderSection,
  _read: { readonly texts: readonly TextPart[]; readonly links: readonly Link[] },
): readonly Fingerprint[] {
  return [];
}

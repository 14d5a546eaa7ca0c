/**
 * xtext (RFC 3461 §4): printable ASCII but `+` and `=` stands for itself,
 * anything else is `+` and two upper-case hexadecimal digits.
 */

const XTEXT = /^(?:[\x21-\x2a\x2c-\x3c\x3e-\x7e]|\+[0-9A-F]{2})*$/;

/** The text meant, its octets read as UTF-8 where they are, else as Latin-1. Null: not xtext. */
export function decodeXtext(encoded: string): string | null {
  if (!XTEXT.test(encoded)) return null;
  if (!encoded.includes('+')) return encoded;
  const octets = encoded.replace(/\+([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  const bytes = Buffer.from(octets, 'latin1');
  const text = bytes.toString('utf8');
  return Buffer.from(text, 'utf8').equals(bytes) ? text : octets;
}

/** Any text as xtext, by its UTF-8 octets. */
export function encodeXtext(text: string): string {
  let encoded = '';
  for (const octet of Buffer.from(text, 'utf8')) {
    const plain = octet >= 0x21 && octet <= 0x7e && octet !== 0x2b && octet !== 0x3d;
    encoded += plain ? String.fromCharCode(octet) : `+${octet.toString(16).toUpperCase().padStart(2, '0')}`;
  }
  return encoded;
}

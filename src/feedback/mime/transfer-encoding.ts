const SOFT_BREAK = /=[ \t]*\n/g;
const HEX_OCTET = /=([0-9A-Fa-f]{2})/g;
const NOT_BASE64 = /[^A-Za-z0-9+/]+/g;

/** RFC 2045 §6; octets in, octets out, both held in Latin-1 strings. What is no such encoding is left as it is. */
export function decodeTransfer(body: string, encoding: string): string {
  switch (encoding) {
    case 'quoted-printable':
      return decodeQuotedPrintable(body);
    case 'base64':
      return Buffer.from(body.replace(NOT_BASE64, ''), 'base64').toString('latin1');
    default:
      return body;
  }
}

export function decodeQuotedPrintable(body: string): string {
  return body
    .replace(SOFT_BREAK, '')
    .replace(HEX_OCTET, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

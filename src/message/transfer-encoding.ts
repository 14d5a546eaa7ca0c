/** Undoes Content-Transfer-Encoding (RFC 2045 §6); what is malformed is read as well as it can be. */

export interface TransferDecoded {
  readonly octets: Buffer;
  readonly malformed: boolean;
}

const EQUALS = 0x3d;
const LF = 0x0a;
const CR = 0x0d;

/** By the value of Content-Transfer-Encoding, in lower case. */
export function undoTransfer(octets: Buffer, encoding: string): TransferDecoded {
  if (encoding === 'base64') return decodeBase64(octets);
  if (encoding === 'quoted-printable') return decodeQuotedPrintable(octets);
  return { octets, malformed: false };
}

/** RFC 2045 §6.8. What follows a padding is read as another piece, as mail programs do: footers and concatenated pieces. */
export function decodeBase64(encoded: Buffer): TransferDecoded {
  const text = encoded.toString('latin1');
  const malformed = /[^A-Za-z0-9+/=\s]/.test(text) || /=[ \t\r\n]*[A-Za-z0-9+/]/.test(text);
  if (!malformed) return { octets: Buffer.from(text, 'base64'), malformed };
  const pieces = text.split(/=+/).map((piece) => Buffer.from(piece.replace(/[^A-Za-z0-9+/]+/g, ''), 'base64'));
  return { octets: Buffer.concat(pieces), malformed };
}

/** RFC 2045 §6.7. An `=` that begins nothing stays. */
export function decodeQuotedPrintable(encoded: Buffer): TransferDecoded {
  let at = encoded.indexOf(EQUALS);
  if (at < 0) return { octets: encoded, malformed: false };
  const octets = Buffer.allocUnsafe(encoded.length);
  let length = 0;
  let from = 0;
  let malformed = false;
  while (at >= 0) {
    length += encoded.copy(octets, length, from, at);
    const value = hexOctet(encoded, at + 1);
    if (value >= 0) {
      octets[length++] = value;
      from = at + 3;
    } else {
      const next = afterSoftBreak(encoded, at + 1);
      if (next < 0) {
        octets[length++] = EQUALS;
        malformed = true;
      }
      from = next < 0 ? at + 1 : next;
    }
    at = encoded.indexOf(EQUALS, from);
  }
  length += encoded.copy(octets, length, from);
  return { octets: octets.subarray(0, length), malformed };
}

function hexOctet(encoded: Buffer, at: number): number {
  const high = hexDigit(encoded[at]);
  const low = hexDigit(encoded[at + 1]);
  return high < 0 || low < 0 ? -1 : high * 16 + low;
}

function hexDigit(octet: number | undefined): number {
  if (octet === undefined) return -1;
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const lower = octet | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}

/** Where the next line begins; -1: no soft line break. More padding than a line may have is none. */
function afterSoftBreak(encoded: Buffer, from: number): number {
  let at = from;
  const last = Math.min(encoded.length, from + 80);
  while (at < last && (encoded[at] === 0x20 || encoded[at] === 0x09)) at += 1;
  if (at >= encoded.length) return at;
  if (encoded[at] === LF) return at + 1;
  return encoded[at] === CR && encoded[at + 1] === LF ? at + 2 : -1;
}

import { decodeCharset } from './charset.js';
import { decodeQuotedPrintable } from './transfer-encoding.js';

const ENCODED_WORD = /=\?([^?\s]{1,60})\?([bBqQ])\?([^?]{0,4000})\?=/g;
/** White space between two encoded words is none (RFC 2047 §6.2). */
const BETWEEN = /(\?=)\s+(=\?[^?\s]{1,60}\?[bBqQ]\?)/g;

/** An unstructured field's text, RFC 2047 and raw eight-bit undone. */
export function decodeWords(value: string): string {
  if (!value.includes('=?')) return decodeCharset(value, '');
  return decodeCharset(value, '')
    .replace(BETWEEN, '$1$2')
    .replace(ENCODED_WORD, (_, charset: string, encoding: string, text: string) => {
      const octets =
        encoding.toLowerCase() === 'b'
          ? Buffer.from(text, 'base64').toString('latin1')
          : decodeQuotedPrintable(text.replaceAll('_', ' '));
      // RFC 2231 §5: a language may follow the set.
      return decodeCharset(octets, charset.replace(/\*.*$/, ''));
    });
}

/** Text of header fields: 8-bit octets and encoded words (RFC 2047) to characters. */

import { isUtf8 } from 'node:buffer';
import { decodeCharset, guess } from './charset.js';
import { decodeQuotedPrintable } from './transfer-encoding.js';

export interface HeaderText {
  readonly text: string;
  /** An encoded word that cannot be read, or has line ends or NUL in it. */
  readonly badWord: boolean;
  /** Octets that are no UTF-8. */
  readonly eightBit: boolean;
}

/** Lenient where senders are: spaces within a word, a language after the charset (RFC 2231 §5). */
const WORD = /=\?([^?\s*]{1,64})(?:\*[^?\s]{0,64})?\?([bq])\?([^?]*)\?=/gi;
const LOOKS_LIKE_WORD = /=\?[^?\s]{1,64}\?[bq]\?/i;
const LINE_ENDS = /[\r\n\0]+/g;

/** `raw` is Latin-1 of the octets, unfolded. */
export function decodeHeaderText(raw: string): HeaderText {
  const read = readEightBit(raw);
  if (!read.text.includes('=?')) return { text: read.text, badWord: false, eightBit: read.eightBit };
  return { ...decodeWords(read.text), eightBit: read.eightBit };
}

/** Latin-1 of octets to the characters that they are. */
export function readEightBit(raw: string): { readonly text: string; readonly eightBit: boolean } {
  if (!/[\x80-\xff]/.test(raw)) return { text: raw, eightBit: false };
  const octets = Buffer.from(raw, 'latin1');
  return isUtf8(octets)
    ? { text: octets.toString('utf8'), eightBit: false }
    : { text: guess(octets).text, eightBit: true };
}

interface Run {
  readonly charset: string;
  readonly octets: Buffer[];
}

/**
 * Space between two words is not theirs (RFC 2047 §6.2). Words that follow one
 * another in one charset are decoded as one: many senders cut characters in two.
 */
export function decodeWords(text: string): { readonly text: string; readonly badWord: boolean } {
  const out: string[] = [];
  let badWord = false;
  let run: Run | null = null;
  let end = 0;
  const flush = (): void => {
    if (run === null) return;
    const decoded = decodeCharset(Buffer.concat(run.octets), run.charset);
    const clean = decoded.text.replace(LINE_ENDS, ' ');
    badWord ||= !decoded.known || decoded.lossy || clean !== decoded.text;
    out.push(clean);
    run = null;
  };
  for (const match of text.matchAll(WORD)) {
    const between = text.slice(end, match.index);
    const [whole, charset = '', encoding = '', encoded = ''] = match;
    const adjacent = run !== null && between.trim() === '';
    if (!adjacent || run?.charset !== charset.toLowerCase()) flush();
    if (!adjacent) out.push(between);
    run ??= { charset: charset.toLowerCase(), octets: [] };
    run.octets.push(decodeWord(encoding, encoded));
    end = match.index + whole.length;
  }
  flush();
  const rest = text.slice(end);
  if (LOOKS_LIKE_WORD.test(rest)) badWord = true;
  out.push(rest);
  return { text: out.join(''), badWord };
}

function decodeWord(encoding: string, encoded: string): Buffer {
  // Characters beyond Latin-1 may be there where 8-bit octets stood in a word.
  if (encoding.toLowerCase() === 'b') return Buffer.from(encoded, 'base64');
  return decodeQuotedPrintable(Buffer.from(encoded.replaceAll('_', ' '), 'utf8')).octets;
}

/** Octets to text by the name of a charset that a stranger wrote. */

import { isAscii, isUtf8 } from 'node:buffer';
import { TextDecoder } from 'node:util';

export interface Decoded {
  readonly text: string;
  /** False: no charset of that name; what is ASCII was read. */
  readonly known: boolean;
  /** Octets that the charset has not; each is U+FFFD. */
  readonly lossy: boolean;
}

/** Names that mail has and the Encoding Standard has not. */
const ALIASES: Readonly<Record<string, string>> = {
  cp932: 'shift_jis',
  cp936: 'gbk',
  cp949: 'euc-kr',
  cp950: 'big5',
  'x-gbk': 'gbk',
  'x-euc-jp': 'euc-jp',
  'x-windows-949': 'euc-kr',
  'x-mac-roman': 'macintosh',
  'iso-8859-8-e': 'iso-8859-8',
};

/** They name nothing: the octets themselves must tell. */
const UNTOLD = new Set([
  '',
  'us-ascii',
  'ascii',
  'ansi_x3.4-1968',
  'unknown-8bit',
  'x-unknown',
  'unknown',
  '8bit',
  'binary',
  'default',
  'none',
]);

/** In these an ASCII octet may be part of another character. */
const NOT_ASCII_BASED = /^(?:utf-?16|utf-?7|utf-?32|ucs-|iso-2022|csiso2022|hz-|unicode-1-1-utf-7)/;

const decoders = new Map<string, TextDecoder | null>();
/** Names are the sender's, and only so many are remembered. */
const MAX_REMEMBERED = 200;

export function decodeCharset(octets: Buffer, charset: string | null): Decoded {
  const label = normaliseLabel(charset ?? '');
  const asciiBased = !NOT_ASCII_BASED.test(label);
  if (asciiBased && isAscii(octets)) {
    return { text: octets.toString('latin1'), known: UNTOLD.has(label) || decoderOf(label) !== null, lossy: false };
  }
  if (UNTOLD.has(label)) return guess(octets);
  if (label === 'utf-8' || label === 'utf8') {
    return { text: withoutMark(octets.toString('utf8')), known: true, lossy: !isUtf8(octets) };
  }
  const decoder = decoderOf(label);
  if (decoder === null)
    return { text: octets.toString('latin1').replace(/[\x80-\xff]+/g, '\ufffd'), known: false, lossy: true };
  const text = decoder.decode(octets);
  return { text, known: true, lossy: text.includes('\ufffd') };
}

/** Where no charset is told: UTF-8 where it can be, else windows-1252, in which every octet is something. */
export function guess(octets: Buffer): Decoded {
  if (isUtf8(octets)) return { text: withoutMark(octets.toString('utf8')), known: true, lossy: false };
  return { text: decoderOf('windows-1252')?.decode(octets) ?? octets.toString('latin1'), known: true, lossy: true };
}

function normaliseLabel(charset: string): string {
  const label = charset.trim().toLowerCase();
  const windows = /^(?:cp|win|windows)[-_]?(125\d|874)$/.exec(label);
  if (windows !== null) return `windows-${windows[1]}`;
  const latin = /^iso[-_]?8859[-_](\d\d?)$/.exec(label);
  if (latin !== null) return `iso-8859-${latin[1]}`;
  return ALIASES[label] ?? label;
}

function decoderOf(label: string): TextDecoder | null {
  const known = decoders.get(label);
  if (known !== undefined) return known;
  const made = makeDecoder(label);
  if (decoders.size < MAX_REMEMBERED) decoders.set(label, made);
  return made;
}

function makeDecoder(label: string): TextDecoder | null {
  if (label.length > 64) return null;
  try {
    return new TextDecoder(label);
  } catch {
    // `iso-2022-kr` and its kin have a label and no decoder there: RangeError as well.
    return null;
  }
}

function withoutMark(text: string): string {
  return text.startsWith('\ufeff') ? text.slice(1) : text;
}

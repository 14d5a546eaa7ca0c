/** Content-Type and Content-Disposition: a value and parameters (RFC 2045 §5.1, RFC 2183, RFC 2231). */

import { decodeCharset } from './charset.js';
import { decodeWords, readEightBit } from './encoded-words.js';
import { unfold } from './header-section.js';

export interface ValueWithParameters {
  /** Before the first semicolon, in lower case. */
  readonly value: string;
  /** Keys in lower case; the first of several alike counts. */
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_PARAMETERS = 100;
const PIECES = /^([^*]+)\*(?:(\d{1,4})(\*)?)?$/;

/** `raw`: Latin-1 of the octets that follow the colon. */
export function parseWithParameters(raw: string): ValueWithParameters {
  const text = stripComments(unfold(raw));
  const semicolon = text.indexOf(';');
  const value = (semicolon < 0 ? text : text.slice(0, semicolon)).trim().toLowerCase();
  return { value, parameters: semicolon < 0 ? {} : joinPieces(readParameters(text, semicolon + 1)) };
}

/** Comments outside of quoted strings; those that are not closed stay. */
function stripComments(text: string): string {
  if (!text.includes('(')) return text;
  const out: string[] = [];
  let depth = 0;
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at++) {
    const char = text[at];
    if (char === '\\' && (quoted || depth > 0)) at += 1;
    else if (char === '"' && depth === 0) quoted = !quoted;
    else if (quoted) continue;
    else if (char === '(') {
      if (depth === 0) {
        out.push(text.slice(from, at));
        from = at;
      }
      depth += 1;
    } else if (char === ')' && depth > 0) {
      depth -= 1;
      if (depth === 0) from = at + 1;
    }
  }
  out.push(text.slice(from));
  return out.join('');
}

function readParameters(text: string, start: number): Map<string, string> {
  const found = new Map<string, string>();
  let at = start;
  let equals = -1;
  while (at < text.length && found.size < MAX_PARAMETERS) {
    // Looked for once, or many semicolons before a far one would take quadratic time.
    if (equals < at) equals = text.indexOf('=', at);
    if (equals < 0) break;
    const semicolon = text.indexOf(';', at);
    if (semicolon >= 0 && semicolon < equals) {
      at = semicolon + 1;
      continue;
    }
    const key = text.slice(at, equals).trim().toLowerCase();
    const { value, end } = readValue(text, equals + 1);
    if (key !== '' && !found.has(key)) found.set(key, value);
    at = end;
  }
  return found;
}

function readValue(text: string, start: number): { readonly value: string; readonly end: number } {
  let at = start;
  while (text[at] === ' ' || text[at] === '\t') at += 1;
  if (text[at] === '"') {
    const closed = quotedEnd(text, at + 1);
    if (closed >= 0) {
      const semicolon = text.indexOf(';', closed);
      const value = text.slice(at + 1, closed).replace(/\\(.)/g, '$1');
      return { value, end: semicolon < 0 ? text.length : semicolon + 1 };
    }
  }
  const semicolon = text.indexOf(';', at);
  const end = semicolon < 0 ? text.length : semicolon;
  return { value: text.slice(at, end).trim().replace(/^"|"$/g, ''), end: end + 1 };
}

function quotedEnd(text: string, start: number): number {
  for (let at = start; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '"') return at;
  }
  return -1;
}

interface Piece {
  readonly text: string;
  readonly encoded: boolean;
}

/** RFC 2231 §3 and §4: `name*0*=utf-8''a; name*1=b`. Plain values may have encoded words, which are not allowed there and are common. */
function joinPieces(found: ReadonlyMap<string, string>): Record<string, string> {
  const pieces = new Map<string, Piece[]>();
  const joined: Record<string, string> = Object.create(null);
  for (const [key, value] of found) {
    const match = PIECES.exec(key);
    if (match === null) joined[key] = decodeWords(readEightBit(value).text).text;
    else {
      const [, name = '', index, star] = match;
      const list = pieces.get(name) ?? [];
      pieces.set(name, list);
      list[index === undefined ? 0 : Math.min(Number(index), MAX_PARAMETERS)] = {
        text: value,
        encoded: index === undefined || star !== undefined,
      };
    }
  }
  for (const [name, list] of pieces) joined[name] = decodePieces(list);
  return { ...joined };
}

function decodePieces(list: readonly (Piece | undefined)[]): string {
  const octets: Buffer[] = [];
  let charset: string | null = null;
  for (const [index, piece] of list.entries()) {
    // A gap ends it (RFC 2231 §3).
    if (piece === undefined) break;
    let { text } = piece;
    if (index === 0 && piece.encoded) {
      const prefix = /^([^']*)'[^']*'/.exec(text);
      if (prefix !== null) {
        charset = prefix[1] ?? null;
        text = text.slice(prefix[0].length);
      }
    }
    octets.push(piece.encoded ? percentDecode(text) : Buffer.from(text, 'latin1'));
  }
  return decodeCharset(Buffer.concat(octets), charset).text;
}

function percentDecode(text: string): Buffer {
  return Buffer.from(
    text.replace(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  );
}

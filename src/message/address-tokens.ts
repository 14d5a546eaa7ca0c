/** Tokens of an address list (RFC 5322 §3.2): in one pass, and nothing is refused. */

export interface AddressToken {
  readonly kind: 'atom' | 'quoted' | 'literal' | 'comment' | 'special';
  /** As spelled; of a comment what is in it. */
  readonly text: string;
  /** Quotes and escapes taken off. */
  readonly value: string;
  /** Space or a comment is before it. */
  readonly apart: boolean;
}

export interface AddressTokens {
  readonly tokens: readonly AddressToken[];
  /** A quote, comment or literal without end. */
  readonly unclosed: boolean;
}

const SPACE = /[ \t\r\n]/;
const ATOM = /[^ \t\r\n()<>[\]:;@\\,"]+/y;

export function tokenizeAddresses(text: string): AddressTokens {
  const tokens: AddressToken[] = [];
  // Where one delimiter is not closed the next of its kind is not either; looking
  // each time would take quadratic time.
  const unclosed = new Set<string>();
  let apart = false;
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? '';
    if (SPACE.test(char)) {
      apart = true;
      at += 1;
      continue;
    }
    const { kind, end, closed } = unclosed.has(char)
      ? ({ kind: 'special', end: at + 1, closed: true } as const)
      : tokenAt(text, at, char);
    if (!closed) unclosed.add(char);
    const spelling = text.slice(at, end);
    tokens.push({ kind, text: spelling, value: valueOfToken(kind, spelling, closed), apart });
    apart = kind === 'comment';
    at = end;
  }
  return { tokens, unclosed: unclosed.size > 0 };
}

interface Extent {
  readonly kind: AddressToken['kind'];
  readonly end: number;
  readonly closed: boolean;
}

function tokenAt(text: string, at: number, char: string): Extent {
  if (char === '"') return delimited(text, at, 'quoted', '"');
  if (char === '[') return delimited(text, at, 'literal', ']');
  if (char === '(') return comment(text, at);
  ATOM.lastIndex = at;
  if (ATOM.test(text)) return { kind: 'atom', end: ATOM.lastIndex, closed: true };
  return { kind: 'special', end: at + 1, closed: true };
}

function delimited(text: string, start: number, kind: 'quoted' | 'literal', close: string): Extent {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === close) return { kind, end: at + 1, closed: true };
  }
  // The rest would be one name: the delimiter is read as a character of its own.
  return { kind: 'special', end: start + 1, closed: false };
}

function comment(text: string, start: number): Extent {
  let depth = 0;
  for (let at = start; at < text.length; at++) {
    const char = text[at];
    if (char === '\\') at += 1;
    else if (char === '(') depth += 1;
    else if (char === ')' && --depth === 0) return { kind: 'comment', end: at + 1, closed: true };
  }
  return { kind: 'comment', end: text.length, closed: false };
}

function valueOfToken(kind: AddressToken['kind'], spelling: string, closed: boolean): string {
  if (kind === 'quoted') return spelling.slice(1, -1).replace(/\\(.)/gs, '$1');
  if (kind === 'comment') return spelling.slice(1, closed ? -1 : undefined).replace(/\\(.)/gs, '$1');
  return spelling;
}

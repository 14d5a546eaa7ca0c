import { decodeWords } from './encoded-words.js';

/** One field, unfolded; the value is octets in a Latin-1 string, as they came. */
export interface HeaderField {
  /** In lower case. */
  readonly name: string;
  readonly value: string;
}

const MAX_FIELDS = 2_000;
const MAX_VALUE = 16_384;
/** RFC 5322 §2.2; blanks before the colon as the obsolete syntax had them. */
const FIELD = /^([!-9;-~]{1,200})[ \t]{0,20}:[ \t]{0,200}/;

/** A header section (RFC 5322 §2.2), or a group of delivery-status fields, which has the same form. */
export class HeaderSection {
  constructor(readonly fields: readonly HeaderField[]) {}

  /** Value of the first field of that name (in lower case), as it came; empty when there is none. */
  first(name: string): string {
    return this.fields.find((field) => field.name === name)?.value ?? '';
  }

  all(name: string): string[] {
    return this.fields.filter((field) => field.name === name).map((field) => field.value);
  }

  has(name: string): boolean {
    return this.fields.some((field) => field.name === name);
  }

  /** The first field's text, encoded words undone. */
  text(name: string): string {
    return decodeWords(this.first(name)).trim();
  }
}

export interface ReadSection {
  readonly section: HeaderSection;
  /** Where the body starts in the text given. */
  readonly bodyAt: number;
}

/**
 * Reads fields from `from` up to an empty line, or to the first line that cannot
 * be one: bounces quote header sections with the rest cut off, and some have no
 * empty line after them. Lines end with LF (see unix-lines.ts).
 */
export function readHeaderSection(text: string, from = 0, to = text.length): ReadSection {
  const fields: { name: string; value: string }[] = [];
  let at = from;
  while (at < to) {
    const end = lineEnd(text, at, to);
    if (end === at) return { section: new HeaderSection(fields), bodyAt: at + 1 };
    const line = text.slice(at, Math.min(end, at + MAX_VALUE));
    if (!take(fields, line)) break;
    at = end + 1;
  }
  return { section: new HeaderSection(fields), bodyAt: Math.min(at, to) };
}

function take(fields: { name: string; value: string }[], line: string): boolean {
  const last = fields.at(-1);
  if (line.startsWith(' ') || line.startsWith('\t')) {
    // A folded first line, or one of blanks only, is no reason to lose the rest.
    if (last !== undefined && last.value.length < MAX_VALUE) last.value = `${last.value} ${line.trim()}`.trim();
    return last !== undefined || line.trim() === '';
  }
  const match = FIELD.exec(line);
  if (match === null) {
    // An mbox separator, at the top or left inside by a forwarder (`>From `).
    return /^>?From /.test(line) && fields.length === 0;
  }
  if (fields.length < MAX_FIELDS)
    fields.push({ name: (match[1] ?? '').toLowerCase(), value: line.slice(match[0].length).trim() });
  return true;
}

export function lineEnd(text: string, at: number, to: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 || end > to ? to : end;
}

/** A header section read as fields (RFC 5322 §2.2); whatever is wrong with it is noticed and never thrown. */

import { decodeHeaderText } from './encoded-words.js';
import type { HeaderDefect, HeaderDefectKind, HeaderField, HeaderSection } from './inspection.js';

export const NO_HEADER: HeaderSection = { fields: [], defects: [] };

/** More of them say nothing new. */
const MAX_DEFECTS = 100;
/** RFC 5322 §2.1.1, without the line end. */
const MAX_LINE = 998;

const NAME = /^[\x21-\x39\x3b-\x7e]+/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const ODD = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\r(?!\n)/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x01-\x08\x0b\x0c\x0e-\x1f\x7f]/;

/** The octets before the empty line, without it. At most `maxFields` are read. */
export function parseHeaderSection(octets: Buffer, maxFields: number): HeaderSection {
  return octets.length === 0 ? NO_HEADER : new SectionReader(octets.toString('latin1'), maxFields).read();
}

class SectionReader {
  readonly #fields: HeaderField[] = [];
  readonly #defects: HeaderDefect[] = [];
  readonly #mixedEnds: boolean;
  readonly #odd: boolean;
  #line = 0;
  /** Start of the current field's line, and where its value begins; -1: there is no current field. */
  #start = -1;
  #valueAt = 0;
  #name = '';
  #firstLine = 0;

  constructor(
    private readonly text: string,
    private readonly maxFields: number,
  ) {
    this.#mixedEnds = text.includes('\r\n') && /(?:^|[^\r])\n/.test(text);
    this.#odd = ODD.test(text);
  }

  read(): HeaderSection {
    const { text } = this;
    let at = 0;
    let end = 0;
    while (at < text.length) {
      const newline = text.indexOf('\n', at);
      const next = newline < 0 ? text.length : newline + 1;
      const lineEnd = newline < 0 ? next : newline > at && text[newline - 1] === '\r' ? newline - 1 : newline;
      this.#line += 1;
      const first = text[at];
      if (first !== ' ' && first !== '\t') {
        this.#finish(end);
        if (this.#fields.length >= this.maxFields) break;
        this.#begin(at, lineEnd);
      } else if (this.#line === 1) this.#notice('leading-continuation', null);
      this.#lookAtLine(at, lineEnd, newline);
      end = lineEnd;
      at = next;
    }
    this.#finish(end);
    return { fields: this.#fields, defects: this.#defects };
  }

  #begin(at: number, lineEnd: number): void {
    // A line without colon is not searched beyond its end, or many of them would take quadratic time.
    const line = this.text.slice(at, Math.min(lineEnd, at + MAX_LINE));
    const colon = line.indexOf(':');
    const name = colon < 0 ? '' : (NAME.exec(line)?.[0] ?? '');
    const between = line.slice(name.length, colon);
    if (name === '' || between.trim() !== '') {
      this.#notice('no-colon', null);
      return;
    }
    this.#start = at;
    this.#valueAt = at + colon + 1;
    this.#name = name;
    this.#firstLine = this.#line;
    if (between !== '') this.#notice('space-before-colon', name);
  }

  #finish(end: number): void {
    if (this.#start < 0) return;
    this.#start = -1;
    const raw = this.text.slice(this.#valueAt, end);
    const { text: value, badWord, eightBit } = decodeHeaderText(unfold(raw));
    this.#fields.push({
      name: this.#name,
      key: this.#name.toLowerCase(),
      raw,
      value: value.trim(),
      position: this.#fields.length,
    });
    if (badWord) this.#notice('bad-encoded-word', this.#name, this.#firstLine);
    if (eightBit) this.#notice('eight-bit', this.#name, this.#firstLine);
  }

  #lookAtLine(at: number, lineEnd: number, newline: number): void {
    const field = this.#start < 0 ? null : this.#name;
    if (lineEnd - at > MAX_LINE) this.#notice('long-line', field);
    const first = this.text[at];
    if ((first === ' ' || first === '\t') && this.text.slice(at, lineEnd).trim() === '')
      this.#notice('blank-fold', field);
    if (this.#mixedEnds && newline >= 0 && lineEnd === newline) this.#notice('bare-lf', field);
    if (!this.#odd) return;
    const line = this.text.slice(at, lineEnd);
    if (line.includes('\r')) this.#notice('bare-cr', field);
    if (line.includes('\0')) this.#notice('nul', field);
    if (CONTROL.test(line)) this.#notice('control', field);
  }

  #notice(kind: HeaderDefectKind, field: string | null, line = this.#line): void {
    if (this.#defects.length < MAX_DEFECTS) this.#defects.push({ kind, field, line });
  }
}

/** RFC 5322 §2.2.3: the line end goes, the space stays. */
export function unfold(raw: string): string {
  return raw.includes('\n') ? raw.replace(/\r?\n/g, '') : raw;
}

const KNOWN_NAME =
  /^(?:from|to|cc|bcc|subject|date|message-id|mime-version|content-type|content-transfer-encoding|content-disposition|received|return-path|reply-to|sender|list-[a-z]+|dkim-signature|authentication-results|in-reply-to|references|precedence|x-[a-z0-9-]+)[ \t]*:/i;
/** A person hardly begins a text with these. */
const TECHNICAL_NAME =
  /^(?:bcc|message-id|mime-version|content-type|content-transfer-encoding|received|return-path|list-[a-z]+|dkim-signature|authentication-results|in-reply-to|references|x-[a-z0-9-]+)[ \t]*:/i;

/**
 * Does the body begin with more of a header section? Readers that take a line of
 * space, or a bare CR, for no end would read it as one. A text may quote fields
 * (`From: Anna`), so one line must be technical or two in a row be fields.
 */
export function looksLikeFields(bodyStart: string): boolean {
  const [first = '', second = ''] = bodyStart.split('\n', 2);
  return TECHNICAL_NAME.test(first) || (KNOWN_NAME.test(first) && KNOWN_NAME.test(second));
}

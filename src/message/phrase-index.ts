/** Many phrases looked for at once: nearly all words of a text are passed by after their first three letters. */

import { kindOf, LETTER, OTHER } from './char-kinds.js';
import { foldText } from './folded-text.js';

export interface PhraseMatch<T> {
  readonly entry: T;
  readonly at: number;
  readonly end: number;
}

interface Phrase<T> {
  readonly folded: string;
  /** Any ending may follow; otherwise the word ends with it. */
  readonly open: boolean;
  readonly entry: T;
}

const SPACE = 0x20;
const MAX_SPACES = 20;
/** Past the end. */
const NONE = 0;
const BEGINNINGS = 16_384;
/** Leaves as many bits as there are beginnings. */
const SHIFT = 18;

/** In texts that `foldText` made. A phrase `abmeld*` stands for all words that begin so. */
export class PhraseIndex<T> {
  /** By what they begin with; shorter ones first. */
  readonly #phrases = new Map<number, Phrase<T>[]>();
  /** Which beginnings there are, by a hash of them. */
  readonly #beginnings = new Uint8Array(BEGINNINGS);

  add(phrase: string, entry: T): void {
    const open = phrase.endsWith('*');
    const folded = foldText(open ? phrase.slice(0, -1) : phrase)
      .replace(/\s+/g, ' ')
      .trim();
    if (folded === '') return;
    // Three characters; two where the second is a space, of which a text may have several.
    const first = folded.charCodeAt(0);
    const second = charAt(folded, 1);
    const third = second === SPACE ? NONE : charAt(folded, 2);
    this.#beginnings[hashOf(first, second, third)] = 1;
    const key = keyOf(first, second, third);
    const added = { folded, open, entry };
    const alike = this.#phrases.get(key);
    if (alike === undefined) this.#phrases.set(key, [added]);
    else alike.splice(placeOf(added, alike), 0, added);
  }

  /** From left to right, at one place shorter ones first; none that begins after `last`. */
  find(folded: string, last = folded.length - 1): readonly PhraseMatch<T>[] {
    const matches: PhraseMatch<T>[] = [];
    let before = OTHER;
    for (let at = 0; at <= last; at++) {
      const code = folded.charCodeAt(at);
      const kind = kindOf(code);
      // Scripts without spaces begin a word at each character.
      const begins = kind !== LETTER || before !== LETTER;
      before = kind;
      if (!begins || code === SPACE) continue;
      const second = charAt(folded, at + 1);
      this.#findAt(folded, at, code, NONE, NONE, matches);
      if (second === NONE) break;
      this.#findAt(folded, at, code, second, NONE, matches);
      const third = second === SPACE ? NONE : charAt(folded, at + 2);
      if (third !== NONE) this.#findAt(folded, at, code, second, third, matches);
    }
    return matches;
  }

  #findAt(text: string, at: number, first: number, second: number, third: number, matches: PhraseMatch<T>[]): void {
    if (this.#beginnings[hashOf(first, second, third)] === 0) return;
    for (const { folded, open, entry } of this.#phrases.get(keyOf(first, second, third)) ?? []) {
      const end = endOf(folded, text, at);
      if (end < 0 || !(open || endsWord(text.charCodeAt(end - 1), text.charCodeAt(end)))) continue;
      matches.push({ entry, at, end });
    }
  }
}

/** After all that are as short; with an ending before without. */
function placeOf<T>({ folded, open }: Phrase<T>, phrases: readonly Phrase<T>[]): number {
  const next = phrases.findIndex(
    (other) => other.folded.length > folded.length || (other.folded === folded && open && !other.open),
  );
  return next < 0 ? phrases.length : next;
}

/** Where the phrase ends that begins at `start`; -1: it does not. A space in it stands for several. */
function endOf(phrase: string, text: string, start: number): number {
  let at = start;
  for (let index = 0; index < phrase.length; index++) {
    const code = phrase.charCodeAt(index);
    if (code !== SPACE) {
      if (text.charCodeAt(at) !== code) return -1;
      at += 1;
      continue;
    }
    if (!isSpace(text.charCodeAt(at))) return -1;
    at += 1;
    for (let count = 0; count < MAX_SPACES && isSpace(text.charCodeAt(at)); count++) at += 1;
  }
  return at;
}

function charAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return Number.isNaN(code) ? NONE : isSpace(code) ? SPACE : code;
}

function keyOf(first: number, second: number, third: number): number {
  return first + second * 0x10000 + third * 0x100000000;
}

function hashOf(first: number, second: number, third: number): number {
  const pair = (second << 16) | first;
  return (Math.imul(pair, 0x9e3779b1) ^ Math.imul(third, 0x85ebca6b)) >>> SHIFT;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09 || code === 0xa0;
}

/** Past the end of the text `next` is NaN. */
function endsWord(last: number, next: number): boolean {
  return Number.isNaN(next) || kindOf(last) !== LETTER || kindOf(next) !== LETTER;
}

/** Many phrases looked for at once, in time that grows with the text alone. */

import { kindOf, LETTER, OTHER } from './char-kinds.js';
import { foldText } from './folded-text.js';

export interface PhraseMatch<T> {
  readonly entry: T;
  readonly at: number;
  readonly end: number;
}

interface Node<T> {
  readonly next: Map<number, Node<T>>;
  /** Phrases that end here, with the word; and those that any ending may follow. */
  whole: T[] | null;
  begun: T[] | null;
}

const SPACE = 0x20;
const MAX_SPACES = 20;

/** In texts that `foldText` made. A phrase `abmeld*` stands for all words that begin so. */
export class PhraseIndex<T> {
  readonly #root: Node<T> = makeNode();

  add(phrase: string, entry: T): void {
    const open = phrase.endsWith('*');
    const folded = foldText(open ? phrase.slice(0, -1) : phrase)
      .replace(/\s+/g, ' ')
      .trim();
    if (folded === '') return;
    let node = this.#root;
    for (let at = 0; at < folded.length; at++) node = step(node, folded.charCodeAt(at));
    if (open) node.begun = [...(node.begun ?? []), entry];
    else node.whole = [...(node.whole ?? []), entry];
  }

  find(folded: string): readonly PhraseMatch<T>[] {
    const matches: PhraseMatch<T>[] = [];
    for (let at = 0; at < folded.length; at++) {
      const code = folded.charCodeAt(at);
      const kind = kindOf(code);
      if (kind === OTHER && code === SPACE) continue;
      // Scripts without spaces begin a word at each character.
      if (kind === LETTER && at > 0 && kindOf(folded.charCodeAt(at - 1)) === LETTER) continue;
      this.#findAt(folded, at, matches);
    }
    return matches;
  }

  #findAt(folded: string, start: number, matches: PhraseMatch<T>[]): void {
    let node = this.#root;
    let at = start;
    while (at < folded.length) {
      const code = folded.charCodeAt(at);
      const space = isSpace(code);
      const next = node.next.get(space ? SPACE : code);
      if (next === undefined) return;
      at += 1;
      if (space) for (let count = 0; count < MAX_SPACES && isSpace(folded.charCodeAt(at)); count++) at += 1;
      node = next;
      if (node.begun !== null) for (const entry of node.begun) matches.push({ entry, at: start, end: at });
      if (node.whole !== null && endsWord(code, folded.charCodeAt(at)))
        for (const entry of node.whole) matches.push({ entry, at: start, end: at });
    }
  }
}

function makeNode<T>(): Node<T> {
  return { next: new Map(), whole: null, begun: null };
}

function step<T>(node: Node<T>, code: number): Node<T> {
  const known = node.next.get(code);
  if (known !== undefined) return known;
  const made = makeNode<T>();
  node.next.set(code, made);
  return made;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === 0x0a || code === 0x0d || code === 0x09 || code === 0xa0;
}

/** Past the end of the text `next` is NaN. */
function endsWord(last: number, next: number): boolean {
  return Number.isNaN(next) || kindOf(last) !== LETTER || kindOf(next) !== LETTER;
}

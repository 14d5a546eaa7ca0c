/** Text as a reader sees it: space collapsed, lines broken at blocks. */

/** Invisible and without meaning: soft hyphen, grapheme joiner, zero-width space, word joiner, byte order mark. */
const INVISIBLE = /\u034f|[\u00ad\u200b\u2060\ufeff]/g;
const SPACES = /[ \t\r\n\f\u00a0]+/g;
/** What `add` would change; most texts are as they should be. */
const UNEVEN = /\u034f|[\t\r\n\f\u00a0\u00ad\u200b\u2060\ufeff]| {2}/;
/** What is before a link is kept so far back. */
const TAIL = 120;

export class TextFlow {
  readonly #pieces: string[] = [];
  /** Space that is owed: '' none, ' ' a space, or line ends; put when a word follows. */
  #owed = '';
  #begun = false;
  /** The piece with which the current block's text begins. */
  #blockFrom = 0;

  /** Adds text; white space is as HTML treats it, unless it is `preformatted`. Returns what became of it. */
  add(text: string, white: 'collapsed' | 'preformatted' = 'collapsed'): string {
    const even = !UNEVEN.test(text);
    const seen = even ? text : text.replace(INVISIBLE, '');
    if (white === 'preformatted') {
      this.#put(seen.replace(/\r\n?/g, '\n'));
      return seen;
    }
    const collapsed = even ? seen : seen.replace(SPACES, ' ');
    if (collapsed === '') return '';
    if (collapsed === ' ') {
      this.#owe(' ');
      return ' ';
    }
    const leading = collapsed.startsWith(' ');
    const trailing = collapsed.endsWith(' ');
    if (leading) this.#owe(' ');
    this.#put(leading || trailing ? collapsed.slice(leading ? 1 : 0, trailing ? -1 : undefined) : collapsed);
    if (trailing) this.#owe(' ');
    return collapsed;
  }

  /** At least so many line ends before the next word. */
  breakLines(count: 1 | 2): void {
    this.#blockFrom = this.#pieces.length;
    this.#owe(count === 1 ? '\n' : '\n\n');
  }

  /** One more line end, as `br` asks for. */
  breakLine(): void {
    this.#blockFrom = this.#pieces.length;
    this.#owed = this.#owed.startsWith('\n') ? (this.#owed.length < 3 ? `${this.#owed}\n` : this.#owed) : '\n';
  }

  /** The end of the current block's text. */
  get tail(): string {
    let tail = '';
    for (let at = this.#pieces.length - 1; at >= this.#blockFrom && tail.length < TAIL; at--)
      tail = (this.#pieces[at] ?? '') + tail;
    return tail.slice(-TAIL);
  }

  toString(): string {
    return this.#pieces.join('');
  }

  #owe(space: ' ' | '\n' | '\n\n'): void {
    if (space.length > this.#owed.length || (this.#owed === ' ' && space !== ' ')) this.#owed = space;
  }

  #put(text: string): void {
    if (text === '') return;
    const space = this.#begun ? this.#owed : '';
    this.#owed = '';
    this.#begun = true;
    if (space !== '') {
      this.#pieces.push(space);
      if (space !== ' ') this.#blockFrom = this.#pieces.length;
    }
    this.#pieces.push(text);
  }
}

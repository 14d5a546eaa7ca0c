/** Text as a reader sees it: space collapsed, lines broken at blocks. */

/** Invisible and without meaning: soft hyphen, grapheme joiner, zero-width space, word joiner, byte order mark. */
const INVISIBLE = /\u034f|[\u00ad\u200b\u2060\ufeff]/g;
const ANY_INVISIBLE = /\u034f|[\u00ad\u200b\u2060\ufeff]/;
const SPACES = /[ \t\r\n\f\u00a0]+/g;
const BEGINS_WITH_SPACE = /^[ \t\r\n\f\u00a0]/;
/** What is before a link is kept so far back. */
const TAIL = 120;

export class TextFlow {
  readonly #pieces: string[] = [];
  /** Space that is owed: '' none, ' ' a space, or line ends; put when a word follows. */
  #owed = '';
  #begun = false;
  #tail = '';

  /** Adds text; white space is as HTML treats it, unless it is `preformatted`. Returns what became of it. */
  add(text: string, white: 'collapsed' | 'preformatted' = 'collapsed'): string {
    const seen = ANY_INVISIBLE.test(text) ? text.replace(INVISIBLE, '') : text;
    if (white === 'preformatted') {
      this.#put(seen.replace(/\r\n?/g, '\n'));
      return seen;
    }
    const collapsed = seen.replace(SPACES, ' ');
    if (collapsed === '') return '';
    if (collapsed === ' ') {
      this.#owe(' ');
      return ' ';
    }
    if (BEGINS_WITH_SPACE.test(collapsed)) this.#owe(' ');
    const trailing = collapsed.endsWith(' ');
    this.#put(collapsed.slice(collapsed.startsWith(' ') ? 1 : 0, trailing ? -1 : undefined));
    if (trailing) this.#owe(' ');
    return collapsed;
  }

  /** At least so many line ends before the next word. */
  breakLines(count: 1 | 2): void {
    this.#tail = '';
    this.#owe(count === 1 ? '\n' : '\n\n');
  }

  /** One more line end, as `br` asks for. */
  breakLine(): void {
    this.#tail = '';
    this.#owed = this.#owed.startsWith('\n') ? (this.#owed.length < 3 ? `${this.#owed}\n` : this.#owed) : '\n';
  }

  /** The end of the current block's text. */
  get tail(): string {
    return this.#tail;
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
    if (space !== '') this.#pieces.push(space);
    this.#pieces.push(text);
    this.#tail = (this.#tail + (space === ' ' ? ' ' : '') + text.slice(-TAIL)).slice(-TAIL);
  }
}

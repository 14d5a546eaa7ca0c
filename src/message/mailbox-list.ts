/** Address lists of header fields (RFC 5322 §3.4, with what was allowed before and what senders get wrong). */

import { parseAddress } from '../smtp/path.js';
import { type AddressToken, tokenizeAddresses } from './address-tokens.js';
import { decodeWords, readEightBit } from './encoded-words.js';
import type { Mailbox, MailboxList } from './findings.js';
import { fieldsNamed } from './header-fields.js';
import { unfold } from './header-section.js';
import type { HeaderSection } from './inspection.js';

/** Reads an address list: the raw value of a From, To … field. */
export function parseMailboxList(raw: string): MailboxList {
  return new ListReader(readEightBit(unfold(raw)).text, 'raw').read();
}

/** Several finders ask for those of the same header section; each field is read once. */
const known = new WeakMap<HeaderSection, Map<string, MailboxList>>();

/** The mailboxes of all fields of this name (lower case) together. */
export function mailboxesOf(header: HeaderSection, key: string): MailboxList {
  const lists = known.get(header) ?? new Map<string, MailboxList>();
  known.set(header, lists);
  const before = lists.get(key);
  if (before !== undefined) return before;
  const read = readAll(header, key);
  lists.set(key, read);
  return read;
}

function readAll(header: HeaderSection, key: string): MailboxList {
  const lists = fieldsNamed(header, key).map(({ raw }) => parseMailboxList(raw));
  return {
    mailboxes: lists.flatMap(({ mailboxes }) => mailboxes),
    malformed: lists.some(({ malformed }) => malformed),
    groups: lists.flatMap(({ groups }) => groups),
  };
}

class ListReader {
  readonly #mailboxes: Mailbox[] = [];
  readonly #groups: string[] = [];
  #malformed = false;
  #group: string | null = null;
  /** Of the mailbox that is read: words outside of angle brackets, those within, and comments. */
  #words: AddressToken[] = [];
  #angle: AddressToken[] | null = null;
  #inAngle = false;
  #comments: string[] = [];

  constructor(
    private readonly text: string,
    /** `decoded`: an encoded word was read, and is not looked into again. */
    private readonly level: 'raw' | 'decoded',
  ) {}

  read(): MailboxList {
    const { tokens, unclosed } = tokenizeAddresses(this.text);
    this.#malformed = unclosed;
    for (const token of tokens) this.#take(token);
    if (this.#inAngle) this.#malformed = true;
    this.#finish();
    return { mailboxes: this.#mailboxes, malformed: this.#malformed, groups: this.#groups };
  }

  #take(token: AddressToken): void {
    if (token.kind === 'comment') {
      this.#comments.push(token.value);
      return;
    }
    if (this.#inAngle) this.#takeInAngle(token);
    else if (token.kind !== 'special') this.#words.push(token);
    else this.#takeSpecial(token);
  }

  #takeSpecial(token: AddressToken): void {
    const char = token.text;
    if (char === ',') this.#finish();
    else if (char === '>') this.#malformed = true;
    else if (char === ';') {
      // Outside of a group: a habit of other programs' address lines.
      if (this.#group === null) this.#malformed = true;
      this.#finish();
      this.#group = null;
    } else if (char === '<') {
      if (this.#angle !== null) this.#malformed = true;
      this.#angle = [];
      this.#inAngle = true;
    } else if (char === ':' && this.#group === null && this.#angle === null) this.#beginGroup();
    else this.#words.push(token);
  }

  #takeInAngle(token: AddressToken): void {
    const angle = this.#angle ?? [];
    if (token.text === '>' && token.kind === 'special') {
      this.#inAngle = false;
      return;
    }
    // Commas are for source routes (RFC 5322 §4.4); elsewhere the bracket was forgotten.
    if (token.text === ',' && token.kind === 'special' && angle[0]?.text !== '@') {
      this.#inAngle = false;
      this.#malformed = true;
      this.#finish();
      return;
    }
    angle.push(token);
  }

  #beginGroup(): void {
    this.#group = nameOf(this.#words);
    this.#groups.push(this.#group);
    this.#words = [];
    this.#comments = [];
  }

  #finish(): void {
    const words = this.#words;
    const angle = this.#angle;
    const comments = this.#comments;
    this.#words = [];
    this.#angle = null;
    this.#comments = [];
    if (angle !== null) {
      this.#add(nameOf(words), spellingOf(angle), comments);
      return;
    }
    if (words.length === 0) return;
    const at = words.findIndex(({ kind, text }) => kind === 'special' && text === '@');
    if (at < 0) this.#finishWithoutAddress(words);
    else {
      const [from, to] = addressAround(words, at);
      const rest = [...words.slice(0, from), ...words.slice(to)];
      if (rest.length > 0) this.#malformed = true;
      this.#add(nameOf(rest), spellingOf(words.slice(from, to)), comments);
    }
  }

  /** RFC 2047 §5 lets no encoded word stand for an address; where one does, mail programs show it all the same. */
  #finishWithoutAddress(words: readonly AddressToken[]): void {
    this.#malformed = true;
    const name = nameOf(words);
    if (this.level === 'raw' && name.includes('@')) {
      for (const mailbox of new ListReader(name, 'decoded').read().mailboxes)
        this.#mailboxes.push({ ...mailbox, group: this.#group });
      return;
    }
    this.#mailboxes.push({ name, address: null, spelling: '', group: this.#group });
  }

  #add(name: string, spelling: string, comments: readonly string[]): void {
    const address = spelling === '' ? null : parseAddress(spelling);
    if (address === null) this.#malformed = true;
    const shown = name === '' ? decodeWords(comments.join(' ')).text.trim() : name;
    this.#mailboxes.push({ name: shown, address, spelling, group: this.#group });
  }
}

/** The words next to an `@` that belong to it: up to space, unless a dot bridges it (RFC 5322 §4.4). */
function addressAround(words: readonly AddressToken[], at: number): readonly [number, number] {
  const joins = (left: AddressToken | undefined, right: AddressToken | undefined): boolean =>
    left !== undefined &&
    right !== undefined &&
    (!right.apart || left.text.endsWith('.') || right.text.startsWith('.')) &&
    right.text !== '@';
  let from = at > 0 ? at - 1 : at;
  while (from > 0 && joins(words[from - 1], words[from])) from -= 1;
  let to = Math.min(at + 2, words.length);
  while (to < words.length && joins(words[to - 1], words[to])) to += 1;
  return [from, to];
}

/** Without space, comments and a source route. */
function spellingOf(tokens: readonly AddressToken[]): string {
  const colon = tokens[0]?.text === '@' ? tokens.findIndex(({ text }) => text === ':') : -1;
  return tokens
    .slice(colon + 1)
    .map(({ text }) => text)
    .join('');
}

function nameOf(words: readonly AddressToken[]): string {
  const raw = words.map(({ value, apart }, index) => (apart && index > 0 ? ` ${value}` : value)).join('');
  return decodeWords(raw).text.replace(/\s+/g, ' ').trim();
}

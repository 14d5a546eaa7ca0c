/**
 * What a message has in common with others of its kind: pairs of words (three
 * characters in scripts without spaces) of its visible text, and the shapes of its
 * links. Names, numbers, greetings, quotations and what companies put under every
 * mail are left out.
 */

import { foldText } from './folded-text.js';
import { firstValue } from './header-fields.js';
import type { HeaderSection, Image, Link, TextPart } from './inspection.js';
import { linkShape } from './link-shape.js';
import { mailboxesOf } from './mailbox-list.js';
import type { Words } from './words.js';

export interface AlikeSource {
  readonly header: HeaderSection;
  readonly texts: readonly TextPart[];
  readonly links: readonly Link[];
  readonly images: readonly Image[];
}

const MAX_TEXT = 256 * 1024;
const MAX_GREETING_WORDS = 6;
const WORD =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]|(?:(?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}])[\p{L}\p{N}])+/gu;
const IDEOGRAPH = /^[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]$/u;
const URLS_AND_ADDRESSES = /\b(?:https?:\/\/|www\.)[^\s<>]{1,8192}|[^\s<>@]{1,128}@[^\s<>@]{1,255}/g;
const ORIGINAL =
  /^\s*-{2,}\s*(?:original|forwarded|weitergeleitete|ursprungliche|message|mensaje|mensagem|messaggio|oorspronkelijk|doorgestuurd|исходное|пересыл)/i;
const LONGEST_WORD = 30;

/** Features of one kind of text; empty where the message has none. */
export function alikeFeatures(source: AlikeSource, kind: 'plain' | 'html', words: Words): ReadonlySet<string> {
  const features = new Set<string>();
  const names = namesOf(source.header);
  let left = MAX_TEXT;
  for (const text of source.texts) {
    if (text.embedded || text.kind !== kind || left <= 0) continue;
    addShingles(features, ownLines(text.visible.slice(0, left), words).join('\n'), names);
    left -= text.visible.length;
  }
  const links = source.links.filter((link) => !link.embedded && isOf(source, link.part, kind));
  for (const { url } of links) features.add(`link ${linkShape(url)}`);
  if (kind === 'html') for (const { url } of source.images) features.add(`image ${linkShape(url)}`);
  if (features.size > 0) addShingles(features, firstValue(source.header, 'subject')?.slice(0, 500) ?? '', names);
  return features;
}

function isOf({ texts }: AlikeSource, part: string, kind: TextPart['kind']): boolean {
  return texts.some((text) => text.part === part && text.kind === kind);
}

/** Words of the readers' names and addresses: they are what differs. */
function namesOf(header: HeaderSection): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, address } of mailboxesOf(header, 'to').mailboxes.slice(0, 50)) {
    for (const text of [name, address?.local ?? ''])
      for (const word of foldText(text).match(/[\p{L}\p{N}]{2,}/gu) ?? []) names.add(word);
  }
  return names;
}

/** Without greeting, quotations, signature and disclaimer. */
function ownLines(text: string, words: Words): readonly string[] {
  const own: string[] = [];
  for (const line of text.split('\n')) {
    const trimmed = line.trim();
    if (line === '-- ' || ORIGINAL.test(trimmed)) break;
    if (trimmed === '' || trimmed.startsWith('>')) continue;
    const folded = foldText(trimmed.slice(0, 200));
    if (own.length > 0 && words.disclaimers.find(folded.slice(0, 80)).some(({ at }) => at <= 2)) break;
    // "On Monday Anna wrote:" and what follows.
    if (own.length > 0 && /:$/.test(trimmed) && words.wrote.find(folded).length > 0) break;
    if (own.length < 2 && isGreeting(folded, words)) continue;
    own.push(trimmed);
  }
  return own;
}

function isGreeting(folded: string, words: Words): boolean {
  return (
    folded.split(/\s+/, MAX_GREETING_WORDS + 1).length <= MAX_GREETING_WORDS &&
    words.greetings.find(folded).some(({ at }) => at === 0)
  );
}

function addShingles(features: Set<string>, text: string, names: ReadonlySet<string>): void {
  let before = '';
  let beforeThat = '';
  for (const [word] of foldText(text.replace(URLS_AND_ADDRESSES, ' ')).matchAll(WORD)) {
    if (names.has(word) || word.length > LONGEST_WORD) continue;
    // Numbers, codes, dates and amounts are one word, however long.
    const token = /\d/.test(word) ? '0' : word;
    if (token === '0' && before === '0') continue;
    const ideographs = IDEOGRAPH.test(token);
    if (ideographs && IDEOGRAPH.test(before)) {
      if (beforeThat !== '') features.add(`${beforeThat} ${before} ${token}`);
    } else if (before !== '') features.add(`${before} ${token}`);
    beforeThat = IDEOGRAPH.test(before) && ideographs ? before : '';
    before = token;
  }
}

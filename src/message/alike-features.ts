/**
 * What a message has in common with others of its kind: pairs of words (three
 * characters in scripts without spaces) of its visible text, and the shapes of its
 * links. Names, numbers, greetings, quotations and what companies put under every
 * mail are left out.
 */

import { IDEOGRAPH, kindOf, LETTER } from './char-kinds.js';
import { foldText } from './folded-text.js';
import { firstValue } from './header-fields.js';
import type { HeaderSection, Image, Link, TextPart } from './inspection.js';
import { linkShape } from './link-shape.js';
import { mailboxesOf } from './mailbox-list.js';
import { hashOf } from './min-hash.js';
import type { Words } from './words.js';

export interface AlikeSource {
  readonly header: HeaderSection;
  readonly texts: readonly TextPart[];
  readonly links: readonly Link[];
  readonly images: readonly Image[];
}

const MAX_TEXT = 256 * 1024;
const MAX_GREETING_WORDS = 6;
const URLS = /\b(?:https?:\/\/|www\.)[^\s<>]{1,8192}/g;
const ADDRESSES = /[^\s<>@]{1,128}@[^\s<>@]{1,255}/g;
const ORIGINAL =
  /^\s*-{2,}\s*(?:original|forwarded|weitergeleitete|ursprungliche|message|mensaje|mensagem|messaggio|oorspronkelijk|doorgestuurd|исходное|пересыл)/i;
const LONGEST_WORD = 30;

/** Features of one kind of text; empty where the message has none. */
export function alikeFeatures(source: AlikeSource, kind: 'plain' | 'html', words: Words): ReadonlySet<number> {
  const features = new Set<number>();
  const names = namesOf(source.header);
  let left = MAX_TEXT;
  for (const text of source.texts) {
    if (text.embedded || text.kind !== kind || left <= 0) continue;
    addShingles(features, ownLines(text.visible.slice(0, left), words).join('\n'), names);
    left -= text.visible.length;
  }
  const links = source.links.filter((link) => !link.embedded && isOf(source, link.part, kind));
  for (const { url } of links) features.add(hashOf(`link ${linkShape(url)}`));
  if (kind === 'html') for (const { url } of source.images) features.add(hashOf(`image ${linkShape(url)}`));
  if (features.size > 0) addShingles(features, firstValue(source.header, 'subject')?.slice(0, 500) ?? '', names);
  return features;
}

function isOf({ texts }: AlikeSource, part: string, kind: TextPart['kind']): boolean {
  return texts.some((text) => text.part === part && text.kind === kind);
}

/** Words of the readers' names and addresses: they are what differs. */
function namesOf(header: HeaderSection): ReadonlySet<number> {
  const names = new Set<number>();
  for (const { name, address } of mailboxesOf(header, 'to').mailboxes.slice(0, 50)) {
    for (const text of [name, address?.local ?? '']) eachWord(foldText(text), (word) => names.add(word));
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
    if (own.length > 0 && words.disclaimers.find(folded.slice(0, 80), 2).length > 0) break;
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
    words.greetings.find(folded, 0).length > 0
  );
}

function addShingles(features: Set<number>, text: string, names: ReadonlySet<number>): void {
  let before = NONE;
  let beforeThat = NONE;
  let idea = false;
  eachWord(foldText(withoutAddresses(text)), (word, ideograph) => {
    if (names.has(word) || (word === NUMBER && before === NUMBER)) return;
    if (ideograph && idea) {
      if (beforeThat !== NONE) features.add(joined(joined(beforeThat, before), word));
    } else if (before !== NONE) features.add(joined(before, word));
    beforeThat = idea && ideograph ? before : NONE;
    before = word;
    idea = ideograph;
  });
}

/** They are what differs from reader to reader. */
function withoutAddresses(text: string): string {
  const clean = text.includes('://') || text.includes('www.') ? text.replace(URLS, ' ') : text;
  return clean.includes('@') ? clean.replace(ADDRESSES, ' ') : clean;
}

const NONE = 0;
/** Numbers, codes, dates and amounts are one word, however long. */
const NUMBER = 1;

/** Hashes of the words; those too long to be any are left out. */
function eachWord(folded: string, take: (word: number, ideograph: boolean) => void): void {
  let at = 0;
  while (at < folded.length) {
    const kind = kindOf(folded.charCodeAt(at));
    if (kind !== LETTER) {
      if (kind === IDEOGRAPH) take(hashOf(folded.charAt(at)), true);
      at += 1;
      continue;
    }
    let hash = 0x811c9dc5;
    let digits = false;
    const start = at;
    for (; at < folded.length; at++) {
      const code = folded.charCodeAt(at);
      if (kindOf(code) !== LETTER) break;
      hash = Math.imul(hash ^ code, 0x01000193);
      if (code >= 0x30 && code <= 0x39) digits = true;
    }
    if (at - start <= LONGEST_WORD) take(digits ? NUMBER : hash >>> 0, false);
  }
}

function joined(one: number, other: number): number {
  const mixed = Math.imul(Math.imul(one, 0x9e3779b1) ^ other, 0x85ebca6b);
  return (mixed ^ (mixed >>> 13)) >>> 0;
}

/** Words by which the finders know what a text says, a file for each language in `words/`. */

import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import { foldText } from './folded-text.js';
import { PhraseIndex } from './phrase-index.js';

const phrases = z.array(z.string().min(1).max(100)).max(1_000).default([]);

/** Case, accents and hyphens do not matter; `abmeld*` is any word that begins so. */
const languageWords = z.strictObject({
  language: z
    .string()
    .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]+)*$/)
    .describe('ISO 639: en, pt …'),
  unsubscribe: phrases.describe('To leave a list, as links and sentences say it.'),
  inUrl: phrases.describe('Parts of URLs of pages to leave a list, in lower case.'),
  here: phrases.describe('Texts of links that say nothing: `here`.'),
  reply: phrases.describe('To reply, to write to.'),
  subject: phrases.describe('The subject line.'),
  remove: phrases.describe('Words to write for leaving.'),
  topic: phrases.describe(
    'What speaks of leaving in the sentence that says how soon; with `~` before it only after one that does.',
  ),
  effect: phrases.describe('To take effect, to be processed.'),
  hours: phrases,
  days: phrases,
  weeks: phrases,
  months: phrases,
  adjectives: phrases.describe('Between number and unit: `business`.'),
  numbers: z.record(z.string(), z.number().int().min(1).max(1_000)).default({}),
  atOnce: phrases.describe('Immediately.'),
  times: z.record(z.string(), z.number().min(0).max(10_000)).default({}).describe('Words that are a time, in hours.'),
  replyPrefixes: phrases.describe('Of subjects: `re`.'),
  forwardPrefixes: phrases.describe('Of subjects: `fwd`.'),
  greetings: phrases.describe('Lines that begin so greet one reader and are not looked at for alikeness.'),
  wrote: phrases.describe('Ends the line before a quotation: `wrote`.'),
  disclaimers: phrases.describe(
    'Beginnings of what companies put under everything; the rest is not looked at for alikeness.',
  ),
  streets: phrases.describe('Words of street names.'),
  streetEndings: phrases.describe('Ends of street names written as one word.'),
  poBoxes: phrases,
});

export type LanguageWords = z.output<typeof languageWords>;

export type WordsResult =
  | { readonly ok: true; readonly words: LanguageWords }
  | { readonly ok: false; readonly reason: string };

/** Reads the text of a file of words. */
export function parseWords(text: string): WordsResult {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : 'not JSON' };
  }
  const parsed = languageWords.safeParse(json);
  if (parsed.success) return { ok: true, words: parsed.data };
  const [issue] = parsed.error.issues;
  return {
    ok: false,
    reason: issue === undefined ? 'not a file of words' : `${issue.path.join('.')}: ${issue.message}`,
  };
}

/** What a phrase in a sentence stands for. */
export type PhraseRole =
  | 'unsubscribe'
  | 'reply'
  | 'subject'
  | 'remove'
  | 'topic'
  | 'weak-topic'
  | 'effect'
  | 'hours'
  | 'days'
  | 'weeks'
  | 'months'
  | 'at-once'
  | 'time';

export interface Phrase {
  readonly language: string;
  readonly role: PhraseRole;
  readonly phrase: string;
  /** Of a `time`, hours. */
  readonly hours: number;
}

/** Words of all languages, ready to be looked for. */
export interface Words {
  readonly languages: readonly LanguageWords[];
  /** What sentences are searched for. */
  readonly inSentences: PhraseIndex<Phrase>;
  readonly here: ReadonlySet<string>;
  readonly inUrl: UrlWords;
  /** By language: what may stand between a number and its unit, and numbers, longest first. */
  readonly counting: ReadonlyMap<string, Counting>;
  readonly replyPrefixes: ReadonlySet<string>;
  readonly forwardPrefixes: ReadonlySet<string>;
  readonly streets: PhraseIndex<'street' | 'po-box'>;
  /** Street names of one word, with their number; null: no language has them. */
  readonly streetEnding: RegExp | null;
  readonly greetings: PhraseIndex<true>;
  readonly disclaimers: PhraseIndex<true>;
  readonly wrote: PhraseIndex<true>;
}

export interface UrlWords {
  readonly phrases: readonly { readonly language: string; readonly phrase: string }[];
  /** Any of them, so that a URL without one is looked at once; null: there are none. */
  readonly any: RegExp | null;
}

export interface Counting {
  readonly adjectives: readonly string[];
  readonly numbers: readonly (readonly [word: string, value: number])[];
}

/** Those that Sluice brings, and more; a language may be in several files. */
export function wordsWith(more: readonly LanguageWords[]): Words {
  return more.length === 0 ? builtInWords() : wordsWhenAsked(more);
}

let builtIn: Words | undefined;

/** What Sluice brings. */
export function builtInWords(): Words {
  builtIn ??= wordsWhenAsked([]);
  return builtIn;
}

let files: readonly LanguageWords[] | undefined;

function shipped(): readonly LanguageWords[] {
  files ??= readShipped();
  return files;
}

/** Ours need no check by the schema, which takes longer than all the rest; `test/message/languages.test.ts` has it. */
function readShipped(): readonly LanguageWords[] {
  const folder = new URL('words/', import.meta.url);
  const nothing = languageWords.parse({ language: 'en' });
  return readdirSync(folder)
    .sort()
    .map((name) => ({ ...nothing, ...JSON.parse(readFileSync(new URL(name, folder), 'utf8')) }));
}

const SENTENCE_ROLES = [
  'unsubscribe',
  'reply',
  'subject',
  'remove',
  'effect',
  'hours',
  'days',
  'weeks',
  'months',
] as const;

/** Read and made ready when first asked for: who looks for no words pays for none. */
function wordsWhenAsked(more: readonly LanguageWords[]): Words {
  const words: Words = whenAsked<Words>({
    languages: () => [...shipped(), ...more],
    inSentences: () => sentencePhrases(words.languages),
    here: () => folded(words.languages, 'here'),
    inUrl: () => urlWords(words.languages),
    counting: () => new Map(words.languages.map((each) => [each.language, countingOf(each)])),
    replyPrefixes: () => folded(words.languages, 'replyPrefixes'),
    forwardPrefixes: () => folded(words.languages, 'forwardPrefixes'),
    streets: () => streetPhrases(words.languages),
    streetEnding: () => streetEnding(words.languages),
    greetings: () => lineBeginnings(words.languages, 'greetings'),
    disclaimers: () => lineBeginnings(words.languages, 'disclaimers'),
    wrote: () => lineBeginnings(words.languages, 'wrote'),
  });
  return words;
}

/** An object whose properties are made once, each when it is first asked for. */
function whenAsked<T extends object>(makers: { readonly [K in keyof T]: () => T[K] }): T {
  const made = {} as T;
  for (const name of Object.keys(makers) as (keyof T)[]) {
    const get = (): T[keyof T] => {
      const value = makers[name]();
      Object.defineProperty(made, name, { value });
      return value;
    };
    Object.defineProperty(made, name, { get, configurable: true, enumerable: true });
  }
  return made;
}

function sentencePhrases(languages: readonly LanguageWords[]): PhraseIndex<Phrase> {
  const index = new PhraseIndex<Phrase>();
  for (const words of languages) {
    const { language } = words;
    const add = (phrase: string, role: PhraseRole, hours = 0): void =>
      index.add(phrase, { language, role, phrase, hours });
    for (const role of SENTENCE_ROLES) for (const phrase of words[role]) add(phrase, role);
    for (const phrase of words.topic) {
      if (phrase.startsWith('~')) add(phrase.slice(1), 'weak-topic');
      else add(phrase, 'topic');
    }
    for (const phrase of words.atOnce) add(phrase, 'at-once');
    for (const [phrase, hours] of Object.entries(words.times)) add(phrase, 'time', hours);
  }
  return index;
}

function countingOf({ adjectives, numbers }: LanguageWords): Counting {
  const longestFirst = (one: string, other: string): number => other.length - one.length;
  return {
    adjectives: adjectives.map(foldText).sort(longestFirst),
    numbers: Object.entries(numbers)
      .map(([word, value]) => [foldText(word), value] as const)
      .sort(([one], [other]) => longestFirst(one, other)),
  };
}

function streetPhrases(languages: readonly LanguageWords[]): PhraseIndex<'street' | 'po-box'> {
  const index = new PhraseIndex<'street' | 'po-box'>();
  for (const { streets, poBoxes } of languages) {
    for (const phrase of streets) index.add(phrase, 'street');
    for (const phrase of poBoxes) index.add(phrase, 'po-box');
  }
  return index;
}

function streetEnding(languages: readonly LanguageWords[]): RegExp | null {
  const endings = languages.flatMap(({ streetEndings }) => streetEndings.map((ending) => escaped(foldText(ending))));
  if (endings.length === 0) return null;
  return new RegExp(`\\p{L}{2}(?:${endings.join('|')})\\.? {1,2}\\d{1,4}(?!\\d)`, 'u');
}

function urlWords(languages: readonly LanguageWords[]): UrlWords {
  const phrases = languages.flatMap(({ language, inUrl }) =>
    inUrl.map((phrase) => ({ language, phrase: phrase.toLowerCase() })),
  );
  return {
    phrases,
    any: phrases.length === 0 ? null : new RegExp(phrases.map(({ phrase }) => escaped(phrase)).join('|')),
  };
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

function folded(languages: readonly LanguageWords[], list: 'here' | 'replyPrefixes' | 'forwardPrefixes'): Set<string> {
  return new Set(languages.flatMap((words) => words[list].map(foldText)));
}

function lineBeginnings(
  languages: readonly LanguageWords[],
  list: 'greetings' | 'disclaimers' | 'wrote',
): PhraseIndex<true> {
  const index = new PhraseIndex<true>();
  for (const words of languages) for (const phrase of words[list]) index.add(phrase, true);
  return index;
}

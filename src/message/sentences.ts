/** A text cut in sentences, with the phrases that are in each. */

import { collapseSpace } from './collapse-space.js';
import { foldText } from './folded-text.js';
import type { TextPart } from './inspection.js';
import type { PhraseMatch } from './phrase-index.js';
import type { Phrase, PhraseRole, Words } from './words.js';

export interface Sentence {
  /** As written, space collapsed. */
  readonly text: string;
  readonly folded: string;
  readonly matches: readonly PhraseMatch<Phrase>[];
  /** Roles of the matches, by language. */
  readonly roles: ReadonlyMap<string, ReadonlySet<PhraseRole>>;
}

/** Of a longer text the beginning and the end are looked at: that is where mail says what we look for. */
const FIRST = 1_000;
const LAST = 3_000;

const MAX_SENTENCE = 600;
/** A line this long was broken by its width and not by its sense. */
const WRAPPED = 45;

/** Several finders ask for those of the same text; each is cut once. */
const known = new WeakMap<TextPart, { readonly words: Words; readonly sentences: readonly Sentence[] }>();

export function sentencesOf(text: TextPart, words: Words): readonly Sentence[] {
  const before = known.get(text);
  if (before?.words === words) return before.sentences;
  const all = cutSentences(text.visible);
  const looked = all.length > FIRST + LAST ? [...all.slice(0, FIRST), ...all.slice(-LAST)] : all;
  const sentences = looked.map((sentence) => {
    const folded = foldText(sentence);
    const matches = words.inSentences.find(folded);
    return { text: sentence, folded, matches, roles: rolesOf(matches) };
  });
  known.set(text, { words, sentences });
  return sentences;
}

const NO_ROLES: Sentence['roles'] = new Map();

function rolesOf(matches: Sentence['matches']): Sentence['roles'] {
  if (matches.length === 0) return NO_ROLES;
  const roles = new Map<string, Set<PhraseRole>>();
  for (const { entry } of matches) {
    const known = roles.get(entry.language);
    if (known === undefined) roles.set(entry.language, new Set([entry.role]));
    else known.add(entry.role);
  }
  return roles;
}

/** Has the sentence one of the roles in this language? */
export function speaks({ roles }: Sentence, language: string, ...wanted: readonly PhraseRole[]): boolean {
  const known = roles.get(language);
  return known !== undefined && wanted.some((role) => known.has(role));
}

const QUOTED = /^\s*>[>\s]*/;

export function cutSentences(text: string): readonly string[] {
  const sentences: string[] = [];
  let rest = '';
  let last = '';
  for (const line of text.split('\n')) {
    const trimmed = collapseSpace(QUOTED.test(line) ? line.replace(QUOTED, '') : line);
    if (trimmed === '') {
      pushSentences(sentences, rest);
      rest = '';
      continue;
    }
    if (rest !== '' && (rest.length >= MAX_SENTENCE || !goesOn(last, trimmed))) {
      pushSentences(sentences, rest);
      rest = '';
    }
    rest = rest === '' ? trimmed : `${rest} ${trimmed}`;
    last = trimmed;
  }
  pushSentences(sentences, rest);
  return sentences;
}

/** A long line, or one that the next goes on in the middle of. */
function goesOn(line: string, next: string): boolean {
  return line.length >= WRAPPED || (/[\p{L}\p{N},]$/u.test(line) && /^[\p{Ll}\p{N}]/u.test(next));
}

/** A full stop with space after it, ideographic ones without, bars and bullets between items. */
const ENDS = /(?<=[.!?…]['"”»)]?) | ?[|•·] ?|(?<=[。！？؟])/;
/** What ends in a full stop and no sentence. */
const ABBREVIATION =
  /(?:^|\s)(?:\p{L}|str|no|nr|ul|tel|ca|bzw|z\.\s?b|e\.g|i\.e|etc|mr|mrs|ms|dr|inc|ltd|approx|std|godz|дн|ч)\.$/iu;

function pushSentences(sentences: string[], paragraph: string): void {
  if (paragraph === '') return;
  let begun = '';
  for (const piece of paragraph.split(ENDS)) {
    const joined = begun === '' ? piece : `${begun} ${piece}`;
    if (ABBREVIATION.test(piece.slice(-12)) && joined.length < MAX_SENTENCE) {
      begun = joined;
      continue;
    }
    begun = '';
    for (let at = 0; at < joined.length; at += MAX_SENTENCE) {
      const sentence = joined.slice(at, at + MAX_SENTENCE).trim();
      if (sentence !== '') sentences.push(sentence);
    }
  }
  if (begun !== '') sentences.push(begun);
}

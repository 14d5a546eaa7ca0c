/** A text cut in sentences, with the phrases that are in each. */

import { foldText } from './folded-text.js';
import type { TextPart } from './inspection.js';
import type { PhraseMatch } from './phrase-index.js';
import type { Phrase, Words } from './words.js';

export interface Sentence {
  /** As written, space collapsed. */
  readonly text: string;
  readonly folded: string;
  readonly matches: readonly PhraseMatch<Phrase>[];
}

const MAX_SENTENCE = 600;
/** A line this long was broken by its width and not by its sense. */
const WRAPPED = 45;

/** Several finders ask for those of the same text; each is cut once. */
const known = new WeakMap<TextPart, { readonly words: Words; readonly sentences: readonly Sentence[] }>();

export function sentencesOf(text: TextPart, words: Words): readonly Sentence[] {
  const before = known.get(text);
  if (before?.words === words) return before.sentences;
  const sentences = cutSentences(text.visible).map((sentence) => {
    const folded = foldText(sentence);
    return { text: sentence, folded, matches: words.inSentences.find(folded) };
  });
  known.set(text, { words, sentences });
  return sentences;
}

export function cutSentences(text: string): readonly string[] {
  const sentences: string[] = [];
  let rest = '';
  let last = '';
  for (const line of text.split('\n')) {
    const trimmed = line
      .replace(/^[>\s]+/, '')
      .replace(/\s+/g, ' ')
      .trimEnd();
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

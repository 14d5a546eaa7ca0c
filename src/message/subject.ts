import type { SubjectFinding } from './findings.js';
import { foldText } from './folded-text.js';
import { firstValue } from './header-fields.js';
import type { Inspection } from './inspection.js';
import { refersToAnother } from './message-kind.js';
import type { Words } from './words.js';

/** `Re:`, `RE[2]:`, `Fwd (3):`, `回复：`; a list's tag may be before it. */
const PREFIX =
  /^\s*(?:\[[^\]]{1,40}\]\s*)?([^\s:：[\](){}]{1,20}(?: [^\s:：[\](){}]{1,12})?)\s?(?:\[\d{1,3}\]|\(\d{1,3}\)|\^\d{1,3})?\s?[:：]/u;
const INVISIBLE = /[\u00ad\u115f\u1160\u180e\u200b\u200e\u200f\u2060-\u2064\u3164\ufeff\uffa0]/;
const DIRECTION = /[\u202a-\u202e\u2066-\u2069]/;
const NOTHING = /[\s\u00ad\u115f\u1160\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2069\u3164\ufeff\uffa0\u2800]+/gu;
const LATIN = /\p{Script=Latin}/u;
const OTHER_ALPHABET = /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}\p{Script=Cherokee}]/u;

/** What the subject says of itself. Wish: `header`. */
export function findSubject({ header }: Inspection, words: Words): SubjectFinding {
  const subject = firstValue(header, 'subject');
  const prefix = subject === null ? null : prefixOf(subject);
  const folded = prefix === null ? '' : foldText(prefix);
  const replies = words.replyPrefixes.has(folded);
  return {
    subject,
    empty: subject === null || subject.replace(NOTHING, '') === '',
    replyPrefix: replies ? prefix : null,
    forwardPrefix: !replies && words.forwardPrefixes.has(folded) ? prefix : null,
    threaded: refersToAnother(header),
    oddities: subject === null ? [] : odditiesOf(subject),
  };
}

function prefixOf(subject: string): string | null {
  return PREFIX.exec(subject.slice(0, 120))?.[1] ?? null;
}

function odditiesOf(subject: string): readonly string[] {
  const oddities: string[] = [];
  if (/\S {5,}\S/.test(subject)) oddities.push('many-spaces');
  if (INVISIBLE.test(subject)) oddities.push('invisible-characters');
  if (DIRECTION.test(subject)) oddities.push('direction-override');
  if (subject.split(/[^\p{L}\p{M}]+/u, 200).some((word) => LATIN.test(word) && OTHER_ALPHABET.test(word)))
    oddities.push('mixed-scripts');
  const letters = subject.match(/\p{Lu}|\p{Ll}/gu) ?? [];
  if (letters.length >= 10 && letters.every((letter) => /\p{Lu}/u.test(letter))) oddities.push('all-capitals');
  return oddities;
}

import type { RevocationFinding, RevocationNotice } from './findings.js';
import type { Inspection, TextPart } from './inspection.js';
import type { PhraseMatch } from './phrase-index.js';
import { type Sentence, sentencesOf, speaks } from './sentences.js';
import type { Phrase, PhraseRole, Words } from './words.js';

const MAX_NOTICES = 10;
const HOURS: Partial<Readonly<Record<PhraseRole, number>>> = { hours: 1, days: 24, weeks: 168, months: 720 };
/** A number, its unit and words between them are this near. */
const NEAR = 48;

/** Sentences that say how soon leaving takes effect. Wish: `text`. */
export function findRevocationNotice(inspection: Inspection, words: Words, withinHours = 48): RevocationFinding {
  const notices = inspection.texts
    .filter(({ embedded }) => !embedded)
    .flatMap((text) => noticesIn(text, words))
    .slice(0, MAX_NOTICES);
  const longest = notices.reduce<RevocationNotice | null>(
    (before, one) => ((one.hours ?? 0) > (before?.hours ?? withinHours) ? one : before),
    null,
  );
  return {
    notices,
    found: notices.some(({ hours }) => hours !== null && hours <= withinHours),
    longer: longest,
  };
}

function noticesIn(text: TextPart, words: Words): readonly RevocationNotice[] {
  const sentences = sentencesOf(text, words);
  const notices: RevocationNotice[] = [];
  const offered = new Set<string>();
  for (const { roles } of sentences)
    for (const [language, of] of roles) if (of.has('unsubscribe')) offered.add(language);
  for (const [index, sentence] of sentences.entries()) {
    if (notices.length >= MAX_NOTICES) break;
    if (sentence.roles.size === 0) continue;
    const before = sentences.slice(Math.max(0, index - 2), index);
    for (const language of sentence.roles.keys()) {
      if (!speaksOfLeaving(sentence, before, offered, language)) continue;
      const hours = longestTime(sentence, language, words);
      const effect = speaks(sentence, language, 'effect');
      if (hours === null && !(effect && speaks(sentence, language, 'unsubscribe'))) continue;
      notices.push({ part: text.part, sentence: sentence.text.slice(0, 300), language, hours });
      break;
    }
  }
  return notices;
}

/**
 * By its own words; by what stands before it ("Unsubscribe here. Your request
 * takes effect within two days."); or by being about removal in a text that
 * offers to leave.
 */
function speaksOfLeaving(
  sentence: Sentence,
  before: readonly Sentence[],
  offered: ReadonlySet<string>,
  language: string,
): boolean {
  if (speaks(sentence, language, 'unsubscribe')) return true;
  const effect = speaks(sentence, language, 'effect');
  if (!effect && !speaks(sentence, language, 'topic', 'weak-topic')) return false;
  if (before.some((one) => speaks(one, language, 'unsubscribe'))) return true;
  if (before.some((one) => speaks(one, language, 'remove') && speaks(one, language, 'reply'))) return true;
  return effect && speaks(sentence, language, 'topic') && offered.has(language);
}

function longestTime({ folded, matches }: Sentence, language: string, words: Words): number | null {
  const times = matches.flatMap((match) => {
    const hours = match.entry.language === language ? timeOf(match, folded, words) : null;
    return hours === null ? [] : [hours];
  });
  return times.length === 0 ? null : Math.max(...times);
}

function timeOf({ entry, at }: PhraseMatch<Phrase>, folded: string, words: Words): number | null {
  if (entry.role === 'at-once') return 0;
  if (entry.role === 'time') return entry.hours;
  const unit = HOURS[entry.role];
  if (unit === undefined) return null;
  const count = countBefore(folded.slice(Math.max(0, at - NEAR), at), entry.language, words);
  return count === null ? null : count * unit;
}

/** The number at the end of `text`: `48`, `forty eight (48)`, `two business`. */
function countBefore(text: string, language: string, words: Words): number | null {
  const counting = words.counting.get(language);
  let rest = text.trimEnd();
  const adjective = counting?.adjectives.find((word) => endsWithWord(rest, word));
  if (adjective !== undefined) rest = rest.slice(0, -adjective.length).trimEnd();
  const bracketed = /\(([^()]{1,30})\)$/.exec(rest);
  if (bracketed !== null) {
    const inner = (bracketed[1] ?? '').trim();
    if (/^\d{1,4}$/.test(inner)) return Number(inner);
    rest = rest.slice(0, bracketed.index).trimEnd();
  }
  const digits = /(?:^|[^\d.,:])(\d{1,4})$/.exec(rest);
  if (digits !== null) return Number(digits[1]);
  return counting?.numbers.find(([word]) => endsWithWord(rest, word))?.[1] ?? null;
}

function endsWithWord(text: string, word: string): boolean {
  if (!text.endsWith(word)) return false;
  const before = text[text.length - word.length - 1];
  return before === undefined || !/\p{L}/u.test(before) || /[\u3040-\u9fff]/.test(word);
}

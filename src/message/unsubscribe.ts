import type { UnsubscribeFinding, UnsubscribeMeans } from './findings.js';
import { foldText } from './folded-text.js';
import type { HeaderSection, Inspection, Link, TextPart } from './inspection.js';
import { headerMeans, percentDecoded, uriProblem } from './list-unsubscribe.js';
import { mailboxesOf } from './mailbox-list.js';
import { type Sentence, sentencesOf, speaks } from './sentences.js';
import type { PhraseRole, Words } from './words.js';

const MAX_LINKS = 20;
/** In several languages at once, as `remove` is. */
const MAX_REMOVALS = 40;

/** Ways to leave that the message offers. Wish: `text`. */
export function findUnsubscribe(inspection: Inspection, words: Words): UnsubscribeFinding {
  const means = [
    ...headerMeans(inspection.header),
    ...linkMeans(inspection.links, words),
    ...replyMeans(inspection, words),
  ];
  return {
    means,
    found: means.some(({ problem }) => problem === null),
    oneClick: means.some(({ kind, problem }) => kind === 'one-click' && problem === null),
  };
}

// ---------------------------------------------------------------- links

function linkMeans(links: readonly Link[], words: Words): readonly UnsubscribeMeans[] {
  const means: UnsubscribeMeans[] = [];
  for (const link of links) {
    if (link.embedded || means.length >= MAX_LINKS) continue;
    const known = wordsOfLink(link, words);
    if (known === null) continue;
    const problem = link.hidden ? 'it is hidden' : uriProblem(link.kind === 'bare' ? withScheme(link.url) : link.url);
    means.push({ kind: 'link', where: link.part, value: link.url, words: known, problem });
  }
  return means;
}

/** By its text, its URL, or, where its text says nothing, by what is said around it. */
function wordsOfLink(link: Link, words: Words): UnsubscribeMeans['words'] {
  const text = foldText(link.text);
  if (link.kind !== 'bare') {
    const inText = unsubscribeWords(text, words);
    if (inText !== null) return inText;
  }
  const inUrl = wordsOfUrl(link.url, words);
  if (inUrl !== null) return inUrl;
  const saysNothing = link.kind === 'bare' || words.here.has(text.replace(/[\s.:,>»›→]+$/u, '')) || isUrl(link.text);
  return saysNothing
    ? unsubscribeWords(foldText(`${lastClause(link.before)} \n ${firstClause(link.after)}`), words)
    : null;
}

function unsubscribeWords(folded: string, words: Words): UnsubscribeMeans['words'] {
  const match = words.inSentences.find(folded).find(({ entry }) => entry.role === 'unsubscribe');
  return match === undefined ? null : { language: match.entry.language, phrase: match.entry.phrase };
}

/** In path and query, in the first label of the host, in the local part or subject of a mailto. */
function wordsOfUrl(url: string, words: Words): UnsubscribeMeans['words'] {
  const lower = percentDecoded(url).toLowerCase();
  const web = /^(?:https?:\/\/)?([^/?#]*)(.*)$/s.exec(lower);
  const looked = lower.startsWith('mailto:') ? lower : `${web?.[1]?.split('.')[0] ?? ''}${web?.[2] ?? ''}`;
  if (words.inUrl.any?.test(looked) === true)
    return words.inUrl.phrases.find(({ phrase }) => looked.includes(phrase)) ?? null;
  if (!lower.startsWith('mailto:')) return null;
  const match = words.inSentences
    .find(foldText(looked))
    .find(({ entry }) => entry.role === 'remove' || entry.role === 'unsubscribe');
  return match === undefined ? null : { language: match.entry.language, phrase: match.entry.phrase };
}

function isUrl(text: string): boolean {
  return /^(?:https?:\/\/|www\.)\S+$/i.test(text.trim());
}

function withScheme(url: string): string {
  return /^www\./i.test(url) ? `http://${url}` : url;
}

/** What is said about another link ends with it: `Unsubscribe | Privacy: http…`. */
function lastClause(text: string): string {
  return text.split(/[|•·]|[.!?] /).at(-1) ?? '';
}

function firstClause(text: string): string {
  return text.split(/[|•·]|[.!?](?: |$)/)[0] ?? '';
}

// ---------------------------------------------------------------- replies

function replyMeans({ texts, header }: Inspection, words: Words): readonly UnsubscribeMeans[] {
  const means: UnsubscribeMeans[] = [];
  for (const text of texts) {
    const instruction = text.embedded ? null : findInstruction(text, words);
    if (instruction === null) continue;
    const { sentence, language, phrase } = instruction;
    const problem = replyProblem(header, sentence);
    means.push({
      kind: 'reply',
      where: text.part,
      value: sentence.slice(0, 300),
      words: { language, phrase },
      problem,
    });
  }
  return means;
}

interface Instruction {
  readonly sentence: string;
  readonly language: string;
  readonly phrase: string;
}

/** "Reply with Remove in the subject": in one sentence, or in two that follow one another. */
function findInstruction(text: TextPart, words: Words): Instruction | null {
  const sentences = sentencesOf(text, words);
  if (!sentences.some(({ roles }) => hasRemoval(roles))) return null;
  for (const [index, sentence] of sentences.entries()) {
    const found =
      instructionIn([sentence]) ?? (index > 0 ? instructionIn([sentences[index - 1] as Sentence, sentence]) : null);
    if (found !== null) return found;
  }
  return null;
}

function instructionIn(sentences: readonly Sentence[]): Instruction | null {
  const has = (language: string, role: PhraseRole): boolean => sentences.some((one) => speaks(one, language, role));
  for (const sentence of sentences) {
    for (const { entry, at, end } of removals(sentence)) {
      const { language, phrase } = entry;
      if (!has(language, 'reply')) continue;
      const set = isSetOff(sentence.text, sentence.folded, at, end);
      if (!has(language, 'subject') && !set) continue;
      // Across two sentences a person may say anything: there it must speak of leaving, or set the word off.
      if (!has(language, 'unsubscribe') && !set && sentences.length > 1) continue;
      return { sentence: sentences.map(({ text }) => text).join(' '), language, phrase };
    }
  }
  return null;
}

function hasRemoval(roles: Sentence['roles']): boolean {
  for (const of of roles.values()) if (of.has('remove')) return true;
  return false;
}

/** Words to write for leaving; a few say as much as many. */
function removals({ matches, roles }: Sentence): Sentence['matches'] {
  if (!hasRemoval(roles)) return [];
  return matches.filter(({ entry }) => entry.role === 'remove').slice(0, MAX_REMOVALS);
}

/** In quotes, or in capitals as no other word: a word to be written. */
function isSetOff(text: string, folded: string, at: number, end: number): boolean {
  const quoted =
    /["'“”„«»「『]\s*$/.test(folded.slice(Math.max(0, at - 3), at)) &&
    /^\s*["'“”„«»」』]/.test(folded.slice(end, end + 3));
  if (quoted) return true;
  const word = folded.slice(at, end).toUpperCase();
  return (
    word.toLowerCase() !== word && new RegExp(`(?<![\\p{L}])${escaped(word)}(?![\\p{L}])`, 'u').test(foldCase(text))
  );
}

/** Accents off and capitals left. */
function foldCase(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[-_\u2010-\u2015]/g, ' ');
}

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&');
}

const NOBODY =
  /^(?:no|do ?not|dont|never)[-_. ]?(?:reply|respond|answer)|^(?:nicht|keine)[-_.]?antwort|^ne[-_.]?pas[-_.]?repondre|^no[-_.]?responder|^nao[-_.]?respond/i;

/** To an address that says that nobody reads it; unless the sentence names another. */
function replyProblem(header: HeaderSection, sentence: string): string | null {
  if (/[^\s@]@[^\s@]+\.[^\s@]/.test(sentence)) return null;
  const replyTo = mailboxesOf(header, 'reply-to').mailboxes;
  const readers = replyTo.length > 0 ? replyTo : mailboxesOf(header, 'from').mailboxes;
  const [first] = readers;
  if (first?.address == null) return 'there is no address to reply to';
  return NOBODY.test(first.address.local)
    ? `replies go to ${first.address.local.slice(0, 60)}@, which nobody reads`
    : null;
}

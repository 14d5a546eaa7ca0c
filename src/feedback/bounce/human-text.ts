import { type HeaderSection, readHeaderSection } from '../mime/header-section.js';
import { isAttachedMessage, leaves, type MimePart, returnedHeader, textOf } from '../mime/mime-part.js';

/** A report as a person reads it: what the reporter says, and what it quotes of the message. */
export interface HumanText {
  /** The reporter's own words, without the quoted message. */
  readonly words: string;
  /** Header section of the quoted or attached message; null when there is none. */
  readonly returned: HeaderSection | null;
  /** All that a person reads, the quoted message with it. */
  readonly whole: string;
}

const MAX_WORDS = 131_072;
/** A line that announces the returned message. */
const ANNOUNCEMENT =
  /^[\W_]{0,40}(?:(?:the |your |a )?(?:original|old|unsent|returned|undelivered|rejected|bounced)[ -](?:message|mail|e-?mail)(?: (?:(?:as )?follows|text|header|headers|body|below|content)\b.*)?|(?:this|below|here|following|attached).{0,40} is (?:a |the )?(?:copy|header|original|first|top|beginning).{0,80}|below this line.{0,80}|(?:a |the )?copy of (?:the|your) (?:original )?(?:message|mail|e-?mail).{0,60}|message (?:headers?|text|contents?|body|source)(?: (?:follows?|is|below)\b.*)?|(?:first|the) \d{0,6} ?lines of.{0,60}|(?:the )?headers? (?:of|from|follow).{0,80}|included is a copy.{0,60}|originalnachricht|ursprüngliche nachricht|nachricht folgt|message d'origine|mensaje original|元のメッセージ|原始邮件|原邮件|---original.{0,40})[\W_]{0,40}$/i;
const RETURNED_FIELD =
  /^(?:>\s?)?(?:return-path|received|delivered-to|message-id|dkim-signature|mime-version|content-type|from|to|cc|subject|date|reply-to|x-[\w-]{1,60}|domainkey-signature|authentication-results|arc-[\w-]{1,40}):/i;
const CERTAIN_FIELD = /^(?:>\s?)?(?:return-path|received|message-id|mime-version|dkim-signature):/i;

export function humanText(message: MimePart): HumanText {
  const texts: string[] = [];
  let returned: HeaderSection | null = null;
  let length = 0;
  for (const part of leaves(message)) {
    if (part !== message) returned ??= returnedHeader(part);
    // What comes after the returned message is a signature or a disclaimer.
    if (returned !== null || isAttachedMessage(part)) continue;
    if (!/^text\/(?:plain|html|enriched)$|^message\/(?:delivery|disposition)/.test(part.type)) continue;
    if (/^text\/html$/.test(part.type) && texts.some((text) => text.trim() !== '')) continue;
    if (part.type.startsWith('message/') || length > MAX_WORDS) continue;
    const text = textOf(part);
    texts.push(text);
    length += text.length;
  }
  const whole = texts.join('\n').slice(0, MAX_WORDS);
  const cut = cutReturned(whole);
  return { words: cut.words, returned: returned ?? cut.returned, whole };
}

/** Parts a text where the returned message starts: at its announcement, or at the first run of its fields. */
export function cutReturned(text: string): Omit<HumanText, 'whole'> {
  const lines = text.split('\n');
  const block = lines.findIndex((_, index) => startsHeaderSection(lines, index));
  const announced = lines.findIndex(
    (line, index) => ANNOUNCEMENT.test(line.trim().slice(0, 160)) && follows(lines, index, block),
  );
  const cuts = [block, announced].filter((index) => index >= 0);
  const end = cuts.length === 0 ? lines.length : Math.min(...cuts);
  const start = block >= 0 ? block : announced + 1;
  const returned = cuts.length === 0 ? null : sectionAt(lines, start);
  return {
    words: lines.slice(0, end).join('\n'),
    returned: returned !== null && returned.fields.length > 0 ? returned : null,
  };
}

/** Only near the block it announces, or where no block is found at all. */
function follows(lines: readonly string[], index: number, block: number): boolean {
  if (block >= 0) return index < block && block - index <= 12;
  return lines.slice(0, index).some((line) => line.trim() !== '');
}

function startsHeaderSection(lines: readonly string[], index: number): boolean {
  if (!RETURNED_FIELD.test(lines[index] ?? '')) return false;
  let fields = 0;
  let certain = 0;
  const names = new Set<string>();
  for (const line of lines.slice(index, index + 14)) {
    if (RETURNED_FIELD.test(line)) {
      fields += 1;
      names.add(line.replace(/^>\s?/, '').split(':', 1)[0]?.toLowerCase() ?? '');
      if (CERTAIN_FIELD.test(line)) certain += 1;
    } else if (!/^(?:>?[ \t]|(?:>\s?)?[A-Za-z][A-Za-z0-9-]{1,60}:)/.test(line)) break;
  }
  const addressed = names.has('from') && names.has('subject') && (names.has('to') || names.has('date'));
  return (certain > 0 && fields >= 2) || (addressed && fields >= 4);
}

function sectionAt(lines: readonly string[], start: number): HeaderSection {
  let from = start;
  while (from < lines.length && (lines[from] ?? '').trim() === '') from += 1;
  const quoted = /^>\s?[A-Za-z-]+:/.test(lines[from] ?? '');
  const section = lines.slice(from, from + 400).map((line) => (quoted ? line.replace(/^>\s?/, '') : line));
  return readHeaderSection(section.join('\n')).section;
}

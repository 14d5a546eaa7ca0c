import { sameMailbox } from '../address/mailboxes.js';
import { classify, wordingOf } from '../fault/classify.js';
import { unlessOfSender } from '../fault/refused-sender.js';
import { replyCodeIn, statusIn } from '../fault/status-code.js';
import { oneLine } from '../one-line.js';
import type { ReportedAction, ReportedOutcome } from '../outcome.js';
import { type NamedRecipient, recipientsInText, type Surroundings } from './recipients-in-text.js';

export interface BounceText extends Surroundings {
  /** The reporter's words, without the returned message. */
  readonly words: string;
  /** `X-Failed-Recipients` (Exim, Gmail). */
  readonly failedRecipients: readonly string[];
  readonly isDelay: boolean;
}

const MAX_RECIPIENTS = 5_000;
/** How far what is said of a recipient goes on below its line. */
const MAX_SEGMENT_LINES = 12;
/** Headings of Sendmail and those like it, under which recipients of different fate are listed. */
const DELAY_HEADING = /transient non-?fatal|(?:had|have) (?:transient|temporary)|delivery (?:is )?delayed|temporarily/i;
const FAILURE_HEADING =
  /permanent fatal|(?:had|have) (?:permanent|fatal|delivery)|failed (?:permanently|recipients)|returned permanent/i;
const TRANSCRIPT_NOISE = /^\s*(?:>>>|-{3,}|\.{3} while talking|reporting-mta|arrival-date)/i;
const REASON =
  /^[\s>*#-]{0,20}(?:(?:reject|rejection|failure|error|bounce|delivery|return) )?reason\s{0,4}[:：]\s{0,4}/i;
const REMOTE_HOST =
  /(?:while talking to|host|server|by|remote host|from|connected to|mx)\s{1,3}(?:for \S+ )?(?:by )?[<"']?([a-z0-9][a-z0-9._-]{1,250}\.[a-z]{2,24})\b\.?/i;

/** A bounce told in words: who, and what is said of each. */
export function readBounceText(text: BounceText): ReportedOutcome[] {
  const named = namedRecipients(text);
  const lines = text.words.split('\n');
  return named.slice(0, MAX_RECIPIENTS).map((recipient, index) => {
    const segment = segmentOf(recipient, named, lines);
    const action = actionOf(recipient, lines, text.isDelay);
    return outcomeOf(recipient.address, segment, text.words, action, index < 200);
  });
}

function namedRecipients(text: BounceText): NamedRecipient[] {
  const inText = recipientsInText(text.words, text);
  if (text.failedRecipients.length > 0) return locate(text.failedRecipients, text.words);
  if (inText.length > 0) return inText;
  // Of several recipients, nobody can tell which one failed.
  if (text.returnedTo.length === 1) return locate(text.returnedTo, text.words);
  return text.takenFor.length === 1 ? locate(text.takenFor, text.words) : [];
}

function locate(addresses: readonly string[], words: string): NamedRecipient[] {
  const lines = words.toLowerCase().split('\n');
  return addresses.map((address) => ({
    address,
    line: Math.max(
      0,
      lines.findIndex((line) => line.includes(address.toLowerCase())),
    ),
  }));
}

/**
 * The lines about one of several recipients: each that names it, and those below
 * up to the next that names another. A reason that is given once, for all, is
 * found by the caller in the whole text.
 */
function segmentOf(recipient: NamedRecipient, all: readonly NamedRecipient[], lines: readonly string[]): string {
  const others = all
    .filter((other) => other !== recipient)
    .slice(0, 50)
    .map(({ address }) => address.toLowerCase());
  const mine = recipient.address.toLowerCase();
  const segment: string[] = [];
  let left = 0;
  for (const line of lines.slice(0, 4_000)) {
    const lower = line.toLowerCase();
    if (lower.includes(mine)) left = MAX_SEGMENT_LINES;
    else if (left > 0 && lower.includes('@') && others.some((other) => lower.includes(other))) left = 0;
    if (left > 0 && !TRANSCRIPT_NOISE.test(line)) segment.push(line);
    left -= 1;
  }
  return segment.join('\n');
}

function actionOf(recipient: NamedRecipient, lines: readonly string[], isDelay: boolean): ReportedAction {
  for (let index = recipient.line; index >= Math.max(0, recipient.line - 60); index -= 1) {
    const line = lines[index] ?? '';
    if (DELAY_HEADING.test(line) && line.includes('---')) return 'delayed';
    if (FAILURE_HEADING.test(line)) return 'failed';
  }
  return isDelay ? 'delayed' : 'failed';
}

function outcomeOf(
  recipient: string,
  segment: string,
  whole: string,
  action: ReportedAction,
  lookWide: boolean,
): ReportedOutcome {
  const telling = wordingOf(withoutBoilerplate(segment)) !== null || statusIn(segment) !== null;
  const about = telling || !lookWide ? segment : whole;
  const diagnostic = diagnosticOf(about, recipient);
  const status = statusIn(diagnostic) ?? statusIn(about);
  const fromDiagnostic = classify(diagnostic, status, action);
  const fault =
    fromDiagnostic === 'undetermined' ? classify(withoutBoilerplate(about), status, action) : fromDiagnostic;
  return {
    recipient,
    originalRecipient: null,
    action,
    status,
    diagnostic: diagnostic === '' ? null : oneLine(diagnostic),
    remoteMta: REMOTE_HOST.exec(about.slice(0, 8_192))?.[1] ?? null,
    class: unlessOfSender(fault, about),
    permanent: action === 'failed',
  };
}

/** Sentences that stand in every bounce of a kind and say nothing of this one. */
const BOILERPLATE = [
  /this (?:message|report|e-?mail) (?:was|has been|is) (?:created|generated|sent) automatically[^\n]*/gi,
  /a message that you(?:\s+have)? sent[^.]{0,200}\./gi,
  /(?:this is a permanent error|i've given up)[^\n]*/gi,
  /(?:for further assistance|if you (?:do so|need|have|require|believe|feel|think|are)|please (?:contact|direct|forward|note|do not|include))[^.]{0,400}\./gi,
  /(?:i'm|i am) (?:sorry|afraid)[^.]{0,200}\./gi,
  /(?:the following|one or more|some) (?:of )?(?:your |its |the )?(?:recipient|address|user|message)[^:.\n]{0,120}/gi,
  /you can delete your own text[^\n]*/gi,
  /technical details of [^\n:]*/gi,
  /giving up on [^\n]*/gi,
];

function withoutBoilerplate(text: string): string {
  return BOILERPLATE.reduce((rest, pattern) => rest.replace(pattern, ' '), text.slice(0, 16_384));
}

/**
 * The sentence that says why: a server's reply with the lines that it goes on in,
 * else the line of the wording that decided, else what stands after the address.
 */
function diagnosticOf(about: string, recipient: string): string {
  const lines = about.split('\n', 2_000);
  const said = [isReply, hasStatus, givesReason].map((tells) => lines.findIndex((line) => tells(line)));
  const best = said.find((index) => index >= 0);
  if (best !== undefined) return paragraphFrom(lines, best);
  const telling = lines.findIndex((line) => line.trim() !== '' && wordingOf(withoutBoilerplate(line)) !== null);
  if (telling >= 0) return paragraphFrom(lines, telling);
  const own = lines.findIndex((line) => sameMailbox(line.replace(/[<>:\s]/g, ''), recipient));
  const next = lines.slice(own + 1).find((line) => line.trim() !== '');
  return own >= 0 && next !== undefined ? next.trim() : '';
}

function isReply(line: string): boolean {
  const code = /^\s*>>>/.test(line) ? null : replyCodeIn(line);
  return code !== null && !code.startsWith('2') && /[45]\d\d[ -]?\S/.test(line);
}

/** A code without a reply may also be what an explanation points to, so that replies come first. */
function hasStatus(line: string): boolean {
  const status = /^\s*>>>/.test(line) ? null : statusIn(line);
  return status !== null && !status.startsWith('2');
}

/** `Reject reason: mailbox full`, among sentences about what the reasons may be. */
function givesReason(line: string): boolean {
  const reason = REASON.exec(line);
  return reason !== null && wordingOf(line.slice(reason[0].length)) !== null;
}

function paragraphFrom(lines: readonly string[], start: number): string {
  const paragraph: string[] = [];
  for (const line of lines.slice(start, start + 8)) {
    if (line.trim() === '' || (paragraph.length > 0 && /^\s*(?:>>>|---|<[^>\s]+@[^>\s]+>:)/.test(line))) break;
    paragraph.push(line.replace(/^\s*<<<\s?/, '').trim());
  }
  return paragraph.join(' ');
}

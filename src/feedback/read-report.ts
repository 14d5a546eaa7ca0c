import { addressesIn, firstMailbox } from './address/mailboxes.js';
import { saysAutomatic, soundsAbsent, subjectSaysAutomatic } from './answer/auto-reply.js';
import { asksForProof } from './answer/challenge.js';
import { firstLine, isRevocationRequest } from './answer/revocation.js';
import { isDaemon, weighBounce } from './bounce/bounce-evidence.js';
import { humanText } from './bounce/human-text.js';
import { FORWARD_SUBJECT, REPLY_SUBJECT } from './bounce/phrases.js';
import { type BounceText, readBounceText } from './bounce/read-bounce.js';
import { namesOnLine } from './bounce/recipients-in-text.js';
import { isProviderComplaint } from './complaint/provider-complaint.js';
import { complaintOutcomes, feedbackReportOf } from './complaint/read-feedback-report.js';
import { isRedacted } from './complaint/redacted.js';
import { deliveryStatusOf, isCutShort, outcomesOf } from './dsn/read-dsn.js';
import { forwardedMessages } from './forwarded.js';
import { HeaderSection, readHeaderSection } from './mime/header-section.js';
import { leaves, type MimePart, octetsOf, readMessage } from './mime/mime-part.js';
import { unixLines } from './mime/unix-lines.js';
import type { Report, ReportedOutcome, ReportKind } from './outcome.js';
import { answeredId, evidenceOf, messageOf, returnedRecipients } from './report-evidence.js';

/** Of a report, what is looked at; the rest is the returned message's attachments. */
const MAX_OCTETS = 32 * 1_048_576;
const MAX_FORWARDS = 3;
const NOTHING = new HeaderSection([]);
/** Where large providers note for whom a message was that somebody complains about. */
const COMPLAINED_TO = [
  'x-hmxmroriginalrecipient',
  'x-apparently-to',
  'x-original-to',
  'delivered-to',
  'envelope-to',
  'x-envelope-to',
  'x-rcpt-to',
  'x-receiver',
];

/**
 * Reads one message that may be a report of any kind: a bounce, a feedback report,
 * an answer by machine, a Remove mail. Takes any octets, with any line ends, and
 * never throws; what is nothing of this is of kind `none`.
 */
export function readReport(octets: Uint8Array): Report {
  const bytes = Buffer.from(octets.buffer, octets.byteOffset, Math.min(octets.byteLength, MAX_OCTETS));
  const text = unixLines(bytes.toString('latin1')).replace(/^(?:[ \t]*\n){1,1000}/, '');
  return readAs(readMessage(text), { depth: 0, isUnfinished: endsUnfinished(text) });
}

/**
 * A last line without an end may be cut short: `bob@example.net` might be what is
 * left of `bob@example.network`. A closing delimiter is not.
 */
function endsUnfinished(text: string): boolean {
  const last = text.slice(text.lastIndexOf('\n') + 1);
  return last !== '' && !(last.startsWith('--') && last.endsWith('--'));
}

/** A report with all that its reading needs, worked out once. */
interface Sheet {
  readonly message: MimePart;
  /** It may end before all was said. */
  readonly isCut: boolean;
  readonly from: string | null;
  readonly subject: string;
  readonly words: string;
  readonly whole: string;
  readonly returned: HeaderSection | null;
  readonly returnedTo: readonly string[];
}

type Reading = (sheet: Sheet) => Report | null;

/** From the most certain form to the least: machine-readable parts first, then words. */
const READINGS: readonly Reading[] = [
  readFeedback,
  readDeliveryStatus,
  readReceipt,
  readWrapped,
  readProviderComplaint,
  readWords,
  readAnswer,
];

/** How a message came here. */
interface Circumstances {
  /** In how many messages it was forwarded. */
  readonly depth: number;
  readonly isUnfinished: boolean;
}

function readAs(message: MimePart, circumstances: Circumstances): Report {
  const sheet = sheetOf(message, circumstances);
  for (const read of READINGS) {
    const report = read(sheet);
    if (report !== null) return report;
  }
  return readForwarded(sheet, circumstances.depth) ?? report(sheet, 'none', []);
}

function sheetOf(message: MimePart, { isUnfinished }: Circumstances): Sheet {
  const { words, returned, whole } = humanText(message);
  return {
    message,
    // What follows the reporter's words may well be cut.
    isCut: isCutShort(message, returned) || (isUnfinished && returned === null),
    from: firstMailbox(message.header.text('from')),
    subject: message.header.text('subject'),
    words,
    whole,
    returned,
    returnedTo:
      returned === null ? [] : returnedRecipients(returned).filter((to) => !(isUnfinished && message.raw.endsWith(to))),
  };
}

function report(
  sheet: Sheet,
  kind: ReportKind,
  outcomes: readonly ReportedOutcome[],
  fields: HeaderSection = NOTHING,
  feedbackType: string | null = null,
): Report {
  return {
    kind,
    outcomes,
    message: messageOf(fields, sheet.returned, kind === 'none' ? '' : sheet.words),
    evidence: evidenceOf(sheet.message.header, fields, sheet.returned, feedbackType),
  };
}

/** RFC 5965. */
function readFeedback(sheet: Sheet): Report | null {
  const feedback = feedbackReportOf(sheet.message);
  if (feedback === null) return null;
  const { kind, feedbackType, fields } = feedback;
  const recipients = feedback.recipients.length > 0 ? feedback.recipients : complainedTo(sheet);
  const outcomes = kind === 'none' ? [] : complaintOutcomes(recipients, feedbackType);
  return report(sheet, kind, outcomes, fields, feedbackType);
}

/** One recipient of the returned message; of several, nobody can tell who complained. */
function complainedTo({ returned, returnedTo }: Sheet): string[] {
  const noted = COMPLAINED_TO.flatMap((name) => addressesIn(returned?.first(name) ?? ''));
  const readable = [...noted, ...returnedTo].filter((address) => !isRedacted(address));
  if (noted.some((address) => !isRedacted(address))) return readable.slice(0, 1);
  return readable.length === 1 ? readable : [];
}

/** RFC 3464. */
function readDeliveryStatus(sheet: Sheet): Report | null {
  const status = deliveryStatusOf(sheet.message);
  if (status === null) return null;
  const { groups, isQuoted } = status;
  if (isQuoted && !weigh(sheet).isBounce) return null;
  const read = outcomesOf(groups.perRecipient, sheet.words, sheet.returnedTo);
  if (read.length === 0) return null;
  const outcomes = sheet.isCut ? [...read.slice(0, -1), ...read.slice(-1).map(unsure)] : read;
  const done: ReportKind = outcomes.some(({ action }) => action === 'delayed') ? 'delay' : 'success';
  const kind = outcomes.some(({ action }) => action === 'failed') ? 'dsn' : done;
  return report(sheet, kind, outcomes, groups.perMessage);
}

/** RFC 8098. */
function readReceipt(sheet: Sheet): Report | null {
  const { message } = sheet;
  const isReceipt =
    message.parameters['report-type']?.toLowerCase() === 'disposition-notification' ||
    [...leaves(message)].some(({ type }) => /^message\/(?:global-)?disposition-notification$/.test(type));
  if (!isReceipt) return null;
  return readRefusingReceipt(sheet) ?? report(sheet, 'receipt', []);
}

/** RFC 5429 §2.1.2: `reject` of Sieve, and full mailboxes of some servers, come as disposition notifications. */
function readRefusingReceipt(sheet: Sheet): Report | null {
  if (!/automatically rejected|was rejected|rejected (?:mail|message)|quota|could not be delivered/i.test(sheet.words))
    return null;
  const part = [...leaves(sheet.message)].find(({ type }) => type.endsWith('disposition-notification'));
  if (part === undefined || !/disposition\s{0,5}:[^\n]{0,200}(?:deleted|denied|failed|error)/i.test(octetsOf(part)))
    return null;
  const { section } = readHeaderSection(octetsOf(part));
  const failed = ['final-recipient', 'original-recipient']
    .flatMap((name) => addressesIn(section.first(name)))
    .slice(0, 1);
  return report(sheet, 'bounce', readBounceText({ ...bounceText(sheet), failedRecipients: failed }), section);
}

/** A report inside a message that names nobody itself: what some gateways make of a passing bounce. */
function readWrapped(sheet: Sheet): Report | null {
  return sheet.words.includes('@') ? null : readForwarded(sheet, MAX_FORWARDS - 1);
}

function readProviderComplaint(sheet: Sheet): Report | null {
  if (!isProviderComplaint(sheet.from, sheet.subject, sheet.returned)) return null;
  return report(sheet, 'complaint', complaintOutcomes(complainedTo(sheet), 'abuse'), NOTHING, 'abuse');
}

/** Bounces and delay notices in words. */
function readWords(sheet: Sheet): Report | null {
  const { isBounce, isDelay } = weigh(sheet);
  if (!isBounce) return null;
  const read = readBounceText({ ...bounceText(sheet), isDelay });
  const outcomes = sheet.isCut ? read.map(unsure) : read;
  return report(sheet, outcomes.every(({ action }) => action === 'delayed') && isDelay ? 'delay' : 'bounce', outcomes);
}

/** Whose fault it was may have been said in what is missing. */
function unsure(outcome: ReportedOutcome): ReportedOutcome {
  return outcome.action === 'failed' ? { ...outcome, class: 'undetermined' } : outcome;
}

function bounceText(sheet: Sheet): BounceText {
  return {
    words: sheet.words,
    failedRecipients: failedRecipientsOf(sheet),
    returnedTo: sheet.returnedTo,
    takenFor: takenFor(sheet.returned),
    notMeant: notMeant(sheet),
    isDelay: false,
  };
}

/** Of the returned message's way so far. */
function takenFor(returned: HeaderSection | null): string[] {
  const fors = (returned?.all('received') ?? []).map(
    (value) => /\bfor\s{1,3}<?([^\s<>;]{3,320})/.exec(value)?.[1] ?? '',
  );
  return [...new Set(fors.flatMap((value) => addressesIn(value)))];
}

function failedRecipientsOf({ message }: Sheet): string[] {
  return message.header.all('x-failed-recipients').flatMap((value) => addressesIn(value));
}

/** The reporter, and the sender to whom it reports. */
function notMeant({ message, from, returned }: Sheet): string[] {
  const senders = [message.header.first('to'), returned?.first('from') ?? '', returned?.first('return-path') ?? ''];
  return [...senders.flatMap((value) => addressesIn(value)), ...(from === null ? [] : [from])];
}

function weigh(sheet: Sheet): { readonly isBounce: boolean; readonly isDelay: boolean } {
  const { header, parameters } = sheet.message;
  const returnPath = header.has('return-path') ? header.first('return-path').trim() : null;
  return weighBounce({
    from: sheet.from,
    fromText: header.text('from'),
    subject: sheet.subject,
    words: sheet.words,
    nullPath: returnPath === null ? null : /^<?\s*>?$|mailer-daemon/i.test(returnPath),
    isReport: parameters['report-type']?.toLowerCase() === 'delivery-status',
    failedRecipients: header.has('x-failed-recipients'),
    hasReturned: sheet.returned !== null,
    isListMail: header.has('list-unsubscribe'),
    isByListManager: header.has('x-mlserver') || header.has('x-list-administrivia'),
    namesOnLine: namesOnLine(sheet.words),
    isAnswer: asksForProof(sheet.subject, sheet.words) || soundsAbsent(sheet.subject, sheet.words),
  });
}

/** Answers of people and of their machines. */
function readAnswer(sheet: Sheet): Report | null {
  const { from, subject, words, message } = sheet;
  const isReply = sheet.message.header.has('in-reply-to') || REPLY_SUBJECT.test(subject);
  if (asksForProof(subject, words)) return report(sheet, 'challenge', []);
  const automatic = saysAutomatic(message.header);
  if (subjectSaysAutomatic(subject) || (automatic && soundsAbsent(subject, words)))
    return report(sheet, 'auto-reply', []);
  if (
    from !== null &&
    !isDaemon({ from, fromText: message.header.text('from') }) &&
    asksToStop(sheet, automatic && isReply)
  ) {
    return answerTo(message.header, report(sheet, 'revocation', [revocationOf(from)]));
  }
  return automatic ? report(sheet, 'auto-reply', []) : null;
}

/**
 * The subject, or nothing but the word in an answer to our mail. A mail client's
 * own one-click unsubscribe says `Auto-Submitted` and is genuine; a robot that
 * answers a mail (`Re: …`) is not, whatever subject it repeats.
 */
function asksToStop({ subject, words }: Sheet, robotAnswers: boolean): boolean {
  if (robotAnswers) return false;
  if (isRevocationRequest(subject)) return true;
  return (subject === '' || REPLY_SUBJECT.test(subject)) && isRevocationRequest(firstLine(words));
}

/** What a person answers stands in the answer's own fields (RFC 5322 §3.6.4): a mail program seldom returns the message's. */
function answerTo(header: HeaderSection, read: Report): Report {
  return { ...read, message: { ...read.message, messageId: read.message.messageId ?? answeredId(header) } };
}

function revocationOf(recipient: string): ReportedOutcome {
  return {
    recipient,
    originalRecipient: null,
    action: 'revoked',
    status: null,
    diagnostic: null,
    remoteMta: null,
    class: 'none',
    permanent: false,
  };
}

/** A bounce that a person passed on, attached or in the text. */
function readForwarded(sheet: Sheet, depth: number): Report | null {
  if (depth >= MAX_FORWARDS) return null;
  for (const inner of forwardedMessages(sheet.message, sheet.whole, FORWARD_SUBJECT.test(sheet.subject))) {
    const found = readAs(inner, { depth: depth + 1, isUnfinished: sheet.isCut });
    if (/^(?:dsn|bounce|delay|success|complaint|not-spam)$/.test(found.kind)) return found;
  }
  return null;
}

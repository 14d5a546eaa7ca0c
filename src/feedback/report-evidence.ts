import { addressesIn, firstMailbox } from './address/mailboxes.js';
import { undoXtext } from './address/typed-address.js';
import { decodeWords } from './mime/encoded-words.js';
import type { HeaderSection } from './mime/header-section.js';
import { oneLine } from './one-line.js';
import type { ReportEvidence, ReportedMessage, TraceToken } from './outcome.js';

const SENT_TO = ['to', 'delivered-to', 'x-original-to', 'envelope-to', 'x-envelope-to', 'x-rcpt-to', 'x-delivered-to'];
/** Where servers and providers note for whom the returned message was. */
const RETURNED_TO = ['to', 'cc', 'bcc', 'resent-to', 'apparently-to'];
const MESSAGE_ID = /<[^<>\s]{1,900}@?[^<>\s]{0,900}>/;
const QUEUE_ID_FIELD = /^x-.{1,60}-queue-id$/;
const MAX_TOKENS = 50;
const NO_TOKEN =
  /^x-(?:spam|virus|mailer|priority|ms-|forefront|microsoft|originating|received|google|gm-|barracuda|proofpoint|ironport|sender-ip|mime|accept|antiabuse|source|authenticated|country|yahoo|rspamd|amavis|mimeole|msmail)/;
const HEADER_FIELDS = /^(?:feedback-id|list-id|list-unsubscribe|x-[\w-]{1,80})$/;

/** Fields of the report, in its machine-readable part; an empty section where it has none. */
export function messageOf(report: HeaderSection, returned: HeaderSection | null, words: string): ReportedMessage {
  const originalId = report.first('x-original-message-id') || report.first('original-message-id');
  const inWords = /message-?id\s{0,4}[:=]\s{0,4}(<[^<>\s]{1,900}>)/i.exec(words.slice(0, 65_536))?.[1];
  const id = [returned?.first('message-id'), originalId, inWords]
    .map((value) => MESSAGE_ID.exec(value ?? '')?.[0] ?? bareMessageId(value ?? ''))
    .find((value) => value !== null);
  const envid = report.first('original-envelope-id').trim();
  const queueId = report.fields.find(({ name }) => QUEUE_ID_FIELD.test(name))?.value.trim() ?? '';
  return {
    messageId: id ?? null,
    envid: envid === '' ? null : oneLine(undoXtext(envid)),
    queueId: queueId === '' ? null : oneLine(queueId),
  };
}

/** The Message-ID that an answer names: In-Reply-To's first, or the latest of References. */
export function answeredId(header: HeaderSection): string | null {
  const idsIn = (field: string) => header.first(field).match(/<[^<>\s]{1,998}>/g) ?? [];
  return idsIn('in-reply-to')[0] ?? idsIn('references').at(-1) ?? null;
}

/** Some write the id without its brackets. */
function bareMessageId(value: string): string | null {
  const bare = value.trim();
  return /^[^<>\s@]{1,500}@[^<>\s@]{1,255}$/.test(bare) ? `<${bare}>` : null;
}

export function evidenceOf(
  header: HeaderSection,
  report: HeaderSection,
  returned: HeaderSection | null,
  feedbackType: string | null,
): ReportEvidence {
  const reporter = (report.first('reporting-mta') || report.first('user-agent')).replace(/^\s*dns\s*;\s*/i, '');
  return {
    sentTo: addressesOf(header, SENT_TO),
    sentFrom: firstMailbox(decodeWords(header.first('from'))),
    subject: header.has('subject') ? oneLine(header.text('subject')) : null,
    feedbackType,
    reporter: reporter === '' ? null : oneLine(reporter),
    arrivedAt: report.first('arrival-date').trim() || null,
    returnedFrom: returned === null ? null : firstMailbox(decodeWords(returned.first('from'))),
    returnedTo: returned === null ? [] : returnedRecipients(returned),
    returnedSubject: returned?.has('subject') ? oneLine(returned.text('subject')) : null,
    tokens: returned === null ? [] : tokensOf(returned),
  };
}

export function returnedRecipients(returned: HeaderSection): string[] {
  return addressesOf(returned, RETURNED_TO);
}

export function addressesOf(header: HeaderSection, names: readonly string[]): string[] {
  return [...new Set(names.flatMap((name) => header.all(name)).flatMap((value) => addressesIn(decodeWords(value))))];
}

function tokensOf(returned: HeaderSection): TraceToken[] {
  return returned.fields
    .filter(({ name }) => HEADER_FIELDS.test(name) && !NO_TOKEN.test(name))
    .slice(0, MAX_TOKENS)
    .map(({ name, value }) => ({ name, value: oneLine(value) }));
}

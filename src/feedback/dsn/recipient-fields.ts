import { localPart } from '../address/mailboxes.js';
import { readTypedAddress } from '../address/typed-address.js';
import { tellsDelay } from '../bounce/bounce-evidence.js';
import { FAILURE_PHRASE } from '../bounce/phrases.js';
import { classify } from '../fault/classify.js';
import { unlessOfSender } from '../fault/refused-sender.js';
import { replyCodeIn, statusIn, tellingStatus } from '../fault/status-code.js';
import { decodeWords } from '../mime/encoded-words.js';
import type { HeaderSection } from '../mime/header-section.js';
import { oneLine } from '../one-line.js';
import type { FaultClass, ReportedAction, ReportedOutcome } from '../outcome.js';

const ACTION = /^\s*(failed|failure|delayed|delivered|relayed|expanded|bounced|undeliverable|deferred)/i;
const ACTIONS: Readonly<Record<string, ReportedAction>> = {
  failed: 'failed',
  failure: 'failed',
  bounced: 'failed',
  undeliverable: 'failed',
  delayed: 'delayed',
  deferred: 'delayed',
  delivered: 'delivered',
  relayed: 'relayed',
  expanded: 'expanded',
};
/** A host of the recipient's own: nobody outside mails that. */
const INTERNAL_DOMAIN = /@(?:[^.]+|.*\.(?:local|localdomain|localhost|internal|lan|intranet|corp))$/i;
const MTA_TYPE = /^\s*[a-z0-9-]{1,40}\s*;\s*/i;
const DIAGNOSTIC_TYPE = /^\s*[a-z][a-z0-9-]{0,40}\s*;\s*/i;

/** What the rest of the report can add to a group that is not complete. */
export interface Supplement {
  /** The reporter's own words, from the part that people read. */
  readonly humanText: string;
  /** Recipients in the returned message's header section. */
  readonly returnedTo: readonly string[];
  /** How many recipients the report speaks of. */
  readonly recipients: number;
}

/** One recipient's group as an outcome; null when it names nobody, not even by what else the report has. */
export function readRecipientFields(group: HeaderSection, supplement: Supplement): ReportedOutcome | null {
  const named = nameOf(group, supplement);
  if (named === null) return null;
  const diagnostic = diagnosticOf(group);
  const fieldStatus = statusIn(decodeWords(group.first('status')));
  // A reply with several lines repeats its code; the first is as good as any.
  const status = tellingStatus(fieldStatus, diagnostic === null ? null : statusIn(diagnostic));
  const action = actionOf(group, status, diagnostic, supplement.humanText);
  if (action === null) return null;
  return {
    ...named,
    action,
    status,
    diagnostic: diagnostic === null ? null : oneLine(diagnostic),
    remoteMta: oneLine(group.first('remote-mta').replace(MTA_TYPE, '')) || null,
    class: unlessOfSender(faultOf(action, status, diagnostic ?? '', supplement), saidOf(named.recipient, supplement)),
    permanent: action === 'failed',
  };
}

/** By the diagnostic, and where that says nothing and one recipient is spoken of, by the words for people. */
function faultOf(
  action: ReportedAction,
  status: string | null,
  diagnostic: string,
  { humanText, recipients }: Supplement,
): FaultClass {
  if (action !== 'failed' && action !== 'delayed') return 'none';
  const fault = classify(diagnostic, status, action);
  return fault === 'undetermined' && recipients === 1 ? classify(humanText, status, action) : fault;
}

/** The words for people, of several recipients the paragraphs that name this one. */
function saidOf(recipient: string, { humanText, recipients }: Supplement): string {
  if (recipients === 1) return humanText;
  const paragraphs = humanText.slice(0, 131_072).split(/\n[ \t]*\n/);
  return paragraphs.filter((paragraph) => paragraph.toLowerCase().includes(recipient.toLowerCase())).join('\n\n');
}

/**
 * The mailbox that was mailed: the final recipient where that is a mailbox, else
 * (a pipe, a path, X.400) the nearest to it that is one.
 */
function nameOf(
  group: HeaderSection,
  { returnedTo }: Supplement,
): Pick<ReportedOutcome, 'recipient' | 'originalRecipient'> | null {
  const [final, original, actual] = ['final-recipient', 'original-recipient', 'x-actual-recipient'].map((name) =>
    readTypedAddress(spelt(group.first(name))),
  );
  const originalRecipient = original?.mailbox ?? original?.spelling ?? null;
  const spelling = final?.spelling ?? original?.spelling;
  const completed = spelling === undefined ? null : completedBy(spelling, returnedTo);
  const alone = returnedTo.length === 1 ? (returnedTo[0] ?? null) : null;
  const isInside = final?.mailbox != null && INTERNAL_DOMAIN.test(final.mailbox);
  const outside = isInside ? (original?.mailbox ?? completedBy(localPart(final.mailbox ?? ''), returnedTo)) : null;
  const ofDomain = original?.mailbox == null ? mailedAs(final?.mailbox ?? '', alone) : null;
  const mailbox = outside ?? ofDomain ?? final?.mailbox ?? original?.mailbox ?? actual?.mailbox ?? completed ?? alone;
  const recipient = mailbox ?? spelling ?? null;
  return recipient === null ? null : { recipient: oneLine(recipient), originalRecipient };
}

/** An encoded word (RFC 2047) that stands before the `@` went through SMTP as it is: nobody decoded it on the way. */
function spelt(value: string): string {
  return /\?=@/.test(value) ? value : decodeWords(value);
}

/** `bob@mx1.example.net`, the mailbox on one of the hosts of the domain that was mailed. */
function mailedAs(mailbox: string, only: string | null): string | null {
  const [local, domain = ''] = only?.toLowerCase().split('@') ?? [];
  if (domain === '' || localPart(mailbox) !== local) return null;
  return mailbox.toLowerCase().endsWith(`.${domain}`) ? only : null;
}

/** `rfc822; bob` of a local delivery, when the returned message says where Bob lives. */
function completedBy(spelling: string, returnedTo: readonly string[]): string | null {
  const local = `${spelling.toLowerCase().replace(/@$/, '')}@`;
  return returnedTo.find((address) => address.toLowerCase().startsWith(local)) ?? null;
}

function diagnosticOf(group: HeaderSection): string | null {
  const all = ['diagnostic-code', 'x-supplementary-info', 'x-supplementary-information', 'x-display-diagnostic']
    .flatMap((name) => group.all(name))
    .map((value) => decodeWords(value).replace(DIAGNOSTIC_TYPE, '').trim())
    .filter((value) => value !== '');
  // A comment after the status is the only word of some (`Status: 5.1.1 (user unknown)`).
  const comment = /\d\s+[(-]?\s*([^\d\s][^\n]{2,})$/.exec(decodeWords(group.first('status')))?.[1];
  if (comment !== undefined) all.push(comment.replace(/\)$/, ''));
  return all.length === 0 ? null : [...new Set(all)].join(' ');
}

/**
 * Null when nothing says what happened: a report that was cut short, or a group
 * that only names somebody, must not become a failure.
 */
function actionOf(
  group: HeaderSection,
  status: string | null,
  diagnostic: string | null,
  humanText: string,
): ReportedAction {
  const said = ACTIONS[(ACTION.exec(group.first('action'))?.[1] ?? '').toLowerCase()] ?? null;
  if (said !== null) return said;
  const digit = (status ?? replyCodeIn(diagnostic ?? '') ?? '').charAt(0);
  if (digit === '2') return 'delivered';
  const words = humanText.slice(0, 16_384).toLowerCase().replace(/\s+/g, ' ');
  if (digit === '4' || tellsDelay(words, '')) return 'delayed';
  return digit === '5' || FAILURE_PHRASE.test(words) ? 'failed' : null;
}

/**
 * What every report becomes, whoever sent it and in whatever shape: a kind, what
 * became of which recipient, and what names the message. A plain value; nothing
 * here is believed yet, since anybody can send a report.
 */

/**
 * - `dsn`: a delivery status notification (RFC 3464) of failure.
 * - `bounce`: a failure told in words only.
 * - `delay`: still being tried, in either form; never counts.
 * - `success`: a DSN that all recipients named were reached, or passed on.
 * - `receipt`: a disposition notification (RFC 8098): read, deleted, displayed.
 * - `complaint`: a feedback report (RFC 5965) of abuse, fraud or a virus, in either form; `opt-out` too.
 * - `not-spam`: a feedback report that takes a complaint back; never one itself.
 * - `revocation`: somebody asks to get no more: a Remove mail, a mail client's one-click unsubscribe.
 * - `auto-reply`: a vacation notice or another answer by machine (RFC 3834).
 * - `challenge`: asks the sender to prove to be human.
 * - `none`: nothing of this; ordinary mail, empty, not mail at all.
 */
export const REPORT_KINDS = [
  'dsn',
  'bounce',
  'delay',
  'success',
  'receipt',
  'complaint',
  'not-spam',
  'revocation',
  'auto-reply',
  'challenge',
  'none',
] as const;

export type ReportKind = (typeof REPORT_KINDS)[number];

/**
 * RFC 3464 §2.3.3, and what feedback reports and Remove mails say: `complained`,
 * `revoked`. Null only in a report of kind `receipt` or `not-spam`.
 */
export type ReportedAction =
  | 'failed'
  | 'delayed'
  | 'delivered'
  | 'relayed'
  | 'expanded'
  | 'complained'
  | 'revoked'
  | null;

/**
 * Whose fault it was, in the classes that rules can act on.
 *
 * - of the recipient: `unknown` (no such mailbox), `disabled` (inactive, blocked by
 *   its provider, takes no mail), `moved`, `full`, `domain-gone` (no such domain, or
 *   one that takes no mail), `expired` (the recipient's side could not be reached, or
 *   put us off, for as long as the queue kept the message)
 * - of the message: `content` (spam or virus as judged by its content, too large,
 *   malformed), `policy` (a rule of the recipient or provider that is about neither
 *   content nor who sends: closed lists, restricted addresses)
 * - of the sender: `reputation` (blocklists, complaint rates, rate limits,
 *   authentication, DNS of the sending host), `infrastructure` (a relay of ours that
 *   loops, has no room, is misconfigured)
 * - of nobody for long: `network` (connection, DNS, greylisting, "try again later")
 * - `undetermined`: a failure that says nothing about whose fault it is
 * - `none`: not a failure
 */
export type FaultClass =
  | 'unknown'
  | 'disabled'
  | 'moved'
  | 'full'
  | 'domain-gone'
  | 'expired'
  | 'content'
  | 'policy'
  | 'reputation'
  | 'infrastructure'
  | 'network'
  | 'undetermined'
  | 'none';

export type Fault = 'recipient' | 'message' | 'sender' | 'network' | 'undetermined' | 'none';

export const FAULT_OF: Readonly<Record<FaultClass, Fault>> = {
  unknown: 'recipient',
  disabled: 'recipient',
  moved: 'recipient',
  full: 'recipient',
  'domain-gone': 'recipient',
  expired: 'recipient',
  content: 'message',
  policy: 'message',
  reputation: 'sender',
  infrastructure: 'sender',
  network: 'network',
  undetermined: 'undetermined',
  none: 'none',
};

export interface ReportedOutcome {
  /** As the reporting side names it: `local@domain`, or its own spelling where that is no mailbox (a pipe, an X.400 address). */
  readonly recipient: string;
  /** As the sender named it, when the report says (ORCPT, or the address before forwarding); null otherwise. */
  readonly originalRecipient: string | null;
  readonly action: ReportedAction;
  /** Enhanced status code (RFC 3463), from the field or the text, whichever is more telling; null when neither has one. */
  readonly status: string | null;
  /** The remote side's words, or the reporter's own, in one line of at most 1,000 characters. */
  readonly diagnostic: string | null;
  /** Host name or address of the server that said so. */
  readonly remoteMta: string | null;
  readonly class: FaultClass;
  /** Nobody will try again with this message. Says nothing about whose fault that is: see `class`. */
  readonly permanent: boolean;
}

/** What names the message that the report is about. */
export interface ReportedMessage {
  /** With angle brackets, as in the returned header section. */
  readonly messageId: string | null;
  /** `Original-Envelope-Id` (RFC 3461 ENVID), xtext undone. */
  readonly envid: string | null;
  /** The reporting server's queue id: only where that is our own relay does it name a message of ours. */
  readonly queueId: string | null;
}

/** A header field of the returned message that a sender may have put there to find it again: `Feedback-ID`, `X-…`. */
export interface TraceToken {
  readonly name: string;
  readonly value: string;
}

/** What else is needed to believe a report, or to find the message without its recipient. */
export interface ReportEvidence {
  /** Addresses that the report itself was sent to (To, Delivered-To, X-Original-To …): a signed one proves the rest. */
  readonly sentTo: readonly string[];
  /** Address in From. */
  readonly sentFrom: string | null;
  readonly subject: string | null;
  /** `Feedback-Type` in lower case; null for other than feedback reports, `abuse` for those that have no ARF part. */
  readonly feedbackType: string | null;
  /** `Reporting-MTA`, or the feedback report's `User-Agent`. */
  readonly reporter: string | null;
  /** `Arrival-Date` as written. */
  readonly arrivedAt: string | null;
  /** From, To and Subject of the returned message, when it came along. */
  readonly returnedFrom: string | null;
  readonly returnedTo: readonly string[];
  readonly returnedSubject: string | null;
  /** At most 50. */
  readonly tokens: readonly TraceToken[];
}

export interface Report {
  readonly kind: ReportKind;
  readonly outcomes: readonly ReportedOutcome[];
  readonly message: ReportedMessage;
  readonly evidence: ReportEvidence;
}

/** Only a permanent failure that is the recipient's own, and names a mailbox, may touch its streak. */
export function countsAgainstRecipient(outcome: ReportedOutcome): boolean {
  const { recipient, action, permanent, class: fault } = outcome;
  return permanent && action === 'failed' && FAULT_OF[fault] === 'recipient' && recipient.includes('@');
}

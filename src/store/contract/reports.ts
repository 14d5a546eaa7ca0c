import type { OutcomePolicy } from './outcomes.js';
import type { Subscriptions } from './revocations.js';
import type { AccountId, AddressKey, Instant, Page } from './values.js';

export const REPORT_SOURCES = [
  'relay',
  'relay-log',
  'dsn',
  'complaint',
  'remove-mail',
  'one-click',
  'webhook',
  'api',
  'cli',
] as const;
export type ReportSource = (typeof REPORT_SOURCES)[number];

export const REPORTED_KINDS = ['delivered', 'rejected', 'complained', 'not-spam', 'revoked'] as const;
/** `rejected`: nobody will try again, whoever's fault it was. */
export type ReportedKind = (typeof REPORTED_KINDS)[number];

/** Whose doing it was; feedback/outcome.ts has the classes that these sum up. */
export type ReportedFault = 'recipient' | 'message' | 'sender' | 'network' | 'undetermined' | 'none';

/** What somebody says became of one recipient of one message. */
export interface OutcomeReport {
  readonly source: ReportSource;
  readonly kind: ReportedKind;
  /**
   * Who it is about, the likeliest first: the same mailbox may be named before
   * and after aliases. Empty: the report hides it (complaints only), and the
   * message's only recipient is meant.
   */
  readonly recipients: readonly AddressKey[];
  /** What names the message, and is looked for in this order. */
  readonly message: {
    /** The transaction id, out of something that only we can have made. */
    readonly id: string | null;
    /** The relay's, the first being what it told us. */
    readonly queueIds: readonly string[];
    readonly envid: string | null;
    readonly messageId: string | null;
  };
  /**
   * The reporter answers for it: the relay in our own session, an operator. No
   * passed message is looked for. Null for everybody else, who must name one.
   */
  readonly vouched: {
    readonly account: AccountId;
    readonly message: string;
    /** What a revocation is about, where the reporter knows. */
    readonly subscriptions?: Subscriptions;
  } | null;
  readonly fault: ReportedFault;
  /** Class of the fault, for lists. */
  readonly reason: string;
  /** Reply or diagnostic, of which 200 octets are kept. */
  readonly status: string;
  /** Null: now. Later than now counts as now. */
  readonly at: Instant | null;
  /** What becomes of it when no passed message fits: listed, or only said to the caller, who asks again later. */
  readonly ifUnmatched: 'list' | 'say';
}

export interface ReportPolicy extends OutcomePolicy {
  /** For whom a complaint suppresses its recipient. */
  readonly complaints: 'account' | 'everyone' | 'nobody';
  /** What a revocation holds for: all mail of the account, or the list or stream that it was about where that is known. */
  readonly revocations: 'account' | keyof Subscriptions;
  /** How long a message and what became of it are remembered. */
  readonly reportWindowMs: number;
  /** Beyond so many, the oldest of `outcomes` go. */
  readonly keptOutcomes: number;
}

/**
 * `counted`: news. `known`: told before, or something that outweighs it was.
 * `unmatched`: no message that we passed to such a recipient.
 */
export type ReportAnswer =
  | {
      readonly result: 'counted' | 'known';
      readonly account: AccountId;
      readonly key: AddressKey | null;
      readonly message: string;
    }
  | { readonly result: 'unmatched' };

/** A report that counted. */
export interface CountedOutcome {
  readonly at: Instant;
  readonly account: AccountId;
  /** Null: the complaint hid it. */
  readonly key: AddressKey | null;
  /** The transaction id. */
  readonly message: string;
  readonly kind: ReportedKind;
  readonly fault: ReportedFault;
  readonly reason: string;
  readonly status: string;
  /** Who told it first. */
  readonly source: ReportSource;
}

export interface OutcomeQuery {
  readonly account?: AccountId;
  readonly key?: AddressKey;
  readonly message?: string;
  readonly kind?: ReportedKind;
  readonly cursor?: string;
  readonly limit: number;
}

export interface UnmatchedReport {
  readonly at: Instant;
  readonly source: ReportSource;
  readonly kind: ReportedKind;
  readonly recipients: readonly AddressKey[];
  readonly message: OutcomeReport['message'];
  readonly status: string;
}

/** So many unmatched reports of each source are listed, the latest; all are counted. */
export const MOST_UNMATCHED = 1000;

export interface ReportStore {
  /**
   * The one door for what becomes of mail after the relay took it. Finds the
   * message, and takes the fact in once, whoever tells it and how often:
   *
   * - `rejected` by the recipient's fault makes or lengthens its streak, by any
   *   other fault it only takes back what the relay's acceptance promised;
   * - `delivered` ends the streak (see `recordOutcome`);
   * - `complained` suppresses the recipient as the policy says; `not-spam` takes
   *   the count of that very complaint back, the suppression stays;
   * - `revoked` starts the 48 hours, for what the policy says;
   * - the account's reputation counts all but deliveries.
   *
   * A process that dies in the middle leaves the fact untold: telling it again
   * does the rest, and nothing twice. `policyOf` is asked once the account is known.
   */
  report(report: OutcomeReport, policyOf: (account: AccountId) => ReportPolicy): Promise<ReportAnswer>;
  /** Newest first. */
  outcomes(query: OutcomeQuery): Promise<Page<CountedOutcome>>;
  /** How many there were of each source, and the latest of them all, newest first. */
  unmatched(query: { readonly source?: ReportSource; readonly limit: number }): Promise<{
    readonly counts: Readonly<Partial<Record<ReportSource, number>>>;
    readonly items: readonly UnmatchedReport[];
  }>;
}

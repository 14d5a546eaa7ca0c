/**
 * The store: all state that Sluice processes share. Verbs of the domain, each
 * with its meaning under concurrency; `redis/` and `embedded/` both pass the
 * one contract suite in test/store/.
 *
 * Every verb rejects with `StoreUnavailable` when the store does not answer
 * within the time limit, and with nothing else but bugs. Time is always the
 * store's clock, in ms since the epoch: a caller never sends "now".
 */

import type { Amounts, WindowLimit, WindowUsage } from './window.js';

export type { Amounts, Resource, WindowLimit, WindowUsage } from './window.js';

/** Milliseconds since the epoch by the store's clock. */
export type Instant = number;

/**
 * What is answerable for mail: the unit of every limit. Printable, no space, at
 * most 128 octets (`account/account-id.ts` checks).
 */
export type AccountId = string;

/** An address in its normal form (`smtp/address.ts`, `Address.key`), or `@domain` for a whole domain. */
export type AddressKey = string;

/** The store did not answer in time, refused, or is not usable. `cause` has the driver's error. */
export class StoreUnavailable extends Error {
  readonly code = 'STORE_UNAVAILABLE';
  constructor(
    /** The verb that was under way. */
    readonly verb: string,
    options?: { cause?: unknown },
  ) {
    super(`store: ${verb} failed: ${options?.cause instanceof Error ? options.cause.message : 'no answer'}`, options);
    this.name = 'StoreUnavailable';
  }
}

// ---------------------------------------------------------------- limits

/** One transaction's hold on its account's windows. */
export interface Lease {
  /** Unique over all processes and time (the transaction id). */
  readonly transaction: string;
  readonly account: AccountId;
}

export interface RecipientRequest {
  readonly key: AddressKey;
  /** The domain part of `key`, for suppressions of whole domains. */
  readonly domain: string;
  /** Also look for suppressions of the address without its `+tag`; null when it has none. */
  readonly untaggedKey: AddressKey | null;
  /** Which of `accountLimits` it needs one place in: exempt recipients have limits of their own and no others. */
  readonly resource: 'recipients' | 'exempt-recipients';
}

export interface ReserveRequest {
  readonly lease: Lease;
  /** Limits of the account; `messages`, `bytes` are asked for once per transaction, each recipient's `resource` once. */
  readonly accountLimits: readonly WindowLimit[];
  /** What the transaction asks for beside its recipients (messages: 1 and bytes: the declared SIZE, on the first call that has a recipient which is not exempt). */
  readonly amounts: Amounts;
  /** Limits of messages to one address, by this account and by all accounts. Empty: not counted. */
  readonly floodLimits: { readonly account: readonly WindowLimit[]; readonly everyone: readonly WindowLimit[] };
  readonly recipients: readonly RecipientRequest[];
  /** Which facts about each recipient are wanted. */
  readonly facts: { readonly suppression: boolean; readonly revocation: boolean; readonly rejections: boolean };
}

export interface RecipientAnswer {
  /**
   * False when an enforced limit has no room for this recipient: nothing of it
   * is held then. True when everything that it needs is held.
   */
  readonly granted: boolean;
  /**
   * The limits that this recipient met: of the account's, those whose resource
   * is asked for here (in `amounts`, more than 0, or as its own), then flood's,
   * this account's before everyone's. Those over their count with `over: true`.
   */
  readonly usage: readonly WindowUsage[];
  /**
   * The closest of those that apply to the account: the very address, then the
   * one without its tag, then the domain; for each, the account's own before
   * everyone's.
   */
  readonly suppression: Suppression | null;
  readonly revocation: Revocation | null;
  /** The account's own or the global streak; if there are both, the one with the latest rejection. */
  readonly rejections: RejectionStreak | null;
}

export interface ReserveAnswer {
  readonly now: Instant;
  /** In the order of the request. */
  readonly recipients: readonly RecipientAnswer[];
}

export interface CommitRequest {
  readonly lease: Lease;
  readonly accountLimits: readonly WindowLimit[];
  /** The message's final amounts, whatever was held: messages, recipients and exempt-recipients that were accepted, bytes, self-bytes. */
  readonly amounts: Amounts;
  readonly floodLimits: ReserveRequest['floodLimits'];
  /** Accepted recipients. */
  readonly recipients: readonly AddressKey[];
}

export interface CommitAnswer {
  readonly now: Instant;
  /** False when an enforced limit has no room for what exceeds the hold; the whole lease is given back then. */
  readonly granted: boolean;
  /** The account's limits whose resource is in `amounts` (more than 0), then those flood limits that are over. */
  readonly usage: readonly WindowUsage[];
  /** To undo the charge with `refund` if the relay refuses the message; null when not granted. */
  readonly charge: Charge | null;
}

/** Opaque to callers: which sub-intervals were charged, and with what. */
export interface Charge {
  readonly lease: Lease;
  readonly entries: readonly {
    readonly subject: string;
    readonly resource: string;
    readonly perMs: number;
    readonly slot: number;
    readonly amount: number;
  }[];
}

/** What of a held lease is no longer needed. */
export interface GiveBackRequest {
  readonly lease: Lease;
  /** Amounts off the account's hold. */
  readonly amounts: Amounts;
  /** Recipients whose flood holds end. */
  readonly recipients: readonly AddressKey[];
}

/** Rolling-window counts of a subject that is not an account (client address, username): no leases. */
export type MeterSubject = `client:${string}` | `username:${string}` | `client-username:${string}`;

export interface SessionRequest {
  /** Unique over all processes and time. */
  readonly session: string;
  readonly subject: `client:${string}` | `account:${AccountId}`;
  /** At most so many sessions of the subject at once; null: not limited. */
  readonly concurrent: { readonly count: number; readonly enforced: boolean } | null;
  /** Limits on new sessions (resource `sessions`). */
  readonly limits: readonly WindowLimit[];
}

export interface SessionAnswer {
  readonly granted: boolean;
  /** Sessions of the subject now, this one included if granted. */
  readonly concurrent: number;
  readonly usage: readonly WindowUsage[];
}

// ---------------------------------------------------------------- accounts

export type Standing = 'good' | 'warned' | 'suspended' | 'terminated';

export interface AccountState {
  readonly account: AccountId;
  readonly standing: Standing;
  /** Why, by whom and when the standing last changed; null for an account that was never touched. */
  readonly changed: { readonly reason: string; readonly by: string; readonly at: Instant } | null;
  /** When a suspension ends by itself; null: when somebody ends it. */
  readonly until: Instant | null;
  /** When its first message was accepted; null before that. The warm-up ramp counts from here. */
  readonly firstAcceptedAt: Instant | null;
}

export interface StandingChange {
  readonly account: AccountId;
  readonly standing: Standing;
  readonly reason: string;
  readonly by: string;
  readonly until: Instant | null;
}

export interface Credential {
  readonly username: string;
  readonly account: AccountId;
  /** PHC string or modular crypt format; see account/password.ts. */
  readonly hash: string;
}

// ---------------------------------------------------------------- recipients

export type SuppressionReason = 'unsubscribed' | 'complained' | 'bounced' | 'manual';

export interface Suppression {
  /** Address, or `@domain`. */
  readonly key: AddressKey;
  /** Null: for all accounts. */
  readonly account: AccountId | null;
  readonly reason: SuppressionReason;
  readonly at: Instant;
  readonly by: string;
  readonly note: string;
  readonly expiresAt: Instant | null;
}

export type NewSuppression = Omit<Suppression, 'at'> & {
  /** Null: now. */
  readonly at: Instant | null;
};

export interface SuppressionQuery {
  /** Undefined: every account's and the global ones; null: the global ones only. */
  readonly account?: AccountId | null;
  readonly key?: AddressKey;
  /** From a previous page's `next`. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Null: this was the last page. */
  readonly next: string | null;
}

export interface Revocation {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** Where it came from: `one-click`, `remove-mail`, `cli` … */
  readonly source: string;
}

/** Consecutive permanent delivery rejections of one address (AUP "E-Mail Requirements", bullet 11). */
export interface RejectionStreak {
  readonly key: AddressKey;
  /** Null for `scope: global`, where all accounts' rejections make one streak. */
  readonly account: AccountId | null;
  readonly count: number;
  readonly firstAt: Instant;
  readonly latestAt: Instant;
  /** Reply or diagnostic of the latest rejection, at most 200 octets. */
  readonly latestStatus: string;
}

/** What became of one recipient of one message. The one door for every report. */
export interface Outcome {
  readonly account: AccountId;
  readonly key: AddressKey;
  /**
   * What makes reports of one fact the same: the transaction id. A second report
   * for (message, key) of the same or a lesser kind changes nothing; rejected is
   * the greatest (it came back after all), then delivered, then accepted.
   */
  readonly message: string;
  readonly kind: 'accepted' | 'delivered' | 'rejected';
  readonly status: string;
  /** Null: now. Reports that come late carry their own time. */
  readonly at: Instant | null;
}

export interface OutcomePolicy {
  readonly scope: 'account' | 'global';
  /** A streak whose address was then accepted and not rejected for so long has ended. */
  readonly presumeDeliveredAfterMs: number;
  /** Streaks are forgotten when nothing was heard of them for so long. */
  readonly keepMs: number;
}

// ---------------------------------------------------------------- decisions

/** JSON as it is kept and exported; the ledger gives it its shape. */
export interface StoredDecision {
  readonly id: string;
  readonly at: Instant;
  readonly account: AccountId | null;
  readonly verdict: 'pass' | 'defer' | 'reject';
  /** Every rule that objected, for filtering. */
  readonly rules: readonly string[];
  readonly body: string;
}

export interface DecisionQuery {
  readonly account?: AccountId;
  readonly rule?: string;
  readonly verdict?: StoredDecision['verdict'];
  readonly since?: Instant;
  /** Decisions after this position, oldest first (follow); without it newest first. */
  readonly after?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface DecisionPage extends Page<StoredDecision> {
  /** Position of the newest decision seen, to go on with `after`. */
  readonly position: string;
}

export interface DecisionBounds {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

// ---------------------------------------------------------------- the contract

export interface Store {
  // --- limits (see window.ts for how a window counts)

  /**
   * Holds room for a batch of recipients and tells what is known about each, in
   * one round trip. Atomic for the account: two calls never both get the last
   * place. Recipients are granted in order; when `messages` or `bytes` has no
   * room, none is; when none is, they are not held. Calling again for the same lease adds to it. The hold lasts
   * `reservationTtl` from the latest call.
   */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>;
  /** Keeps leases of long transactions alive for another `reservationTtl`. Unknown ones are left alone. */
  renew(leases: readonly Lease[]): Promise<void>;
  /** Gives part of a hold back; more than is held gives all. */
  giveBack(request: GiveBackRequest): Promise<void>;
  /**
   * Turns the hold into a charge dated now, before the final dot goes to the
   * relay. What exceeds the hold (bytes, or everything if the lease ran out) is
   * judged against the limits again. The hold is gone afterwards, either way.
   * Sets `firstAcceptedAt` if it was null.
   */
  commit(request: CommitRequest): Promise<CommitAnswer>;
  /** Takes a charge back that the relay refused, from the sub-intervals that it went to, if they still count. */
  refund(charge: Charge): Promise<void>;
  /** Gives the whole hold back, `recipients` being those held. */
  release(lease: Lease, recipients: readonly AddressKey[]): Promise<void>;
  /** Reads an account's windows without changing anything, as if one more were asked for: a full one is `over`. */
  usage(account: AccountId, limits: readonly WindowLimit[]): Promise<readonly WindowUsage[]>;

  /** Adds to a meter whatever its limits say, and tells the use afterwards. */
  charge(subject: MeterSubject, limits: readonly WindowLimit[], amount: number): Promise<readonly WindowUsage[]>;
  /** Reads several meters at once, in order, as if one more were asked for: a full one is `over`. */
  meters(
    asked: readonly { readonly subject: MeterSubject; readonly limits: readonly WindowLimit[] }[],
  ): Promise<readonly (readonly WindowUsage[])[]>;

  /** Counts a session in, if its limits allow; it counts for `sessionTtl` unless renewed. */
  openSession(request: SessionRequest): Promise<SessionAnswer>;
  /** Those that ran out or are unknown are left alone. */
  renewSessions(sessions: readonly Pick<SessionRequest, 'session' | 'subject'>[]): Promise<void>;
  closeSession(session: Pick<SessionRequest, 'session' | 'subject'>): Promise<void>;

  // --- accounts

  /** An account never seen is in good standing. A suspension past `until` reads as good. */
  stateOf(account: AccountId): Promise<AccountState>;
  changeStanding(change: StandingChange): Promise<AccountState>;
  /** Accounts with any state, by id. */
  accounts(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<AccountState>>;
  credentialOf(username: string): Promise<Credential | null>;
  setCredential(credential: Credential): Promise<void>;
  removeCredential(username: string): Promise<boolean>;

  // --- recipients

  /** Adds or replaces; the latest writer wins. */
  suppress(suppressions: readonly NewSuppression[]): Promise<void>;
  /** True if there was one that had not expired. */
  unsuppress(key: AddressKey, account: AccountId | null): Promise<boolean>;
  /** Every suppression that would stop mail to this address: its own, its domain's, global ones and each account's. */
  suppressionsOf(request: Pick<RecipientRequest, 'key' | 'domain' | 'untaggedKey'>): Promise<readonly Suppression[]>;
  /** In an order of the store's own; what is there all the time comes exactly once. */
  suppressions(query: SuppressionQuery): Promise<Page<Suppression>>;
  /** Asking again does not start the time anew: of two, the earlier stays. */
  revoke(revocation: Omit<Revocation, 'at'> & { readonly at: Instant | null }): Promise<void>;
  /** True if there was one. */
  liftRevocation(key: AddressKey, account: AccountId): Promise<boolean>;
  /**
   * Idempotent: see `Outcome.message`. A delivery later than the streak's latest
   * rejection ends it; so does an acceptance later than that, once
   * `presumeDeliveredAfterMs` have passed since it (whoever reads then finds no
   * streak), unless its message is rejected or another rejection came after it.
   * Acceptances count only if there is a streak when they are reported, and are
   * forgotten with it. A rejection dated before the delivery that ended a streak
   * is no part of the next.
   */
  recordOutcome(outcome: Outcome, policy: OutcomePolicy): Promise<void>;
  /** All streaks of an address, every account's and the global one. */
  rejectionsOf(key: AddressKey): Promise<readonly RejectionStreak[]>;
  /** True if there was one. Which messages were reported is still known, so repeated reports do not bring it back. */
  forgetRejections(key: AddressKey, account: AccountId | null): Promise<boolean>;

  // --- decisions

  /** Appends in order; the oldest beyond the bounds go, at most some hundred a call. */
  appendDecisions(decisions: readonly StoredDecision[], bounds: DecisionBounds): Promise<void>;
  decisions(query: DecisionQuery): Promise<DecisionPage>;

  // --- operation

  /** Answers if the store can serve; measures the round trip in ms. */
  ping(): Promise<number>;
  close(): Promise<void>;
}

/** Settings that both stores share, fixed when the store is opened. */
export interface StoreTimes {
  /** A hold of a process that died comes home after this. Default 10 min. */
  readonly reservationTtlMs: number;
  /** A session of a process that died stops counting after this. Default 3 min. */
  readonly sessionTtlMs: number;
  /** A call that takes longer fails with StoreUnavailable. Default 500 ms. */
  readonly callTimeoutMs: number;
}

/** Version of the layout of what is kept; a store with a newer one is refused by name (`SchemaTooNew`). */
export const SCHEMA_VERSION = 1;

export class SchemaTooNew extends Error {
  readonly code = 'STORE_SCHEMA_TOO_NEW';
  constructor(
    readonly found: number,
    readonly where: string,
  ) {
    super(
      `the store at ${where} has schema ${found}, this Sluice knows up to ${SCHEMA_VERSION}: run the newer Sluice, or another store`,
    );
    this.name = 'SchemaTooNew';
  }
}

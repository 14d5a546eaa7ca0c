import type { AccountId, AddressKey, Instant } from './values.js';

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
  /** `returned`: as final as rejected, but not for the address' sake: in no streak, and the acceptance promises nothing. */
  readonly kind: 'accepted' | 'delivered' | 'returned' | 'rejected';
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

export interface OutcomeStore {
  /**
   * Idempotent: see `Outcome.message`. A delivery later than the streak's latest
   * rejection ends it, unless that very message comes back after all: then it
   * goes on as it was, and the return counts. So does an acceptance later than that, once
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
}

import type { AccountId } from './values.js';

/** Shares are of this rolling time; a quarter of a day that has partly left it still counts wholly. */
export const REPUTATION_WINDOW_MS = 7 * 86_400_000;
export const REPUTATION_SLOT_MS = 6 * 3_600_000;

export const REPUTATION_LEVELS = ['good', 'review', 'stop'] as const;
export type ReputationLevel = (typeof REPUTATION_LEVELS)[number];
export type ReputationMeasure = 'rejections' | 'complaints';

/** What became of an account's mail of the last 7 days; each recipient of each message counts once. */
export interface Reputation {
  /** Recipients that the relay took, and those that it refused for good at RCPT. */
  readonly mailed: number;
  /** Rejected for good, by the fault of the recipient, the message or nobody knows whose. */
  readonly rejected: number;
  /** Rejected for what is ours: blocklists, reputation, our infrastructure. In no share. */
  readonly refusedForUs: number;
  /** Less those taken back. */
  readonly complained: number;
  /** As last written: what hysteresis goes by. */
  readonly levels: Readonly<Record<ReputationMeasure, ReputationLevel>>;
}

export interface ReputationStore {
  /** An account of which nothing was heard has zeros and is good. */
  reputationOf(account: AccountId): Promise<Reputation>;
  setReputationLevel(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): Promise<void>;
}

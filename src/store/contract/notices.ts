import type { AccountId, Instant } from './values.js';

/** `probe`: test mail to the account's complaint address. */
export type NoticeChannel = 'mail' | 'webhook' | 'probe';

/** What waits for one account on one way to it. */
export interface NoticeQueue {
  readonly account: AccountId;
  readonly channel: NoticeChannel;
}

export interface NewNotice extends NoticeQueue {
  /** What makes two of a queue the same; at most 512 octets. */
  readonly key: string;
  /** Opaque to the store; at most 4 KiB. */
  readonly body: string;
}

export interface QueuedNotice extends NewNotice {
  readonly at: Instant;
}

export interface NoticeTurn extends NoticeQueue {
  /** Oldest first, at least one. */
  readonly notices: readonly QueuedNotice[];
}

/** What was queued is known for so long, and not queued again. */
export const NOTICE_KNOWN_MS = 30 * 86_400_000;
/** More than so many do not wait in one queue: an account that is told this much is told enough. */
export const MOST_WAITING_NOTICES = 10_000;

export interface NoticeStore {
  /** Tells how many were news, and how many found their queue full. */
  queueNotices(notices: readonly NewNotice[]): Promise<{ readonly queued: number; readonly dropped: number }>;
  /**
   * The queue that is due for longest, with its first `limit` notices. Nobody else
   * gets it before `ttlMs` are over, unless it is settled. Null: none is due.
   */
  takeNotices(query: { readonly limit: number; readonly ttlMs: number }): Promise<NoticeTurn | null>;
  /** Removes those that were told; the queue is due again in `againAfterMs` at the earliest, whatever comes meanwhile. */
  settleNotices(queue: NoticeQueue, told: readonly string[], againAfterMs: number): Promise<void>;
  /** What waits, the first `limit` of each queue, oldest first. */
  waitingNotices(query: { readonly account?: AccountId; readonly limit: number }): Promise<readonly QueuedNotice[]>;
}

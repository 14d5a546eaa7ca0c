/** What a report that counts does, the same in every store. */

import type { Instant, Outcome, OutcomeReport, ReportPolicy, Subscription, Subscriptions } from './contract.js';

/** A later report of the same field must exceed what is known. */
export const REPORT_RANK: Readonly<Record<OutcomeReport['kind'], number>> = {
  delivered: 1,
  rejected: 2,
  complained: 1,
  'not-spam': 2,
  revoked: 1,
};

/** Facts of one recipient that exclude each other share a field. */
export function factField(kind: OutcomeReport['kind'], key: string | null): string {
  if (kind === 'delivered' || kind === 'rejected') return `o ${key ?? ''}`;
  return kind === 'revoked' ? `v ${key ?? ''}` : `c ${key ?? ''}`;
}

/** What the streak hears; null: nothing. */
export function streakKind({ kind, fault }: Pick<OutcomeReport, 'kind' | 'fault'>): Outcome['kind'] | null {
  if (kind === 'delivered') return 'delivered';
  if (kind !== 'rejected') return null;
  return fault === 'recipient' ? 'rejected' : 'returned';
}

export type ReputationCount = 'mailed' | 'rejected' | 'refusedForUs' | 'complained';

/** What is added to the account's counts. */
export function reputationCounts({ kind, fault, source }: OutcomeReport): Partial<Record<ReputationCount, number>> {
  if (kind === 'complained') return { complained: 1 };
  if (kind === 'not-spam') return { complained: -1 };
  if (kind !== 'rejected') return {};
  // Refused at RCPT or at the end of data: the message never passed, where its recipients are counted.
  const mailed = source === 'relay' ? { mailed: 1 } : {};
  return fault === 'sender' || fault === 'network' ? { refusedForUs: 1 } : { ...mailed, rejected: 1 };
}

/** What a revocation holds for; null: all mail of the account, also where nobody knows which part of it is meant. */
export function revokedSubscription(policy: ReportPolicy, about: Subscriptions): Subscription | null {
  const kind = policy.revocations;
  const name = kind === 'account' ? null : about[kind];
  return kind === 'account' || name === null ? null : { kind, name };
}

/** Nobody reports from the future. */
export function reportedAt(at: Instant | null, now: Instant): Instant {
  return at === null ? now : Math.min(at, now);
}

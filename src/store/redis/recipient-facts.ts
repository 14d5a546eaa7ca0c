import type {
  AccountId,
  AddressKey,
  Instant,
  RejectionStreak,
  Revocation,
  Suppression,
  SuppressionReason,
} from '../contract.js';

/** How facts about an address are written in its hashes, and read back. */

/** `<at>,<expires or 0>,[reason,by,note]` */
export function readSuppression(
  text: string | null,
  key: AddressKey,
  account: AccountId | null,
  now: Instant,
): Suppression | null {
  const found = text === null ? null : /^(\d+),(\d+),(.*)$/s.exec(text);
  if (found === null) return null;
  const [, at, expires, rest] = found;
  if (expires !== '0' && Number(expires) <= now) return null;
  const [reason, by, note] = JSON.parse(rest ?? '') as [SuppressionReason, string, string];
  return { key, account, reason, at: Number(at), by, note, expiresAt: expires === '0' ? null : Number(expires) };
}

/** `<at>,<source>` */
export function readRevocation(text: string | null, key: AddressKey, account: AccountId): Revocation | null {
  const found = text === null ? null : /^(\d+),(.*)$/s.exec(text);
  return found === null ? null : { key, account, at: Number(found[1]), source: found[2] ?? '' };
}

/** As record-outcome.lua writes it. */
interface WrittenStreak {
  readonly c: number;
  readonly f: number;
  readonly l: number;
  readonly s: string;
  readonly u: Instant;
  /** Reports: message, when, deadline, rank. An empty list comes as an object. */
  readonly p: readonly (readonly [string, Instant, Instant, number])[] | Readonly<Record<string, never>>;
}

const ACCEPTED = 1;

/** Null: none, forgotten, or ended by an acceptance that nothing followed. */
export function readStreak(
  text: string | null,
  key: AddressKey,
  account: AccountId | null,
  now: Instant,
): RejectionStreak | null {
  if (text === null || text === '') return null;
  const streak = JSON.parse(text) as WrittenStreak;
  const presumedDelivered =
    Array.isArray(streak.p) &&
    streak.p.some(([, at, deadline, rank]) => rank === ACCEPTED && at > streak.l && deadline <= now);
  if (streak.c === 0 || streak.u <= now || presumedDelivered) return null;
  return { key, account, count: streak.c, firstAt: streak.f, latestAt: streak.l, latestStatus: streak.s };
}

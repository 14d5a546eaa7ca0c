/** Outcomes of messages, and the rejection streaks that they make. */

import type { AccountId, AddressKey, Outcome, OutcomePolicy, RejectionStreak } from '../contract.js';
import { firstOctets } from '../first-octets.js';
import type { Database, Statement } from './database.js';

interface StreakRow {
  readonly key: string;
  readonly account: string;
  readonly count: number;
  readonly first_at: number;
  readonly latest_at: number;
  readonly latest_status: string;
  readonly ended_at: number | null;
}

/** What a later report of the same message must exceed to count. */
const WEIGHT: Readonly<Record<Outcome['kind'], number>> = { accepted: 1, delivered: 2, returned: 3, rejected: 3 };

const MAX_STATUS_OCTETS = 200;
const COLUMNS = 'key, account, count, first_at, latest_at, latest_status, ended_at';

export class Outcomes {
  readonly #streak: Statement<[string, string, number], StreakRow>;
  readonly #streaksOf: Statement<[string, number], StreakRow>;
  readonly #putStreak: Statement<[string, string, number, number, number, string, number | null, number], never>;
  readonly #keepStreak: Statement<[number, string, string], never>;
  readonly #endStreak: Statement<[number, string, string, string], never>;
  readonly #dropStreak: Statement<[string, string], never>;
  readonly #known: Statement<[string, string, string, number], { kind: Outcome['kind'] }>;
  readonly #remember: Statement<[string, string, string, string, number, number, number], never>;
  readonly #presumed: Statement<[string, string, number, number, number], { at: number | null }>;
  readonly #dropAcceptances: Statement<[string, string], never>;

  constructor(database: Database) {
    this.#streak = database.prepare(`SELECT ${COLUMNS} FROM streaks WHERE key = ? AND account = ? AND expires_at > ?`);
    this.#streaksOf = database.prepare(`SELECT ${COLUMNS} FROM streaks WHERE key = ? AND expires_at > ?`);
    this.#putStreak = database.prepare(
      `INSERT OR REPLACE INTO streaks (${COLUMNS}, expires_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#keepStreak = database.prepare('UPDATE streaks SET expires_at = ? WHERE key = ? AND account = ?');
    this.#endStreak = database.prepare(
      'UPDATE streaks SET count = 0, ended_at = ?, latest_status = ? WHERE key = ? AND account = ?',
    );
    this.#dropStreak = database.prepare('DELETE FROM streaks WHERE key = ? AND account = ?');
    this.#known = database.prepare(
      'SELECT kind FROM outcomes WHERE key = ? AND account = ? AND message = ? AND expires_at > ?',
    );
    this.#remember = database.prepare(
      `INSERT OR REPLACE INTO outcomes (key, account, message, kind, at, presumed_at, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)`,
    );
    this.#presumed = database.prepare(
      `SELECT MIN(at) AS at FROM outcomes WHERE key = ? AND account = ? AND kind = 'accepted'
       AND at > ? AND presumed_at <= ? AND expires_at > ?`,
    );
    this.#dropAcceptances = database.prepare(
      `DELETE FROM outcomes WHERE key = ? AND account = ? AND kind IN ('accepted', 'delivered')`,
    );
  }

  record(outcome: Outcome, policy: OutcomePolicy, now: number): void {
    const { key, message, kind } = outcome;
    const account = policy.scope === 'global' ? '' : outcome.account;
    const streak = this.#settled(key, account, now);
    const known = this.#known.get(key, account, message, now);
    if (known !== undefined && WEIGHT[known.kind] >= WEIGHT[kind]) return;
    const at = outcome.at ?? now;
    const remember = (): void => {
      this.#remember.run(key, account, message, kind, at, at + policy.presumeDeliveredAfterMs, now + policy.keepMs);
    };
    if (kind === 'rejected') {
      remember();
      const before = withoutEndBy(message, streak);
      if (before !== undefined && before !== streak) this.#goOn(before, now + policy.keepMs);
      this.#reject({ key, account, at, status: outcome.status, expiresAt: now + policy.keepMs }, before);
      return;
    }
    // Without a streak nothing depends on an acceptance, nor on its end: most addresses cost nothing here.
    if (streak === undefined) return;
    this.#keepStreak.run(now + policy.keepMs, key, account);
    if (kind === 'returned') {
      remember();
      this.#goOn(withoutEndBy(message, streak), now + policy.keepMs);
      return;
    }
    if (kind === 'delivered' && streak.count === 0) this.#end(streak, Math.max(at, endOf(streak)), null);
    else if (kind === 'delivered' && at > streak.latest_at) this.#end(streak, at, message);
    else if (streak.count > 0) remember();
  }

  /** The account's own or the global streak, whichever has the latest rejection. */
  of(key: AddressKey, account: AccountId, now: number): RejectionStreak | null {
    const own = this.#current(key, account, now);
    const everyone = this.#current(key, '', now);
    if (own === undefined || everyone === undefined) return own ?? everyone ?? null;
    return everyone.latestAt > own.latestAt ? everyone : own;
  }

  all(key: AddressKey, now: number): RejectionStreak[] {
    return this.#streaksOf.all(key, now).flatMap((row) => (this.#isCurrent(row, now) ? [fromRow(row)] : []));
  }

  forget(key: AddressKey, account: AccountId | null, now: number): boolean {
    const streak = this.#settled(key, account ?? '', now);
    if (streak === undefined || streak.count === 0) return false;
    this.#dropStreak.run(key, account ?? '');
    this.#dropAcceptances.run(key, account ?? '');
    return true;
  }

  #reject(
    report: {
      readonly key: string;
      readonly account: string;
      readonly at: number;
      readonly status: string;
      readonly expiresAt: number;
    },
    streak: StreakRow | undefined,
  ): void {
    const { key, account, at, expiresAt } = report;
    const endedAt = streak?.ended_at ?? null;
    if (endedAt !== null && at < endedAt) return;
    const status = firstOctets(report.status, MAX_STATUS_OCTETS);
    if (streak === undefined || streak.count === 0) {
      this.#putStreak.run(key, account, 1, at, at, status, endedAt, expiresAt);
      return;
    }
    const { count, first_at, latest_at, latest_status } = streak;
    const latestStatus = at >= latest_at ? status : latest_status;
    this.#putStreak.run(
      key,
      account,
      count + 1,
      Math.min(first_at, at),
      Math.max(latest_at, at),
      latestStatus,
      endedAt,
      expiresAt,
    );
  }

  #goOn(streak: StreakRow, expiresAt: number): void {
    const { key, account, count, first_at, latest_at, latest_status, ended_at } = streak;
    this.#putStreak.run(key, account, count, first_at, latest_at, latest_status, ended_at, expiresAt);
  }

  /** @param message whose delivery ends it; null: presumed */
  #end(streak: StreakRow, at: number, message: string | null): void {
    const { key, account, count, latest_status, ended_at } = streak;
    const undo: Undo | null =
      message === null || count === 0 ? null : { message, count, status: latest_status, endedAt: ended_at };
    this.#endStreak.run(at, undo === null ? '' : JSON.stringify(undo), key, account);
    this.#dropAcceptances.run(key, account);
  }

  /** The streak as it is kept, its presumed end written down. */
  #settled(key: string, account: string, now: number): StreakRow | undefined {
    const streak = this.#streak.get(key, account, now);
    if (streak === undefined) return undefined;
    const presumedAt = this.#presumedEnd(streak, now);
    if (presumedAt === null) return streak;
    this.#end(streak, presumedAt, null);
    return { ...streak, count: 0, ended_at: presumedAt, latest_status: '' };
  }

  #current(key: string, account: string, now: number): RejectionStreak | undefined {
    const streak = this.#streak.get(key, account, now);
    return streak !== undefined && this.#isCurrent(streak, now) ? fromRow(streak) : undefined;
  }

  #isCurrent(streak: StreakRow, now: number): boolean {
    return streak.count > 0 && this.#presumedEnd(streak, now) === null;
  }

  /** When a message was accepted after the latest rejection that counts as delivered by now. */
  #presumedEnd({ key, account, count, latest_at }: StreakRow, now: number): number | null {
    if (count === 0) return null;
    return this.#presumed.get(key, account, latest_at, now, now)?.at ?? null;
  }
}

/** Of a streak that a delivery ended, in place of the latest status: what it was before. First and latest stay. */
interface Undo {
  readonly message: string;
  readonly count: number;
  readonly status: string;
  readonly endedAt: number | null;
}

/** Null: it says nothing, or a status of an older Sluice stands there. */
function undoIn(text: string): Undo | null {
  if (!text.startsWith('{"message":')) return null;
  try {
    return JSON.parse(text) as Undo;
  } catch {
    return null;
  }
}

/** The delivery that ended it was none when that very message comes back: the streak as it was. */
function withoutEndBy(message: string, streak: StreakRow): StreakRow;
function withoutEndBy(message: string, streak: StreakRow | undefined): StreakRow | undefined;
function withoutEndBy(message: string, streak: StreakRow | undefined): StreakRow | undefined {
  if (streak === undefined || streak.count > 0) return streak;
  const undo = undoIn(streak.latest_status);
  if (undo?.message !== message) return streak;
  return { ...streak, count: undo.count, latest_status: undo.status, ended_at: undo.endedAt };
}

/** Of one that has ended. */
function endOf({ latest_at, ended_at }: StreakRow): number {
  return ended_at ?? latest_at;
}

function fromRow({ key, account, count, first_at, latest_at, latest_status }: StreakRow): RejectionStreak {
  return {
    key,
    account: account === '' ? null : account,
    count,
    firstAt: first_at,
    latestAt: latest_at,
    latestStatus: latest_status,
  };
}

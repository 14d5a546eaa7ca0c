/** Suppressions and rejection streaks in the plainest way, for model-suite.ts. */

import type { NewSuppression, Outcome, OutcomePolicy } from '../../src/store/contract.js';

interface Report {
  kind: Outcome['kind'];
  at: number;
  presumedAt: number;
}

interface Streak {
  rejections: number[];
  latestStatus: string;
  endedAt: number;
  /** What a delivery ended, and which one. */
  undo: (Pick<Streak, 'rejections' | 'latestStatus' | 'endedAt'> & { readonly message: string }) | null;
  readonly reports: Map<string, Report>;
}

export interface ModelStreak {
  readonly account: string | null;
  readonly count: number;
  readonly firstAt: number;
  readonly latestAt: number;
  readonly latestStatus: string;
}

const WEIGHT = { accepted: 1, delivered: 2, returned: 3, rejected: 3 };

export class RecipientModel {
  now = 0;
  readonly #suppressions = new Map<string, NewSuppression>();
  readonly #streaks = new Map<string, Streak>();

  suppress(suppression: NewSuppression): void {
    this.#suppressions.set(`${suppression.account} ${suppression.key}`, suppression);
  }

  unsuppress(key: string, account: string | null): boolean {
    const found = this.#valid().some((one) => one.key === key && one.account === account);
    this.#suppressions.delete(`${account} ${key}`);
    return found;
  }

  /** Names of all that apply to the keys, whoever's. */
  suppressionsOf(keys: readonly string[]): string[] {
    const applying = this.#valid().filter(({ key }) => keys.includes(key));
    return applying.map(({ key, account, note }) => `${key} ${account} ${note}`).sort();
  }

  closest(keys: readonly string[], account: string): string | null {
    for (const key of keys) {
      for (const whose of [account, null]) {
        const found = this.#valid().find((one) => one.key === key && one.account === whose);
        if (found !== undefined) return `${key} ${whose} ${found.note}`;
      }
    }
    return null;
  }

  record({ account, key, message, kind, status, at }: Outcome & { readonly at: number }, policy: OutcomePolicy): void {
    const streak = this.#streakOf(key, policy.scope === 'global' ? null : account);
    this.#settle(streak);
    const known = streak.reports.get(message);
    if (known !== undefined && WEIGHT[known.kind] >= WEIGHT[kind]) return;
    const remember = () => streak.reports.set(message, { kind, at, presumedAt: at + policy.presumeDeliveredAfterMs });
    if (kind === 'rejected' || kind === 'returned') this.#takeBack(streak, message);
    if (kind === 'rejected') {
      remember();
      if (at < streak.endedAt) return;
      if (streak.rejections.every((earlier) => at >= earlier)) streak.latestStatus = status;
      streak.rejections.push(at);
    } else if (streak.rejections.length > 0) {
      if (kind === 'delivered' && at > Math.max(...streak.rejections)) {
        const { rejections, latestStatus, endedAt } = streak;
        this.#end(streak, at);
        streak.undo = { message, rejections, latestStatus, endedAt };
      } else remember();
    } else if (kind === 'returned') {
      if (streak.endedAt > Number.NEGATIVE_INFINITY) remember();
    } else if (kind === 'delivered' && streak.endedAt > Number.NEGATIVE_INFINITY) {
      streak.undo = null;
      streak.endedAt = Math.max(streak.endedAt, at);
    }
  }

  forget(key: string, account: string | null): boolean {
    const streak = this.#streakOf(key, account);
    this.#settle(streak);
    if (streak.rejections.length === 0) return false;
    this.#end(streak, Number.NEGATIVE_INFINITY);
    return true;
  }

  streaksOf(key: string, accounts: readonly (string | null)[]): ModelStreak[] {
    return accounts.flatMap((account) => {
      const streak = this.#streakOf(key, account);
      this.#settle(streak);
      const { rejections, latestStatus } = streak;
      if (rejections.length === 0) return [];
      const [firstAt, latestAt] = [Math.min(...rejections), Math.max(...rejections)];
      return [{ account, count: rejections.length, firstAt, latestAt, latestStatus }];
    });
  }

  /** The delivery that ended it was none. */
  #takeBack(streak: Streak, message: string): void {
    const { undo } = streak;
    if (streak.rejections.length > 0 || undo === null || undo.message !== message) return;
    streak.rejections = undo.rejections;
    streak.latestStatus = undo.latestStatus;
    streak.endedAt = undo.endedAt;
    streak.undo = null;
  }

  #valid(): NewSuppression[] {
    return [...this.#suppressions.values()].filter(({ expiresAt }) => expiresAt === null || expiresAt > this.now);
  }

  #streakOf(key: string, account: string | null): Streak {
    const id = `${account} ${key}`;
    const found = this.#streaks.get(id);
    if (found !== undefined) return found;
    const fresh = {
      rejections: [],
      latestStatus: '',
      endedAt: Number.NEGATIVE_INFINITY,
      undo: null,
      reports: new Map(),
    };
    this.#streaks.set(id, fresh);
    return fresh;
  }

  /** Ends the streak if a message accepted after its latest rejection counts as delivered by now. */
  #settle(streak: Streak): void {
    if (streak.rejections.length === 0) return;
    const latest = Math.max(...streak.rejections);
    const presumed = [...streak.reports.values()]
      .filter(({ kind, at, presumedAt }) => kind === 'accepted' && at > latest && presumedAt <= this.now)
      .map(({ at }) => at);
    if (presumed.length > 0) this.#end(streak, Math.min(...presumed));
  }

  #end(streak: Streak, at: number): void {
    streak.rejections = [];
    streak.undo = null;
    streak.endedAt = at;
    for (const [message, { kind }] of streak.reports) if (WEIGHT[kind] < 3) streak.reports.delete(message);
  }
}

import {
  type AccountId,
  type Instant,
  REPUTATION_SLOT_MS,
  REPUTATION_WINDOW_MS,
  type Reputation,
  type ReputationLevel,
  type ReputationMeasure,
} from '../contract.js';
import type { ReputationCount } from '../report-effects.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';

/** A fact told twice is told twice within so many others: a process died in between. */
const REMEMBERED = 1000;
const LEVEL = 'level:';

/** What became of each account's mail, counted by quarters of a day. */
export class Reputations {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** @param id what is counted: it counts once */
  async add(
    account: AccountId,
    id: string,
    counts: Partial<Readonly<Record<ReputationCount, number>>>,
    at: Instant | null,
  ): Promise<void> {
    const pairs = Object.entries(counts).flat();
    if (pairs.length === 0) return;
    await this.link.script(
      'report',
      'count-reputation',
      [this.keys.reputation(account), this.keys.reputationCounted(account)],
      [this.link.clock(), id, at ?? '', REPUTATION_SLOT_MS, REPUTATION_WINDOW_MS, REMEMBERED, ...pairs],
    );
  }

  async of(account: AccountId): Promise<Reputation> {
    const [now, reply] = await Promise.all([
      this.link.now('reputationOf'),
      this.link.command('reputationOf', 'HGETALL', this.keys.reputation(account)),
    ]);
    const sums: Record<ReputationCount, number> = { mailed: 0, rejected: 0, refusedForUs: 0, complained: 0 };
    const levels: Record<ReputationMeasure, ReputationLevel> = { rejections: 'good', complaints: 'good' };
    const flat = reply as string[];
    for (let i = 0; i < flat.length; i += 2) {
      const [slot = '', name = ''] = (flat[i] ?? '').split(':');
      const value = flat[i + 1] ?? '';
      if (slot === 'level') levels[name as ReputationMeasure] = value as ReputationLevel;
      else if ((Number(slot) + 1) * REPUTATION_SLOT_MS + REPUTATION_WINDOW_MS > now) {
        sums[name as ReputationCount] += Number(value);
      }
    }
    return { ...sums, complained: Math.max(0, sums.complained), levels };
  }

  async setLevel(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): Promise<void> {
    const key = this.keys.reputation(account);
    await this.link.command('setReputationLevel', 'HSET', key, `${LEVEL}${measure}`, level);
    await this.link.command('setReputationLevel', 'PEXPIRE', key, REPUTATION_WINDOW_MS + 2 * REPUTATION_SLOT_MS);
  }
}

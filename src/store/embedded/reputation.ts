import {
  type AccountId,
  REPUTATION_SLOT_MS,
  REPUTATION_WINDOW_MS,
  type Reputation,
  type ReputationLevel,
  type ReputationMeasure,
} from '../contract.js';
import type { ReputationCount } from '../report-effects.js';
import type { Database, Statement } from './database.js';

type Counts = Readonly<Record<ReputationCount, number>>;

/** What became of each account's mail, counted by quarters of a day. */
export class Reputations {
  readonly #add: Statement<[string, number, number, number, number, number, number], never>;
  readonly #sum: Statement<[string, number], Counts>;
  readonly #levels: Statement<[string], { measure: ReputationMeasure; level: ReputationLevel }>;
  readonly #setLevel: Statement<[string, string, string], never>;

  constructor(database: Database) {
    this.#add = database.prepare(
      `INSERT INTO reputation_counts (account, slot, mailed, rejected, refused_for_us, complained, expires_at)
       VALUES (?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET mailed = mailed + excluded.mailed, rejected = rejected + excluded.rejected,
         refused_for_us = refused_for_us + excluded.refused_for_us, complained = complained + excluded.complained`,
    );
    this.#sum = database.prepare(
      `SELECT COALESCE(SUM(mailed), 0) AS mailed, COALESCE(SUM(rejected), 0) AS rejected,
         COALESCE(SUM(refused_for_us), 0) AS refusedForUs, COALESCE(SUM(complained), 0) AS complained
       FROM reputation_counts WHERE account = ? AND expires_at > ?`,
    );
    this.#levels = database.prepare('SELECT measure, level FROM reputation_levels WHERE account = ?');
    this.#setLevel = database.prepare(
      'INSERT OR REPLACE INTO reputation_levels (account, measure, level) VALUES (?, ?, ?)',
    );
  }

  /** Dated `at`; what is older than the window is not counted. */
  add(account: AccountId, counts: Partial<Counts>, at: number, now: number): void {
    const slot = Math.floor(at / REPUTATION_SLOT_MS);
    const ends = (slot + 1) * REPUTATION_SLOT_MS + REPUTATION_WINDOW_MS;
    if (ends <= now) return;
    const { mailed = 0, rejected = 0, refusedForUs = 0, complained = 0 } = counts;
    this.#add.run(account, slot, mailed, rejected, refusedForUs, complained, ends);
  }

  of(account: AccountId, now: number): Reputation {
    const { mailed = 0, rejected = 0, refusedForUs = 0, complained = 0 } = this.#sum.get(account, now) ?? {};
    const levels = { rejections: 'good', complaints: 'good' } as Record<ReputationMeasure, ReputationLevel>;
    for (const { measure, level } of this.#levels.all(account)) levels[measure] = level;
    return { mailed, rejected, refusedForUs, complained: Math.max(0, complained), levels };
  }

  setLevel(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): void {
    this.#setLevel.run(account, measure, level);
  }
}

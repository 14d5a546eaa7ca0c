/**
 * Removes what has run out, a bounded number of rows at a time. Nothing reads
 * such rows: this only keeps the file from growing. It removes up to twice as
 * many rows as were written, so that it always catches up, without timers.
 */

import type { Database, Statement } from './database.js';

const EVERY_CHANGES = 100;

export class Sweep {
  readonly #database: Database;
  readonly #expired: readonly Statement<[number, number], never>[];
  #sweptAt = 0;

  constructor(database: Database) {
    this.#database = database;
    this.#expired = [
      expired('slots', 'subject, resource, per_ms, slot', 'leaves_at'),
      // Holds go with their lease, and before it.
      `DELETE FROM holds WHERE lease IN (SELECT lease FROM leases WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
      expired('leases', 'lease', 'expires_at'),
      expired('sessions', 'subject, session', 'expires_at'),
      expired('suppressions', 'key, account', 'expires_at'),
      expired('streaks', 'key, account', 'expires_at'),
      expired('outcomes', 'key, account, message', 'expires_at'),
      expired('campaigns', 'account, id', 'expires_at'),
      expired('campaign_marks', 'account, mark', 'expires_at'),
      expired('campaign_recipients', 'account, id, recipient', 'expires_at'),
      expired('passed_messages', 'id', 'expires_at'),
      expired('message_names', 'name, message', 'expires_at'),
      expired('facts', 'message, field', 'expires_at'),
      expired('notice_keys', 'channel, account, key', 'expires_at'),
      expired('reputation_counts', 'account, slot', 'expires_at'),
    ].map((source) => database.prepare(source));
  }

  /** To be called in a write; does nothing until enough was written. */
  run(now: number): void {
    const written = this.#database.rowsChanged - this.#sweptAt;
    if (written < EVERY_CHANGES) return;
    for (const remove of this.#expired) remove.run(now, 2 * written);
    this.#sweptAt = this.#database.rowsChanged;
  }
}

function expired(table: string, key: string, end: string): string {
  return `DELETE FROM ${table} WHERE (${key}) IN (SELECT ${key} FROM ${table} WHERE ${end} <= ? ORDER BY ${end} LIMIT ?)`;
}

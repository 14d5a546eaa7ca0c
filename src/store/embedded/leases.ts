/** Holds of transactions: each belongs to a lease that ends by itself. */

import type { Held } from '../window-view.js';
import type { Database, Statement } from './database.js';

export class Leases {
  readonly #ttlMs: number;
  readonly #expiry: Statement<[string], { expires_at: number }>;
  readonly #extend: Statement<[string, number], never>;
  readonly #renew: Statement<[number, string, number], never>;
  readonly #add: Statement<[string, string, string, number], never>;
  readonly #ofLease: Statement<[string, number], Held>;
  readonly #take: Statement<[number, string, string, string], never>;
  readonly #dropEmpty: Statement<[string, string, string], never>;
  readonly #dropSubject: Statement<[string, string], never>;
  readonly #dropHolds: Statement<[string], never>;
  readonly #dropLease: Statement<[string], never>;

  constructor(database: Database, ttlMs: number) {
    this.#ttlMs = ttlMs;
    this.#expiry = database.prepare('SELECT expires_at FROM leases WHERE lease = ?');
    this.#extend = database.prepare(
      'INSERT INTO leases (lease, expires_at) VALUES (?, ?) ON CONFLICT DO UPDATE SET expires_at = excluded.expires_at',
    );
    this.#renew = database.prepare('UPDATE leases SET expires_at = ? WHERE lease = ? AND expires_at > ?');
    this.#add = database.prepare(
      `INSERT INTO holds (subject, resource, lease, amount) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    );
    this.#ofLease = database.prepare(
      'SELECT subject, resource, amount FROM holds JOIN leases USING (lease) WHERE lease = ? AND expires_at > ?',
    );
    this.#take = database.prepare(
      'UPDATE holds SET amount = MAX(0, amount - ?) WHERE subject = ? AND resource = ? AND lease = ?',
    );
    this.#dropEmpty = database.prepare(
      'DELETE FROM holds WHERE subject = ? AND resource = ? AND lease = ? AND amount = 0',
    );
    this.#dropSubject = database.prepare('DELETE FROM holds WHERE lease = ? AND subject = ?');
    this.#dropHolds = database.prepare('DELETE FROM holds WHERE lease = ?');
    this.#dropLease = database.prepare('DELETE FROM leases WHERE lease = ?');
  }

  /** Starts or extends a lease. What it held before it ran out does not come back. */
  extend(lease: string, now: number): void {
    const found = this.#expiry.get(lease);
    if (found !== undefined && found.expires_at <= now) this.#dropHolds.run(lease);
    this.#extend.run(lease, now + this.#ttlMs);
  }

  renew(lease: string, now: number): void {
    this.#renew.run(now + this.#ttlMs, lease, now);
  }

  hold(lease: string, { subject, resource, amount }: Held): void {
    this.#add.run(subject, resource, lease, amount);
  }

  take(lease: string, { subject, resource, amount }: Held): void {
    this.#take.run(amount, subject, resource, lease);
    this.#dropEmpty.run(subject, resource, lease);
  }

  /** Ends everything that the lease holds of a subject. */
  takeAll(lease: string, subject: string): void {
    this.#dropSubject.run(lease, subject);
  }

  /** Nothing if it ran out. */
  holdsOf(lease: string, now: number): readonly Held[] {
    return this.#ofLease.all(lease, now);
  }

  /** Ends the lease and tells what it held, nothing if it had run out. */
  end(lease: string, now: number): readonly Held[] {
    if (this.#expiry.get(lease) === undefined) return [];
    const held = this.holdsOf(lease, now);
    this.#dropHolds.run(lease);
    this.#dropLease.run(lease);
    return held;
  }
}

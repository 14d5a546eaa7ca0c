import type { AccountId, AddressKey, Revocation } from '../contract.js';
import type { Database, Statement } from './database.js';

export class Revocations {
  readonly #put: Statement<[string, string, number, string], never>;
  readonly #find: Statement<[string, string], Revocation>;
  readonly #remove: Statement<[string, string], never>;

  constructor(database: Database) {
    // The earlier one stays: asking again must not start the 48 hours anew.
    this.#put = database.prepare(
      `INSERT INTO revocations (key, account, at, source) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source WHERE excluded.at < revocations.at`,
    );
    this.#find = database.prepare('SELECT key, account, at, source FROM revocations WHERE key = ? AND account = ?');
    this.#remove = database.prepare('DELETE FROM revocations WHERE key = ? AND account = ?');
  }

  put({ key, account, at, source }: Revocation): void {
    this.#put.run(key, account, at, source);
  }

  of(key: AddressKey, account: AccountId): Revocation | null {
    const row = this.#find.get(key, account);
    return row === undefined ? null : { key: row.key, account: row.account, at: row.at, source: row.source };
  }

  remove(key: AddressKey, account: AccountId): boolean {
    return this.#remove.run(key, account) > 0;
  }
}

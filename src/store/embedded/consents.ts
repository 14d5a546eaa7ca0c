import type { AccountId, AddressKey, Consent } from '../contract.js';
import type { Database, Statement } from './database.js';

export class Consents {
  readonly #put: Statement<[string, string, number, string], never>;
  readonly #find: Statement<[string, string], Consent>;
  readonly #remove: Statement<[string, string], never>;

  constructor(database: Database) {
    this.#put = database.prepare('INSERT OR REPLACE INTO consents (key, account, at, source) VALUES (?, ?, ?, ?)');
    this.#find = database.prepare('SELECT key, account, at, source FROM consents WHERE key = ? AND account = ?');
    this.#remove = database.prepare('DELETE FROM consents WHERE key = ? AND account = ?');
  }

  put({ key, account, at, source }: Consent): void {
    this.#put.run(key, account, at, source);
  }

  of(account: AccountId, keys: readonly AddressKey[]): (Consent | null)[] {
    return keys.map((key) => {
      const row = this.#find.get(key, account);
      return row === undefined ? null : { key: row.key, account: row.account, at: row.at, source: row.source };
    });
  }

  remove(key: AddressKey, account: AccountId): boolean {
    return this.#remove.run(key, account) > 0;
  }
}

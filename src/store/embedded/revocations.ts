import type { AccountId, AddressKey, ListRevocation, Revocation } from '../contract.js';
import type { Database, Statement } from './database.js';

export class Revocations {
  readonly #put: Statement<[string, string, number, string], never>;
  readonly #putOfList: Statement<[string, string, string, number, string], never>;
  readonly #find: Statement<[string, string], Revocation>;
  readonly #findOfLists: Statement<[string, string], ListRevocation>;
  readonly #remove: Statement<[string, string], never>;
  readonly #removeOfLists: Statement<[string, string], never>;

  constructor(database: Database) {
    // The earlier one stays: asking again must not start the 48 hours anew.
    this.#put = database.prepare(
      `INSERT INTO revocations (key, account, at, source) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source WHERE excluded.at < revocations.at`,
    );
    this.#putOfList = database.prepare(
      `INSERT INTO list_revocations (key, account, list, at, source) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source WHERE excluded.at < list_revocations.at`,
    );
    this.#find = database.prepare('SELECT key, account, at, source FROM revocations WHERE key = ? AND account = ?');
    this.#findOfLists = database.prepare(
      'SELECT key, account, list, at, source FROM list_revocations WHERE key = ? AND account = ? ORDER BY at, list',
    );
    this.#remove = database.prepare('DELETE FROM revocations WHERE key = ? AND account = ?');
    this.#removeOfLists = database.prepare('DELETE FROM list_revocations WHERE key = ? AND account = ?');
  }

  /** @param list null: all mail of the account */
  put({ key, account, at, source }: Revocation, list: string | null): void {
    if (list === null) this.#put.run(key, account, at, source);
    else this.#putOfList.run(key, account, list, at, source);
  }

  of(key: AddressKey, account: AccountId): Revocation | null {
    const row = this.#find.get(key, account);
    return row === undefined ? null : { key: row.key, account: row.account, at: row.at, source: row.source };
  }

  ofLists(key: AddressKey, account: AccountId): ListRevocation[] {
    return this.#findOfLists.all(key, account).map((row) => ({ ...row }));
  }

  remove(key: AddressKey, account: AccountId): boolean {
    const ofAccount = this.#remove.run(key, account) > 0;
    return this.#removeOfLists.run(key, account) > 0 || ofAccount;
  }
}

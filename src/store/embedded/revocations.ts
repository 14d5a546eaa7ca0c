import type { AccountId, AddressKey, Revocation, Subscription, SubscriptionRevocation } from '../contract.js';
import type { Database, Statement } from './database.js';

type PartRow = Revocation & Subscription;

export class Revocations {
  readonly #put: Statement<[string, string, number, string], never>;
  readonly #putOf: Readonly<Record<Subscription['kind'], Statement<[string, string, string, number, string], never>>>;
  readonly #find: Statement<[string, string], Revocation>;
  readonly #findOfParts: Statement<[string, string], PartRow>;
  readonly #remove: readonly Statement<[string, string], never>[];

  constructor(database: Database) {
    // The earlier one stays: asking again must not start the 48 hours anew.
    this.#put = database.prepare(
      `INSERT INTO revocations (key, account, at, source) VALUES (?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source WHERE excluded.at < revocations.at`,
    );
    const putOf = (kind: Subscription['kind']) =>
      database.prepare<[string, string, string, number, string], never>(
        `INSERT INTO ${kind}_revocations (key, account, ${kind}, at, source) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET at = excluded.at, source = excluded.source
         WHERE excluded.at < ${kind}_revocations.at`,
      );
    this.#putOf = { list: putOf('list'), stream: putOf('stream') };
    this.#find = database.prepare('SELECT key, account, at, source FROM revocations WHERE key = ? AND account = ?');
    this.#findOfParts = database.prepare(
      `SELECT key, account, 'list' AS kind, list AS name, at, source FROM list_revocations
         WHERE key = ?1 AND account = ?2
       UNION ALL
       SELECT key, account, 'stream', stream, at, source FROM stream_revocations WHERE key = ?1 AND account = ?2
       ORDER BY at, name`,
    );
    this.#remove = ['revocations', 'list_revocations', 'stream_revocations'].map((table) =>
      database.prepare(`DELETE FROM ${table} WHERE key = ? AND account = ?`),
    );
  }

  /** @param subscription null: all mail of the account */
  put({ key, account, at, source }: Revocation, subscription: Subscription | null): void {
    if (subscription === null) this.#put.run(key, account, at, source);
    else this.#putOf[subscription.kind].run(key, account, subscription.name, at, source);
  }

  of(key: AddressKey, account: AccountId): Revocation | null {
    const row = this.#find.get(key, account);
    return row === undefined ? null : { key: row.key, account: row.account, at: row.at, source: row.source };
  }

  ofParts(key: AddressKey, account: AccountId): SubscriptionRevocation[] {
    return this.#findOfParts
      .all(key, account)
      .map(({ kind, name, ...revocation }) => ({ ...revocation, subscription: { kind, name } }));
  }

  remove(key: AddressKey, account: AccountId): boolean {
    return this.#remove.map((statement) => statement.run(key, account)).some((removed) => removed > 0);
  }
}

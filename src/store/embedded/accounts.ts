import type { AccountId, AccountState, Credential, Page, Standing, StandingChange } from '../contract.js';
import type { Database, Statement } from './database.js';

interface Row {
  readonly account: string;
  readonly standing: Standing;
  readonly reason: string | null;
  readonly changed_by: string | null;
  readonly changed_at: number | null;
  readonly until: number | null;
  readonly first_accepted_at: number | null;
}

const COLUMNS = 'account, standing, reason, changed_by, changed_at, until, first_accepted_at';

export class Accounts {
  readonly #find: Statement<[string], Row>;
  readonly #page: Statement<[string, number], Row>;
  readonly #change: Statement<[string, string, string, string, number, number | null], never>;
  readonly #accepted: Statement<[string, number], never>;
  readonly #credential: Statement<[string], Credential>;
  readonly #putCredential: Statement<[string, string, string], never>;
  readonly #removeCredential: Statement<[string], never>;

  constructor(database: Database) {
    this.#find = database.prepare(`SELECT ${COLUMNS} FROM accounts WHERE account = ?`);
    this.#page = database.prepare(`SELECT ${COLUMNS} FROM accounts WHERE account > ? ORDER BY account LIMIT ?`);
    this.#change = database.prepare(
      `INSERT INTO accounts (account, standing, reason, changed_by, changed_at, until) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET standing = excluded.standing, reason = excluded.reason,
         changed_by = excluded.changed_by, changed_at = excluded.changed_at, until = excluded.until`,
    );
    this.#accepted = database.prepare(
      `INSERT INTO accounts (account, first_accepted_at) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET first_accepted_at = excluded.first_accepted_at WHERE first_accepted_at IS NULL`,
    );
    this.#credential = database.prepare('SELECT username, account, hash FROM credentials WHERE username = ?');
    this.#putCredential = database.prepare(
      'INSERT OR REPLACE INTO credentials (username, account, hash) VALUES (?, ?, ?)',
    );
    this.#removeCredential = database.prepare('DELETE FROM credentials WHERE username = ?');
  }

  stateOf(account: AccountId, now: number): AccountState {
    const row = this.#find.get(account);
    if (row !== undefined) return fromRow(row, now);
    return { account, standing: 'good', changed: null, until: null, firstAcceptedAt: null };
  }

  changeStanding({ account, standing, reason, by, until }: StandingChange, now: number): void {
    this.#change.run(account, standing, reason, by, now, until);
  }

  accepted(account: AccountId, now: number): void {
    this.#accepted.run(account, now);
  }

  page({ cursor, limit }: { readonly cursor?: string; readonly limit: number }, now: number): Page<AccountState> {
    const rows = this.#page.all(cursor ?? '', limit + 1);
    const items = rows.slice(0, limit);
    return {
      items: items.map((row) => fromRow(row, now)),
      next: rows.length > limit ? (items.at(-1)?.account ?? null) : null,
    };
  }

  credentialOf(username: string): Credential | null {
    const row = this.#credential.get(username);
    return row === undefined ? null : { username: row.username, account: row.account, hash: row.hash };
  }

  setCredential({ username, account, hash }: Credential): void {
    this.#putCredential.run(username, account, hash);
  }

  removeCredential(username: string): boolean {
    return this.#removeCredential.run(username) > 0;
  }
}

function fromRow(row: Row, now: number): AccountState {
  const { account, reason, changed_by, changed_at } = row;
  const served = row.standing === 'suspended' && row.until !== null && row.until <= now;
  return {
    account,
    standing: served ? 'good' : row.standing,
    changed:
      reason === null || changed_by === null || changed_at === null ? null : { reason, by: changed_by, at: changed_at },
    until: served ? null : row.until,
    firstAcceptedAt: row.first_accepted_at,
  };
}

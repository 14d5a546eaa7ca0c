import type { AccountId, NewSuppression, Page, RecipientRequest, Suppression, SuppressionQuery } from '../contract.js';
import type { Database, SqlValue, Statement } from './database.js';

interface Row {
  readonly key: string;
  readonly account: string;
  readonly reason: Suppression['reason'];
  readonly at: number;
  readonly by_whom: string;
  readonly note: string;
  readonly expires_at: number | null;
}

type Where = Pick<RecipientRequest, 'key' | 'domain' | 'untaggedKey'>;

const COLUMNS = 'key, account, reason, at, by_whom, note, expires_at';
const VALID = '(expires_at IS NULL OR expires_at > ?)';

export class Suppressions {
  readonly #database: Database;
  readonly #put: Statement<[string, string, string, number, string, string, number | null], never>;
  readonly #remove: Statement<[string, string, number], never>;
  readonly #closest: Statement<[string, string | null, string | null, string, number], Row>;
  readonly #ofKey: Statement<[string, number], Row>;
  readonly #pages = new Map<string, Statement<SqlValue[], Row>>();

  constructor(database: Database) {
    this.#database = database;
    this.#put = database.prepare(`INSERT OR REPLACE INTO suppressions (${COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.#remove = database.prepare(`DELETE FROM suppressions WHERE key = ? AND account = ? AND ${VALID}`);
    // '' (everyone's) sorts before any account: descending, the account's own comes first.
    this.#closest = database.prepare(
      `SELECT ${COLUMNS} FROM suppressions WHERE key IN (?1, ?2, ?3) AND account IN ('', ?4)
       AND (expires_at IS NULL OR expires_at > ?5)
       ORDER BY CASE key WHEN ?1 THEN 1 WHEN ?2 THEN 2 ELSE 3 END, account DESC LIMIT 1`,
    );
    this.#ofKey = database.prepare(`SELECT ${COLUMNS} FROM suppressions WHERE key = ? AND ${VALID} ORDER BY account`);
  }

  put({ key, account, reason, at, by, note, expiresAt }: NewSuppression, now: number): void {
    this.#put.run(key, account ?? '', reason, at ?? now, by, note, expiresAt);
  }

  remove(key: string, account: AccountId | null, now: number): boolean {
    return this.#remove.run(key, account ?? '', now) > 0;
  }

  /** The closest that applies to mail of the account. */
  closest(where: Where, account: AccountId, now: number): Suppression | null {
    const row = this.#closest.get(where.key, where.untaggedKey, domainKey(where), account, now);
    return row === undefined ? null : fromRow(row);
  }

  all(where: Where, now: number): Suppression[] {
    return keysOf(where).flatMap((key) => this.#ofKey.all(key, now).map(fromRow));
  }

  page(query: SuppressionQuery, now: number): Page<Suppression> {
    const conditions = [VALID];
    const values: SqlValue[] = [now];
    if (query.key !== undefined) {
      conditions.push('key = ?');
      values.push(query.key);
    }
    if (query.account !== undefined) {
      conditions.push('account = ?');
      values.push(query.account ?? '');
    }
    if (query.cursor !== undefined) {
      const { key, account } = readCursor(query.cursor);
      conditions.push(query.account === undefined ? '(key, account) > (?, ?)' : 'key > ?');
      values.push(...(query.account === undefined ? [key, account] : [key]));
    }
    const rows = this.#page(conditions.join(' AND ')).all(...values, query.limit + 1);
    const items = rows.slice(0, query.limit);
    const last = rows.length > query.limit ? items.at(-1) : undefined;
    return { items: items.map(fromRow), next: last === undefined ? null : `${last.account} ${last.key}` };
  }

  #page(condition: string): Statement<SqlValue[], Row> {
    const prepared =
      this.#pages.get(condition) ??
      this.#database.prepare<SqlValue[], Row>(
        `SELECT ${COLUMNS} FROM suppressions WHERE ${condition} ORDER BY key, account LIMIT ?`,
      );
    this.#pages.set(condition, prepared);
    return prepared;
  }
}

/** What could suppress an address, the closest first. */
function keysOf(where: Where): string[] {
  return [where.key, where.untaggedKey, domainKey(where)].filter((key) => key !== null);
}

/** A bare `postmaster` has no domain. */
function domainKey({ domain }: Where): string | null {
  return domain === '' ? null : `@${domain}`;
}

/** An account has no space in it, a key may. */
function readCursor(cursor: string): Pick<Row, 'key' | 'account'> {
  const space = cursor.indexOf(' ');
  return { account: cursor.slice(0, Math.max(space, 0)), key: cursor.slice(space + 1) };
}

function fromRow({ key, account, reason, at, by_whom, note, expires_at }: Row): Suppression {
  return { key, account: account === '' ? null : account, reason, at, by: by_whom, note, expiresAt: expires_at };
}

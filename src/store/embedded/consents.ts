import type { AccountId, AddressKey, Consent, ConsentEvidence, ConsentQuery, Page } from '../contract.js';
import type { Database, Statement } from './database.js';

interface Row {
  readonly key: string;
  readonly account: string;
  readonly at: number;
  readonly source: string;
  /** JSON, or empty. */
  readonly evidence: string;
}

const ROW = 'SELECT key, account, at, source, evidence FROM consents';

export class Consents {
  readonly #put: Statement<[string, string, number, string, string], never>;
  readonly #find: Statement<[string, string], Row>;
  readonly #remove: Statement<[string, string], never>;
  readonly #page: Statement<[string, string, number], Row>;
  readonly #lift: Statement<[string, string, number], never>;
  readonly #liftOfLists: Statement<[string, string, number], never>;
  readonly #liftOfStreams: Statement<[string, string, number], never>;

  constructor(database: Database) {
    this.#put = database.prepare(
      'INSERT OR REPLACE INTO consents (key, account, at, source, evidence) VALUES (?, ?, ?, ?, ?)',
    );
    this.#find = database.prepare(`${ROW} WHERE account = ? AND key = ?`);
    this.#remove = database.prepare('DELETE FROM consents WHERE key = ? AND account = ?');
    this.#page = database.prepare(`${ROW} WHERE account = ? AND key > ? ORDER BY key LIMIT ?`);
    this.#lift = database.prepare('DELETE FROM revocations WHERE key = ? AND account = ? AND at < ?');
    this.#liftOfLists = database.prepare('DELETE FROM list_revocations WHERE key = ? AND account = ? AND at < ?');
    this.#liftOfStreams = database.prepare('DELETE FROM stream_revocations WHERE key = ? AND account = ? AND at < ?');
  }

  put({ key, account, at, source, evidence }: Consent): void {
    this.#put.run(key, account, at, source, evidence === null ? '' : JSON.stringify(evidence));
    if (evidence === null) return;
    this.#lift.run(key, account, at);
    this.#liftOfLists.run(key, account, at);
    this.#liftOfStreams.run(key, account, at);
  }

  of(account: AccountId, keys: readonly AddressKey[]): (Consent | null)[] {
    return keys.map((key) => {
      const row = this.#find.get(account, key);
      return row === undefined ? null : consentIn(row);
    });
  }

  list({ account, cursor, limit }: ConsentQuery): Page<Consent> {
    const rows = this.#page.all(account, cursor ?? '', limit + 1);
    const page = rows.slice(0, limit);
    return { items: page.map(consentIn), next: rows.length > limit ? (page.at(-1)?.key ?? null) : null };
  }

  remove(key: AddressKey, account: AccountId): boolean {
    return this.#remove.run(key, account) > 0;
  }
}

function consentIn({ key, account, at, source, evidence }: Row): Consent {
  return { key, account, at, source, evidence: evidence === '' ? null : (JSON.parse(evidence) as ConsentEvidence) };
}

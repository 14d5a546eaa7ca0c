import type { AccountId, DomainCheck, DomainRegistration, Page, RegisteredDomain } from '../contract.js';
import { checkedAgain } from '../domain-check.js';
import type { Database, Statement } from './database.js';

interface Row {
  readonly account: string;
  readonly domain: string;
  readonly body: string;
}

type Body = Omit<RegisteredDomain, 'account' | 'domain'>;

export class Domains {
  readonly #put: Statement<[string, string, string], never>;
  readonly #find: Statement<[string, string], Row>;
  readonly #remove: Statement<[string, string], never>;
  readonly #page: Statement<[string | null, string | null, string | null, number], Row>;

  constructor(database: Database) {
    this.#put = database.prepare('INSERT OR REPLACE INTO registered_domains (account, domain, body) VALUES (?, ?, ?)');
    this.#find = database.prepare(
      'SELECT account, domain, body FROM registered_domains WHERE account = ? AND domain = ?',
    );
    this.#remove = database.prepare('DELETE FROM registered_domains WHERE account = ? AND domain = ?');
    this.#page = database.prepare(
      `SELECT account, domain, body FROM registered_domains WHERE (?1 IS NULL OR account = ?1)
       AND (?2 IS NULL OR (account, domain) > (?2, ?3)) ORDER BY account, domain LIMIT ?4`,
    );
  }

  register(registration: DomainRegistration, now: number): RegisteredDomain {
    return this.#write({ ...registration, registeredAt: now, check: null });
  }

  remove(account: AccountId, domain: string): boolean {
    return this.#remove.run(account, domain) > 0;
  }

  first(account: AccountId, domains: readonly string[]): RegisteredDomain | null {
    for (const domain of domains) {
      const row = this.#find.get(account, domain);
      if (row !== undefined) return fromRow(row);
    }
    return null;
  }

  page({
    account,
    cursor,
    limit,
  }: {
    readonly account?: AccountId;
    readonly cursor?: string;
    readonly limit: number;
  }): Page<RegisteredDomain> {
    const [after = null, domain = null] = cursor?.split(' ') ?? [];
    const rows = this.#page.all(account ?? null, after, domain, limit + 1);
    const items = rows.slice(0, limit);
    const last = rows.length > limit ? items.at(-1) : undefined;
    return { items: items.map(fromRow), next: last === undefined ? null : `${last.account} ${last.domain}` };
  }

  recordCheck(
    account: AccountId,
    domain: string,
    findings: Pick<DomainCheck, 'privacyPolicy' | 'complaintAddress'>,
    now: number,
  ): RegisteredDomain | null {
    const known = this.first(account, [domain]);
    return known === null ? null : this.#write(checkedAgain(known, findings, now));
  }

  #write(registered: RegisteredDomain): RegisteredDomain {
    const { account, domain, ...body } = registered;
    this.#put.run(account, domain, JSON.stringify(body satisfies Body));
    return registered;
  }
}

function fromRow({ account, domain, body }: Row): RegisteredDomain {
  return { account, domain, ...(JSON.parse(body) as Body) };
}

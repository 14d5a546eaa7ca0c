import type { AccountId, DomainCheck, DomainRegistration, Page, RegisteredDomain } from '../contract.js';
import { checkedAgain } from '../domain-check.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { OrderedIndex } from './ordered-index.js';

type Body = Omit<RegisteredDomain, 'account' | 'domain'>;

/** Domains that accounts registered, kept under the account and indexed by account and domain. */
export class DomainRecords {
  readonly #index: OrderedIndex;

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {
    this.#index = new OrderedIndex(link, (shard) => keys.domainIndex(shard));
  }

  async register(registration: DomainRegistration): Promise<RegisteredDomain> {
    const verb = 'registerDomain';
    const registered = { ...registration, registeredAt: await this.link.now(verb), check: null };
    const { account, domain } = registered;
    await this.link.command(verb, 'HSET', this.keys.registeredDomains(account), domain, bodyOf(registered));
    await this.#index.add(verb, [`${account} ${domain}`]);
    return registered;
  }

  async remove(account: AccountId, domain: string): Promise<boolean> {
    const removed = await this.link.command('removeDomain', 'HDEL', this.keys.registeredDomains(account), domain);
    await this.#index.remove('removeDomain', [`${account} ${domain}`]);
    return removed === 1;
  }

  async first(account: AccountId, domains: readonly string[]): Promise<RegisteredDomain | null> {
    if (domains.length === 0) return null;
    const key = this.keys.registeredDomains(account);
    const bodies = (await this.link.command('registeredDomain', 'HMGET', key, ...domains)) as (string | null)[];
    const index = bodies.findIndex((body) => body !== null);
    return index < 0 ? null : read(account, domains[index] ?? '', bodies[index] ?? '');
  }

  async page(query: {
    readonly account?: AccountId;
    readonly cursor?: string;
    readonly limit: number;
  }): Promise<Page<RegisteredDomain>> {
    const { account, cursor, limit } = query;
    const from = cursor === undefined ? (account === undefined ? '-' : `[${account} `) : `(${cursor}`;
    const range = { min: from, max: account === undefined ? '+' : `(${account}!` };
    const members = await this.#index.first('registeredDomains', range, limit + 1);
    const page = members.slice(0, limit);
    const items = await Promise.all(page.map((member) => this.#member(member)));
    return {
      items: items.filter((item) => item !== null),
      next: members.length > limit ? (page.at(-1) ?? null) : null,
    };
  }

  async recordCheck(
    account: AccountId,
    domain: string,
    findings: Pick<DomainCheck, 'privacyPolicy' | 'complaintAddress'>,
  ): Promise<RegisteredDomain | null> {
    const verb = 'recordDomainCheck';
    const key = this.keys.registeredDomains(account);
    const now = await this.link.now(verb);
    // Whoever registered it anew meanwhile has the last word: what was found was about something else.
    const before = (await this.link.command(verb, 'HGET', key, domain)) as string | null;
    if (before === null) return null;
    const checked = checkedAgain(read(account, domain, before), findings, now);
    const replaced = await this.link.script(verb, 'record-domain-check', [key], [domain, before, bodyOf(checked)]);
    return replaced === 1 ? checked : this.first(account, [domain]);
  }

  async #member(member: string): Promise<RegisteredDomain | null> {
    const space = member.indexOf(' ');
    return this.first(member.slice(0, space), [member.slice(space + 1)]);
  }
}

function bodyOf({ account: _, domain: __, ...body }: RegisteredDomain): string {
  return JSON.stringify(body satisfies Body);
}

function read(account: AccountId, domain: string, body: string): RegisteredDomain {
  return { account, domain, ...(JSON.parse(body) as Body) };
}

import type { AccountId, AddressKey, MeterSubject } from '../contract.js';

/** Shards of an index; each has a hash tag of its own, so that a cluster spreads them. */
export const INDEX_SHARDS = 16;

/** The names of all keys. docs/redis-keys.md lists them. */
export class Keys {
  constructor(private readonly prefix: string) {
    if (/[{}]/.test(prefix)) throw new TypeError(`key prefix ${JSON.stringify(prefix)}: braces are not allowed`);
  }

  /** Windows, holds and leases of an account. */
  accountWindows(account: AccountId): string {
    return this.#key('w', `a:${account}`);
  }

  accountSessions(account: AccountId): string {
    return this.#key('n', `a:${account}`);
  }

  accountState(account: AccountId): string {
    return this.#key('a', `a:${account}`);
  }

  /** Windows of a meter, or of a client's new sessions. */
  meterWindows(subject: MeterSubject): string {
    return this.#key('w', subject);
  }

  clientSessions(subject: `client:${string}`): string {
    return this.#key('n', subject);
  }

  credential(username: string): string {
    return this.#key('c', `u:${username}`);
  }

  /** Windows of messages to an address by all accounts. */
  everyoneFlood(key: AddressKey): string {
    return this.#addressKey('w', key);
  }

  accountFlood(key: AddressKey, account: AccountId): string {
    return `${this.#addressKey('w', key)}:${escapeBraces(account)}`;
  }

  suppressions(key: AddressKey): string {
    return this.#addressKey('s', key);
  }

  revocations(key: AddressKey): string {
    return this.#addressKey('v', key);
  }

  streaks(key: AddressKey): string {
    return this.#addressKey('k', key);
  }

  /** Rejections already counted in streaks. */
  rejections(key: AddressKey): string {
    return this.#addressKey('o', key);
  }

  /** What the names of an account's campaigns begin with. */
  campaigns(account: AccountId): string {
    return this.#key('m', `a:${account}`);
  }

  passingCampaigns(account: AccountId): string {
    return this.#key('mp', `a:${account}`);
  }

  keptCampaigns(account: AccountId): string {
    return this.#key('mk', `a:${account}`);
  }

  registeredDomains(account: AccountId): string {
    return this.#key('g', `a:${account}`);
  }

  consents(key: AddressKey): string {
    return this.#addressKey('y', key);
  }

  passedMessage(id: string): string {
    return this.#key('p', `t:${id}`);
  }

  /** What was reported of a message's recipients. */
  messageFacts(id: string): string {
    return this.#key('pf', `t:${id}`);
  }

  /** Messages that a report may call so. */
  messageName(name: string): string {
    return this.#key('pn', `pn:${name}`);
  }

  reputation(account: AccountId): string {
    return this.#key('q', `a:${account}`);
  }

  /** What its reputation counted lately. */
  reputationCounted(account: AccountId): string {
    return this.#key('qc', `a:${account}`);
  }

  unmatchedReports(source: string): string {
    return this.#key('u', `u:${source}`);
  }

  unmatchedCount(source: string): string {
    return this.#key('uc', `u:${source}`);
  }

  follower(source: string): string {
    return this.#key('l', `l:${source}`);
  }

  /** Accounts with campaigns worth keeping. */
  campaignIndex(shard: number): string {
    return this.#key('im', `ic:${shard}`);
  }

  /** Accounts and the domains that they registered. */
  domainIndex(shard: number): string {
    return this.#key('ig', `ig:${shard}`);
  }

  accountIndex(shard: number): string {
    return this.#key('ia', `ia:${shard}`);
  }

  consentIndex(shard: number): string {
    return this.#key('iy', `iy:${shard}`);
  }

  suppressionIndex(shard: number): string {
    return this.#key('is', `is:${shard}`);
  }

  /** All audits, by id. */
  get audits(): string {
    return this.#key('t', 't');
  }

  /** Accounts and their audits. */
  get auditIndex(): string {
    return this.#key('it', 't');
  }

  /** Those that nobody decided about. */
  get undecidedAudits(): string {
    return this.#key('tu', 't');
  }

  /** Queues of notices, by when each is due. */
  get noticeQueues(): string {
    return this.#key('nd', 'nd');
  }

  /** What the names of queues of notices begin with. */
  get noticeStem(): string {
    return `${this.#key('nd', 'nd')}:`;
  }

  /** The decisions of all, oldest first. */
  get decisions(): string {
    return this.#key('d', 'd');
  }

  /** Reports that counted, oldest first. */
  get countedOutcomes(): string {
    return this.#key('e', 'e');
  }

  get schema(): string {
    return this.#key('schema', 'schema');
  }

  /** Each address has several keys: its name itself is looked at, where a text made of it would be copied first. */
  #addressKey(kind: string, key: AddressKey): string {
    return `${this.prefix}${kind}:{r:${escapeBraces(key)}}`;
  }

  #key(kind: string, tag: string): string {
    return `${this.prefix}${kind}:{${escapeBraces(tag)}}`;
  }
}

const TO_ESCAPE = /[%{}]/;

/** Redis takes what stands between the first `{` and the next `}` as the tag: a name must not end it early. */
export function escapeBraces(name: string): string {
  if (!TO_ESCAPE.test(name)) return name;
  return name.replace(/[%{}]/g, (char) => `%${char.charCodeAt(0).toString(16)}`);
}

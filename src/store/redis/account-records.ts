import type { AccountId, AccountState, Credential, Instant, Page, Standing, StandingChange } from '../contract.js';
import type { Keys } from './keys.js';
import type { Link, RedisReply } from './link.js';
import { OrderedIndex } from './ordered-index.js';

/** Accounts' standing and first acceptance, and credentials. */
export class AccountRecords {
  readonly #index: OrderedIndex;

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {
    this.#index = new OrderedIndex(link, (shard) => keys.accountIndex(shard));
  }

  async stateOf(account: AccountId): Promise<AccountState> {
    const state = await this.link.joined('stateOf', {
      name: 'read-account',
      keys: [this.keys.accountState(account)],
      args: [],
      read: (reply) => readState(account, (reply as readonly Buffer[]).map(String)),
    });
    // Few have a standing that ends by itself: only for those does the time matter.
    return state.until === null ? state : standingAt(state, await this.link.now('stateOf'));
  }

  async changeStanding({ account, standing, reason, by, until }: StandingChange): Promise<AccountState> {
    const args = [this.link.clock(), standing, reason, by, until ?? ''];
    const reply = await this.link.script('changeStanding', 'change-standing', [this.keys.accountState(account)], args);
    const [now, flat] = reply as [Instant, RedisReply];
    await this.#index.add('changeStanding', [account]);
    return standingAt(readState(account, flat), now);
  }

  /** What was charged as an account's first message stands, so that accounts() lists it from now on, or was taken back. */
  async settleFirst(verb: string, account: AccountId, stands: boolean): Promise<void> {
    if (stands) return this.#index.add(verb, [account]);
    await this.link.command(verb, 'HDEL', this.keys.accountState(account), 'first');
  }

  async accounts(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<AccountState>> {
    const min = query.cursor === undefined ? '-' : `(${query.cursor}`;
    const ids = await this.#index.first('accounts', { min, max: '+' }, query.limit + 1);
    const page = ids.slice(0, query.limit);
    const [now, ...replies] = await Promise.all([
      this.link.now('accounts'),
      ...page.map((account) => this.#read('accounts', account)),
    ]);
    return {
      items: page.map((account, index) => standingAt(readState(account, replies[index] ?? []), now)),
      next: ids.length > query.limit ? (page.at(-1) ?? null) : null,
    };
  }

  async credentialOf(username: string): Promise<Credential | null> {
    const reply = await this.link.command('credentialOf', 'HMGET', this.keys.credential(username), 'account', 'hash');
    const [account, hash] = reply as [string | null, string | null];
    return account === null || hash === null ? null : { username, account, hash };
  }

  async setCredential({ username, account, hash }: Credential): Promise<void> {
    const key = this.keys.credential(username);
    await this.link.command('setCredential', 'HSET', key, 'account', account, 'hash', hash);
  }

  async removeCredential(username: string): Promise<boolean> {
    return (await this.link.command('removeCredential', 'DEL', this.keys.credential(username))) === 1;
  }

  #read(verb: string, account: AccountId): Promise<RedisReply> {
    return this.link.command(verb, 'HGETALL', this.keys.accountState(account));
  }
}

/** A standing that ends by itself is good from then on. */
export function standingAt(state: AccountState, now: Instant): AccountState {
  return state.until !== null && state.until <= now ? { ...state, standing: 'good', until: null } : state;
}

/** As it was written: `standingAt` says whether it still holds. */
export function readState(account: AccountId, reply: RedisReply): AccountState {
  const fields = new Map<string, string>();
  const flat = reply as readonly string[];
  for (let i = 0; i < flat.length; i += 2) fields.set(flat[i] ?? '', flat[i + 1] ?? '');
  const instant = (name: string) => (fields.get(name) ? Number(fields.get(name)) : null);
  const at = instant('at');
  return {
    account,
    standing: (fields.get('standing') ?? 'good') as Standing,
    changed: at === null ? null : { reason: fields.get('reason') ?? '', by: fields.get('by') ?? '', at },
    until: instant('until'),
    firstAcceptedAt: instant('first'),
  };
}

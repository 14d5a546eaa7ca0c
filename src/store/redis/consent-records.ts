import type { AccountId, AddressKey, Consent, ConsentEvidence, ConsentQuery, NewConsent, Page } from '../contract.js';
import { groupByCall } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { OrderedIndex } from './ordered-index.js';

/** Rows of an import under way at once: enough to fill the pipe, few enough for the time limit of a call. */
const ROWS_AT_ONCE = 1000;

/** Consents, kept under their address and indexed by account and address. */
export class ConsentRecords {
  readonly #index: OrderedIndex;

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {
    this.#index = new OrderedIndex(link, (shard) => keys.consentIndex(shard));
  }

  async record(consents: readonly NewConsent[]): Promise<void> {
    for (let from = 0; from < consents.length; from += ROWS_AT_ONCE) {
      const rows = consents.slice(from, from + ROWS_AT_ONCE);
      await Promise.all(groupByCall(rows, this.link.isCluster).map((group) => this.#write(group)));
      // After the bodies: an index entry without one is passed over by whoever meets it.
      await this.#index.add('recordConsents', rows.map(memberOf));
    }
  }

  async withdraw(key: AddressKey, account: AccountId): Promise<boolean> {
    const removed = await this.link.command('withdrawConsent', 'HDEL', this.keys.consents(key), account);
    await this.#index.remove('withdrawConsent', [memberOf({ key, account })]);
    return removed === 1;
  }

  /** One command an address: all in the caller's turn, so in one write. */
  async of(account: AccountId, keys: readonly AddressKey[], verb = 'consentsOf'): Promise<(Consent | null)[]> {
    const texts = await Promise.all(
      keys.map((key) => this.link.command(verb, 'HGET', this.keys.consents(key), account)),
    );
    return keys.map((key, index) => readConsent(texts[index] as string | null, key, account));
  }

  async list({ account, cursor, limit }: ConsentQuery): Promise<Page<Consent>> {
    // '!' is what follows a space.
    const range = { min: cursor === undefined ? `[${account} ` : `(${cursor}`, max: `(${account}!` };
    const members = await this.#index.first('consents', range, limit + 1);
    const page = members.slice(0, limit);
    const keys = page.map((member) => member.slice(account.length + 1));
    const found = await this.of(account, keys, 'consents');
    return {
      items: found.filter((consent) => consent !== null),
      next: members.length > limit ? (page.at(-1) ?? null) : null,
    };
  }

  async #write(rows: readonly NewConsent[]): Promise<void> {
    const keys = rows.flatMap(({ key }) => [this.keys.consents(key), this.keys.revocations(key)]);
    const args = rows.flatMap(({ account, at, source, evidence }) => [
      ...[account, at ?? '', evidence === null ? 0 : 1],
      JSON.stringify([source, evidence]),
    ]);
    await this.link.script('recordConsents', 'record-consents', keys, [this.link.clock(), ...args]);
  }
}

/** Account, a space, address: an account id has no space in it. */
function memberOf({ key, account }: Pick<Consent, 'key' | 'account'>): string {
  return `${account} ${key}`;
}

/** `<at>,[source,evidence]` */
function readConsent(text: string | null, key: AddressKey, account: AccountId): Consent | null {
  const found = text === null ? null : /^(\d+),(.*)$/s.exec(text);
  if (found === null) return null;
  const [source, evidence] = JSON.parse(found[2] ?? '') as [string, ConsentEvidence | null];
  return { key, account, at: Number(found[1]), source, evidence };
}

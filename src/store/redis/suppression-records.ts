import type {
  AccountId,
  AddressKey,
  Instant,
  NewSuppression,
  Page,
  RecipientRequest,
  Suppression,
  SuppressionQuery,
} from '../contract.js';
import { groupByCall, inOneList } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { type LexRange, OrderedIndex } from './ordered-index.js';
import { readSuppression } from './recipient-facts.js';
import type { ScriptCall } from './script-call.js';

type Place = Pick<Suppression, 'key' | 'account'>;

/** As written, by address or domain of which there is any: the account's own and everyone's, '' for none. */
export type Elsewhere = ReadonlyMap<AddressKey, readonly [own: string, everyone: string]>;

/** Rows of an import under way at once: enough to fill the pipe, few enough for the time limit of a call. */
const ROWS_AT_ONCE = 1000;

/** Suppressions, kept under their address and indexed by account and address. */
export class SuppressionRecords {
  readonly #index: OrderedIndex;

  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {
    this.#index = new OrderedIndex(link, (shard) => keys.suppressionIndex(shard));
  }

  async suppress(suppressions: readonly NewSuppression[]): Promise<void> {
    for (let from = 0; from < suppressions.length; from += ROWS_AT_ONCE) {
      const rows = suppressions.slice(from, from + ROWS_AT_ONCE);
      await Promise.all(groupByCall(rows, this.link.isCluster).map((group) => this.#write(group)));
      // After the bodies: an index entry without one is dropped by whoever meets it.
      await this.#index.add('suppress', rows.map(memberOf));
    }
  }

  async unsuppress(key: AddressKey, account: AccountId | null): Promise<boolean> {
    const now = await this.link.now('unsuppress');
    const found = await this.#read('unsuppress', { key, account }, now);
    const removed = await this.link.command('unsuppress', 'HDEL', this.keys.suppressions(key), account ?? '');
    await this.#dropFromIndex('unsuppress', [{ key, account }]);
    return removed === 1 && found !== null;
  }

  async suppressionsOf(request: Pick<RecipientRequest, 'key' | 'domain' | 'untaggedKey'>): Promise<Suppression[]> {
    const now = await this.link.now('suppressionsOf');
    const found = [request.key, ...keysElsewhere(request)].map((key) => this.#allOf('suppressionsOf', key, now));
    return (await Promise.all(found)).flat();
  }

  async suppressions(query: SuppressionQuery): Promise<Page<Suppression>> {
    const verb = 'suppressions';
    const now = await this.link.now(verb);
    if (query.key !== undefined) return this.#pageOfKey(query, query.key, now);
    const members = await this.#index.first(verb, rangeOf(query), query.limit + 1);
    const page = members.slice(0, query.limit);
    const places = page.map(placeOf);
    const read = await Promise.all(places.map((place) => this.#read(verb, place, now)));
    await this.#dropFromIndex(
      verb,
      places.filter((_, index) => read[index] === null),
    );
    return {
      items: read.filter((one) => one !== null),
      next: members.length > query.limit ? (page.at(-1) ?? null) : null,
    };
  }

  /**
   * Asks what is said elsewhere than at the addresses themselves: at those
   * without their tag, and at their domains.
   */
  elsewhere(account: AccountId, recipients: readonly RecipientRequest[]): readonly ScriptCall<Elsewhere>[] {
    const places = [...new Set(inOneList(recipients.map(keysElsewhere)))];
    return groupByCall(places, this.link.isCluster).map((group) => ({
      name: 'read-suppressions',
      keys: group.map((key) => this.keys.suppressions(key)),
      args: [account],
      read(reply) {
        const found = new Map<AddressKey, readonly [string, string]>();
        const flat = reply as readonly (number | Buffer)[];
        for (let at = 0; at < flat.length; at += 3) {
          found.set(group[Number(flat[at]) - 1] ?? '', [String(flat[at + 1]), String(flat[at + 2])]);
        }
        return found;
      },
    }));
  }

  /** Where `elsewhere` would look for one recipient. */
  keysElsewhere(recipient: RecipientRequest): readonly string[] {
    return keysElsewhere(recipient).map((key) => this.keys.suppressions(key));
  }

  async #write(rows: readonly NewSuppression[]): Promise<void> {
    const keys = rows.map(({ key }) => this.keys.suppressions(key));
    const args = rows.flatMap(({ account, at, expiresAt, reason, by, note }) => [
      ...[account ?? '', at ?? '', expiresAt ?? 0],
      JSON.stringify([reason, by, note]),
    ]);
    await this.link.script('suppress', 'suppress', keys, [this.link.clock(), ...args]);
  }

  async #read(verb: string, { key, account }: Place, now: Instant): Promise<Suppression | null> {
    const text = await this.link.command(verb, 'HGET', this.keys.suppressions(key), account ?? '');
    return readSuppression(text as string | null, key, account, now);
  }

  async #allOf(verb: string, key: AddressKey, now: Instant): Promise<Suppression[]> {
    const flat = (await this.link.command(verb, 'HGETALL', this.keys.suppressions(key))) as string[];
    const found: Suppression[] = [];
    for (let i = 0; i < flat.length; i += 2) {
      const account = flat[i] === '' ? null : (flat[i] ?? null);
      const suppression = readSuppression(flat[i + 1] ?? null, key, account, now);
      if (suppression !== null) found.push(suppression);
    }
    return found;
  }

  async #pageOfKey(query: SuppressionQuery, key: AddressKey, now: Instant): Promise<Page<Suppression>> {
    const all = await this.#allOf('suppressions', key, now);
    const asked = all
      .filter(({ account }) => query.account === undefined || account === query.account)
      .map((suppression) => ({ suppression, member: memberOf(suppression) }))
      .filter(({ member }) => query.cursor === undefined || member > query.cursor)
      .sort((one, other) => (one.member < other.member ? -1 : 1));
    const page = asked.slice(0, query.limit);
    return {
      items: page.map(({ suppression }) => suppression),
      next: asked.length > query.limit ? (page.at(-1)?.member ?? null) : null,
    };
  }

  /** Takes entries out whose suppression is gone or expired, and puts back those that came anew meanwhile. */
  async #dropFromIndex(verb: string, places: readonly Place[]): Promise<void> {
    if (places.length === 0) return;
    await this.#index.remove(verb, places.map(memberOf));
    const now = await this.link.now(verb);
    const again = await Promise.all(places.map((place) => this.#read(verb, place, now)));
    const back = places.filter((_, index) => again[index] !== null);
    if (back.length > 0) await this.#index.add(verb, back.map(memberOf));
  }
}

/** The closest first, the account's own before everyone's. */
export function closestElsewhere(
  said: readonly Elsewhere[],
  account: AccountId,
  recipient: RecipientRequest,
  now: Instant,
): Suppression | null {
  for (const key of keysElsewhere(recipient)) {
    const [own, everyone] = said.find((part) => part.has(key))?.get(key) ?? ['', ''];
    const suppression = readSuppression(own, key, account, now) ?? readSuppression(everyone, key, null, now);
    if (suppression !== null) return suppression;
  }
  return null;
}

function keysElsewhere({ untaggedKey, domain }: Pick<RecipientRequest, 'domain' | 'untaggedKey'>): AddressKey[] {
  const keys: AddressKey[] = [];
  if (untaggedKey !== null) keys.push(untaggedKey);
  if (domain !== '') keys.push(`@${domain}`);
  return keys;
}

/** Account, a space, address: an account id has no space in it. */
function memberOf({ key, account }: Place): string {
  return `${account ?? ''} ${key}`;
}

function placeOf(member: string): Place {
  const space = member.indexOf(' ');
  return { account: space === 0 ? null : member.slice(0, space), key: member.slice(space + 1) };
}

function rangeOf({ account, cursor }: SuppressionQuery): LexRange {
  const scope = account ?? '';
  const all = account === undefined;
  const from = cursor === undefined ? null : `(${cursor}`;
  // '!' is what follows a space.
  return { min: from ?? (all ? '-' : `[${scope} `), max: all ? '+' : `(${scope}!` };
}

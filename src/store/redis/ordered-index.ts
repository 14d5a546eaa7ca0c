import { INDEX_SHARDS } from './keys.js';
import type { Link } from './link.js';

/** Members in a call that adds or removes. */
const MEMBERS_PER_CALL = 1000;
/** Beyond a shard's share of a page, so that most pages need one round trip. */
const SPARE = 8;

/** A range of members, as ZRANGEBYLEX takes its ends: `-`, `+`, `[a`, `(a`. */
export interface LexRange {
  readonly min: string;
  readonly max: string;
}

interface Shard {
  readonly key: string;
  min: string;
  /** Fetched and not yet given out. */
  ready: string[];
  exhausted: boolean;
}

/** A set of strings in the order of their octets, spread over sorted sets; millions of members. */
export class OrderedIndex {
  constructor(
    private readonly link: Link,
    private readonly keyOf: (shard: number) => string,
  ) {}

  async add(verb: string, members: readonly string[]): Promise<void> {
    await this.#change(members, (key, group) =>
      this.link.command(verb, 'ZADD', key, ...group.flatMap((member) => [0, member])),
    );
  }

  async remove(verb: string, members: readonly string[]): Promise<void> {
    await this.#change(members, (key, group) => this.link.command(verb, 'ZREM', key, ...group));
  }

  /** The first `limit` members in the range, in order. */
  async first(verb: string, range: LexRange, limit: number): Promise<string[]> {
    const shards: Shard[] = Array.from({ length: INDEX_SHARDS }, (_, index) => ({
      key: this.keyOf(index),
      min: range.min,
      ready: [],
      exhausted: false,
    }));
    const found: string[] = [];
    while (found.length < limit) {
      await this.#refill(verb, shards, range.max, Math.ceil((limit - found.length) / INDEX_SHARDS) + SPARE);
      const taken = takeInOrder(shards, limit - found.length);
      if (taken.length === 0) break;
      found.push(...taken);
    }
    return found;
  }

  async #refill(verb: string, shards: readonly Shard[], max: string, count: number): Promise<void> {
    const empty = shards.filter((shard) => shard.ready.length === 0 && !shard.exhausted);
    const refills = empty.map(async (shard) => {
      const args = [shard.key, shard.min, max, 'LIMIT', 0, count];
      shard.ready = (await this.link.command(verb, 'ZRANGEBYLEX', ...args)) as string[];
      shard.exhausted = shard.ready.length < count;
      const last = shard.ready.at(-1);
      if (last !== undefined) shard.min = `(${last}`;
    });
    await Promise.all(refills);
  }

  async #change(
    members: readonly string[],
    write: (key: string, group: readonly string[]) => Promise<unknown>,
  ): Promise<void> {
    const byShard = new Map<number, string[]>();
    for (const member of members) {
      const shard = shardOf(member);
      const known = byShard.get(shard);
      if (known === undefined) byShard.set(shard, [member]);
      else known.push(member);
    }
    const writes: Promise<unknown>[] = [];
    for (const [shard, all] of byShard) {
      for (let from = 0; from < all.length; from += MEMBERS_PER_CALL) {
        writes.push(write(this.keyOf(shard), all.slice(from, from + MEMBERS_PER_CALL)));
      }
    }
    await Promise.all(writes);
  }
}

/** Takes the smallest that are at hand, until a shard must be asked for more before one can go on. */
function takeInOrder(shards: readonly Shard[], limit: number): string[] {
  const taken: string[] = [];
  while (taken.length < limit) {
    if (shards.some((shard) => shard.ready.length === 0 && !shard.exhausted)) break;
    const smallest = shards
      .filter((shard) => shard.ready.length > 0)
      .reduce<Shard | null>(
        (best, shard) => (best === null || compareOctets(shard.ready[0] ?? '', best.ready[0] ?? '') < 0 ? shard : best),
        null,
      );
    const member = smallest?.ready.shift();
    if (member === undefined) break;
    taken.push(member);
  }
  return taken;
}

/** Redis' order, which is not that of UTF-16. */
function compareOctets(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** FNV-1a. */
function shardOf(member: string): number {
  let hash = 0x811c9dc5;
  for (const octet of Buffer.from(member)) hash = Math.imul(hash ^ octet, 0x01000193) >>> 0;
  return hash % INDEX_SHARDS;
}

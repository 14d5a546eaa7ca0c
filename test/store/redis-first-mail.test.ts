import t from 'tap';
import type { WindowLimit } from '../../src/store/contract.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import fc from '../support/property.js';
import { startRedis } from '../support/redis.js';
import { commit, limitOf, NO_FACTS, recipients, reserve } from './contract/sender.js';
import { DAY, HOUR, MINUTE } from './contract/times.js';

const times = { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: 10_000 };
const START = Date.UTC(2026, 10, 1);

const flood = (resource: WindowLimit['resource'], count: number, perMs: number, enforced = true) =>
  limitOf(resource, count, perMs, { rule: 'flood.recipient', enforced });

t.test('the first message to an address is kept as by the long way, octet for octet', async (t) => {
  const redis = await startRedis(t);
  const client = redis.client();
  let now = START;
  const store = await openRedisStore({ connection: { url: redis.url }, times, testClock: () => now });
  t.teardown(() => store.close());

  /** All that is kept after the hold, and after the charge, of the addresses' windows. */
  async function kept(limits: readonly WindowLimit[], wait: number): Promise<readonly unknown[]> {
    await client.flushall();
    now = START;
    const lease = { transaction: 'one', account: 'acme' };
    const floodLimits = { account: limits, everyone: limits };
    const asked = recipients(2);
    await reserve(store, lease, [], { recipients: asked, floodLimits, facts: NO_FACTS });
    const held = await windows();
    now += wait;
    const mailed = { amounts: { recipients: 2 }, floodLimits, recipients: asked.map(({ key }) => key) };
    await commit(store, lease, [], mailed);
    return [held, await windows()];
  }

  async function windows() {
    const keys = (await client.keys('sluice:w:{r:*')).sort();
    t.equal(keys.length, 4);
    return Promise.all(
      keys.map(async (key) => [
        key,
        Object.fromEntries(
          Object.entries(await client.hgetallBuffer(key)).map(([field, octets]) => [field, octets.toString('hex')]),
        ),
        // Expiry goes by the server's own clock.
        Math.round((await client.pttl(key)) / MINUTE),
      ]),
    );
  }

  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(fc.constantFrom(HOUR, DAY, 30 * DAY), { minLength: 1 }),
      fc.constantFrom(0, MINUTE, 9 * MINUTE, 11 * MINUTE, 2 * HOUR),
      async (lengths, wait) => {
        const short = lengths.map((perMs) => flood('messages', 5, perMs));
        // One that is full, though only observed, takes the long way, and counts in the same windows.
        const [first = HOUR] = lengths;
        const long = [...short, flood('messages', 0, first, false)];
        t.strictSame(await kept(short, wait), await kept(long, wait));
      },
    ),
    { numRuns: 30 },
  );
});

t.test('where one address denies, first holds at others go back', async (t) => {
  const redis = await startRedis(t);
  let now = START;
  const store = await openRedisStore({ connection: { url: redis.url }, times, testClock: () => now });
  t.teardown(() => store.close());
  const limits = { account: [flood('messages', 1, DAY)], everyone: [flood('messages', 9, DAY)] };
  const [old, fresh] = recipients(2);
  if (old === undefined || fresh === undefined) throw new Error('two recipients');
  const late = { transaction: 'late', account: 'acme' };
  await reserve(store, late, [], { recipients: [old], floodLimits: limits });
  // Its hold runs out, and another message takes the place.
  now += times.reservationTtlMs + MINUTE;
  const other = { transaction: 'other', account: 'acme' };
  await reserve(store, other, [], { recipients: [old], floodLimits: limits });
  await commit(store, other, [], { floodLimits: limits, recipients: [old.key] });
  await reserve(store, late, [], { recipients: [fresh], floodLimits: limits });
  const denied = await commit(store, late, [], { floodLimits: limits, recipients: [old.key, fresh.key] });
  t.match(denied, { granted: false, charge: null });
  const next = { transaction: 'next', account: 'acme' };
  const again = await reserve(store, next, [], { recipients: [fresh], floodLimits: limits });
  t.match(again.recipients, [{ granted: true, usage: [{ used: 1 }, { used: 1 }] }]);
});

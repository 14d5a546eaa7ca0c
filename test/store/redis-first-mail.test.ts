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
  const store = await openRedisStore({ connection: { url: redis.url }, times, testClock: () => START });
  t.teardown(() => store.close());
  const asked = recipients(2);
  const lease = { transaction: 'one', account: 'acme' };
  type Send = (limits: readonly WindowLimit[]) => Promise<unknown>;

  /** All that is kept of the addresses' windows. */
  async function kept(send: Send, limits: readonly WindowLimit[]): Promise<readonly unknown[]> {
    await client.flushall();
    await send(limits);
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

  const atItsEnd: Send = async (limits) => {
    const floodLimits = { account: limits, everyone: limits };
    await reserve(store, lease, [], { recipients: asked, floodLimits });
    await commit(store, lease, [], { floodLimits, recipients: asked.map(({ key }) => key) });
  };
  const atOnce: Send = async (limits) => {
    const floodLimits = { account: limits, everyone: limits };
    for (const recipient of asked) {
      await store.chargeRecipient({ lease, accountLimits: [], amounts: {}, floodLimits, recipient, facts: NO_FACTS });
    }
  };

  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(atItsEnd, atOnce),
      fc.uniqueArray(fc.constantFrom(HOUR, DAY, 30 * DAY), { minLength: 1 }),
      async (send, lengths) => {
        const short = lengths.map((perMs) => flood('messages', 65, perMs));
        // One that is full, though only observed, takes the long way, and counts in the same windows.
        const [first = HOUR] = lengths;
        const long = [...short, flood('messages', 0, first, false)];
        t.strictSame(await kept(send, short), await kept(send, long));
      },
    ),
    { numRuns: 30 },
  );
});

t.test('where one address denies, others of which nothing is kept are not charged', async (t) => {
  const redis = await startRedis(t);
  const store = await openRedisStore({ connection: { url: redis.url }, times, testClock: () => START });
  t.teardown(() => store.close());
  const floodLimits = { account: [flood('messages', 66, DAY)], everyone: [flood('messages', 99, DAY)] };
  const [old, fresh] = recipients(2);
  if (old === undefined || fresh === undefined) throw new Error('two recipients');
  const late = { transaction: 'late', account: 'acme' };
  const asked = await reserve(store, late, [], { recipients: [old, fresh], floodLimits });
  t.match(asked.recipients, [
    { granted: true, held: false },
    { granted: true, held: false },
  ]);
  const other = { lease: { transaction: 'other', account: 'acme' }, accountLimits: [], amounts: {}, floodLimits };
  for (let sent = 0; sent < 66; sent += 1) {
    const { charge } = await store.chargeRecipient({ ...other, recipient: old, facts: NO_FACTS });
    t.ok(charge);
  }
  const denied = await commit(store, late, [], { floodLimits, recipients: [old.key, fresh.key] });
  t.match(denied, { granted: false, charge: null, usage: [{ used: 66, over: true }] });
  const next = { transaction: 'next', account: 'acme' };
  const again = await reserve(store, next, [], { recipients: [fresh], floodLimits });
  t.match(again.recipients, [{ granted: true, usage: [{ used: 1 }, { used: 1 }] }]);
});

import { EventEmitter, once } from 'node:events';
import { setImmediate } from 'node:timers/promises';
import t from 'tap';
import type { HeldLease, Store, StoreTimes } from '../../src/store/contract.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { KeepAlive } from '../../src/transaction/keep-alive.js';
import { grantedOf, limitOf, newLease, recipient, reserve } from '../store/contract/sender.js';
import { startRedis } from '../support/redis.js';

const TTL = 600_000;
const TURNS = 3;
const times: StoreTimes = { reservationTtlMs: TTL, sessionTtlMs: TTL, callTimeoutMs: 5_000 };
const ADDRESS = 'a@example.net';
const flood = { account: [], everyone: [limitOf('messages', 1, 3_600_000)] };

const mailTo = (store: Store, lease = newLease()) =>
  reserve(store, lease, [limitOf('recipients', 1, 3_600_000)], {
    recipients: [recipient(ADDRESS)],
    floodLimits: flood,
  });

t.test('what a long transaction holds is renewed, at addresses too, until it is let go', async (t) => {
  const redis = await startRedis(t);
  let now = Date.now();
  const store = await openRedisStore({ connection: { url: redis.url }, times, testClock: () => now });
  t.teardown(() => store.close());
  const renewals = new EventEmitter();
  let renewed = 0;
  let turn = Promise.resolve();
  const watched = {
    renewSessions: store.renewSessions,
    // One after the other, and nearly a hold's life between two.
    renew: (held: readonly HeldLease[]) => {
      turn = turn.then(async () => {
        await store.renew(held);
        renewed += 1;
        if (renewed > TURNS) renewals.emit('enough');
        else now += 0.9 * TTL;
      });
      return turn;
    },
  };
  // Its own clock runs: it renews every few moments what lasts ten minutes by the store's.
  const keepAlive = new KeepAlive(watched, { reservationTtlMs: 60, sessionTtlMs: 60 }, (error) => {
    throw error;
  });
  t.teardown(() => keepAlive.close());

  const lease = newLease();
  const held = new Set<string>();
  t.same(grantedOf(await mailTo(store, lease)), [true]);
  keepAlive.hold(lease, held);
  held.add(ADDRESS);
  await once(renewals, 'enough');
  t.same(grantedOf(await mailTo(store)), [false], 'nobody else gets its place at the account');
  t.same(grantedOf(await mailTo(store, newLease('zenith'))), [false], 'nor at the address');
  keepAlive.letGo(lease);
  now += TTL + 1;
  t.same(grantedOf(await mailTo(store, newLease('zenith'))), [true]);
});

t.test('recipients that keep coming do not put the renewal of the first ones off', async (t) => {
  let renewed = false;
  const store = {
    renewSessions: async () => undefined,
    renew: async () => {
      renewed = true;
    },
  };
  const keepAlive = new KeepAlive(store, { reservationTtlMs: 60, sessionTtlMs: 60 }, () => undefined);
  t.teardown(() => keepAlive.close());
  const lease = newLease();
  const held = new Set([ADDRESS]);
  while (!renewed) {
    keepAlive.hold(lease, held);
    await setImmediate();
  }
});

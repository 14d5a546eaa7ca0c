import { once } from 'node:events';
import { connect, createServer, type Socket } from 'node:net';
import t from 'tap';
import type { Store, StoreTimes } from '../../src/store/contract.js';
import type { RedisConnection } from '../../src/store/redis/options.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { type RedisServer, startCluster, startRedis } from '../support/redis.js';
import { until } from '../support/until.js';
import { commit, limitOf, newLease, recipients, reserve } from './contract/sender.js';

const CALL_TIMEOUT_MS = 300;
const times: StoreTimes = { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: CALL_TIMEOUT_MS };
const limits = [limitOf('recipients', 1_000, 3_600_000)];
const unavailable = { code: 'STORE_UNAVAILABLE' };

async function open(t: Tap, redis: RedisServer): Promise<Store> {
  return openedSoon(t, { url: redis.url });
}

/** However busy the machine is just now: the limit of a call is short here. */
async function openedSoon(t: Tap, connection: RedisConnection): Promise<Store> {
  const store = await until('opened', () => openRedisStore({ connection, times }));
  t.teardown(() => store.close());
  return store;
}

type Tap = Parameters<typeof startRedis>[0];

const charge = (store: Store) => store.charge('client:192.0.2.1', [limitOf('failures', 9, 3_600_000)], 1);
const usedBy = async (store: Store) =>
  (await store.meters([{ subject: 'client:192.0.2.1', limits: [limitOf('failures', 9, 3_600_000)] }]))[0]?.[0]?.used;

t.test('while Redis hangs every call fails in time, and none is sent again afterwards', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  await charge(store);
  redis.pause();
  const started = performance.now();
  await t.rejects(charge(store), { ...unavailable, verb: 'charge' });
  await t.rejects(charge(store), unavailable, 'while it is reconnecting');
  await t.rejects(store.ping(), unavailable);
  t.ok(performance.now() - started < 20 * CALL_TIMEOUT_MS, 'nothing hung');
  redis.resume();
  await until('it answers again', () => store.ping());
  // The first was sent before the hang and may have been executed once; the second was never sent.
  const used = (await usedBy(store)) ?? 0;
  t.ok(used === 1 || used === 2, `${used} counted`);
  await charge(store);
  t.equal(await usedBy(store), used + 1);
});

t.test('decisions that were written unheard are not written again', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  const bounds = { maxAgeMs: 3_600_000, maxCount: 10_000 };
  // More than one call's worth, so that some are written, others not.
  const written = Array.from({ length: 250 }, (_, i) => ({
    ...{ id: `d${i}`, at: Date.now(), account: null, verdict: 'pass' as const },
    ...{ rules: [], body: '{}' },
  }));
  redis.pause();
  await t.rejects(store.appendDecisions(written, bounds), { ...unavailable, verb: 'appendDecisions' });
  redis.resume();
  await until('it answers again', () => store.ping());
  t.ok((await redis.client().dbsize()) > 0, 'Redis did what it had read');
  await store.appendDecisions(written, bounds);
  const { items } = await store.decisions({ limit: 1_000 });
  t.same(items.map(({ id }) => id).sort(), written.map(({ id }) => id).sort());
  await store.appendDecisions(written.slice(0, 1), bounds);
  t.equal((await store.decisions({ limit: 1_000 })).items.length, 251, 'later ones are not looked for');
});

t.test('after a restart it goes on with an empty Redis, scripts included', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  t.match(await commit(store, newLease(), limits, { amounts: { recipients: 4 } }), { granted: true });
  await redis.stop();
  await t.rejects(store.stateOf('acme'), { ...unavailable, verb: 'stateOf' });
  await redis.restart();
  await until('it answers again', () => store.ping());
  t.match(await commit(store, newLease(), limits, { amounts: { recipients: 1 } }), { granted: true });
  t.match(await store.usage('acme', limits), [{ used: 1 }]);
});

t.test('scripts that Redis forgot are sent again, executed once', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  await charge(store);
  await redis.client().script('FLUSH');
  t.match(await charge(store), [{ used: 2 }]);
});

t.test('a full Redis refuses, and nothing is half done', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  await redis.client().config('SET', 'maxmemory', '1');
  const full = { ...unavailable, message: /OOM/ };
  const scarce = [limitOf('recipients', 9, 3_600_000)];
  await t.rejects(reserve(store, newLease(), scarce, { recipients: recipients(2) }), full, 'nothing can be held');
  const ample = await reserve(store, newLease(), limits, { recipients: recipients(2) });
  t.match(ample.recipients, [{ granted: true, held: false }], 'where nothing is held nothing is written');
  await t.rejects(commit(store, newLease(), limits, { amounts: { recipients: 2 } }), full);
  await redis.client().config('SET', 'maxmemory', '0');
  t.match(await store.usage('acme', limits), [{ used: 0 }]);
});

t.test('a replica that refuses writes is left', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  const other = redis.client();
  await other.replicaof('127.0.0.1', '1');
  await t.rejects(charge(store), { ...unavailable, message: /READONLY/ });
  await other.replicaof('NO', 'ONE');
  await until('it takes writes again', () => charge(store));
});

t.test('a connection that was cut in mid-call fails the call and sends nothing twice', async (t) => {
  const redis = await startRedis(t);
  const cutter = await startCutter(t, redis.port);
  const store = await openedSoon(t, { host: '127.0.0.1', port: cutter.port });
  await charge(store);
  cutter.cutAfterNextRequest();
  await t.rejects(charge(store), unavailable);
  await until('reconnected', () => store.ping());
  t.equal(await usedBy(store), 2, 'executed once, though the answer was lost');
});

t.test('a cluster node that hangs fails calls in time, the others serve on', async (t) => {
  const { nodes } = await startCluster(t, 3);
  const cluster = nodes.map(({ port }) => ({ host: '127.0.0.1', port }));
  const store = await openedSoon(t, { cluster });
  nodes[2]?.pause();
  const asked = await Promise.allSettled(Array.from({ length: 30 }, (_, index) => store.stateOf(`a${index}`)));
  t.ok(asked.some(({ status }) => status === 'fulfilled'));
  const refused = asked.filter(({ status }) => status === 'rejected');
  t.ok(refused.length > 0);
  for (const one of refused) t.match(one, { reason: unavailable });
  nodes[2]?.resume();
  await until('all serve again', async () => {
    await Promise.all(Array.from({ length: 30 }, (_, index) => store.stateOf(`a${index}`)));
    return true;
  });
});

t.test('closing ends calls under way and leaves no socket', async (t) => {
  const redis = await startRedis(t);
  const store = await open(t, redis);
  const other = redis.client();
  redis.pause();
  const call = store.stateOf('acme');
  await Promise.all([t.rejects(call, unavailable), store.close()]);
  redis.resume();
  await until(
    'Redis saw it go',
    async () => ((await other.client('LIST')) as string).trim().split('\n').length === 1 || null,
  );
  await t.rejects(store.ping(), unavailable);
});

/** A relay on the way to Redis that can cut a connection once a request has passed. */
async function startCutter(t: Tap, target: number): Promise<{ readonly port: number; cutAfterNextRequest(): void }> {
  const open = new Set<Socket>();
  let cutting = false;
  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => {});
      socket.on('close', () => {
        open.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on('data', (chunk) => upstream.write(chunk));
    upstream.on('data', (chunk) => {
      if (cutting) client.destroy();
      else client.write(chunk);
      cutting = false;
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return {
    port: address.port,
    cutAfterNextRequest() {
      cutting = true;
    },
  };
}

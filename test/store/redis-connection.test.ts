import t from 'tap';
import type { StoreTimes } from '../../src/store/contract.js';
import { openRedisStore, type RedisConnection } from '../../src/store/redis/redis-store.js';
import { startRedis } from '../support/redis.js';
import { limitOf, newLease, recipients, reserve } from './contract/sender.js';

const times: StoreTimes = { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: 2_000 };
const limits = [limitOf('recipients', 5, 3_600_000)];

/** Opens, uses and closes a store; what it held is told. */
async function use(connection: RedisConnection): Promise<number | undefined> {
  const store = await openRedisStore({ connection, times });
  try {
    await reserve(store, newLease(), limits, { recipients: recipients(1) });
    return (await store.usage('acme', limits))[0]?.used;
  } finally {
    await store.close();
  }
}

t.test('by URL, with a password and a database', async (t) => {
  const redis = await startRedis(t, { password: 'p@ss w:rd/' });
  t.equal(await use({ url: `${redis.url}/3` }), 1);
  t.equal(await use({ url: `redis://127.0.0.1:${redis.port}`, password: 'p@ss w:rd/' }), 1, 'another database');
  t.equal(await use({ host: '127.0.0.1', port: redis.port, username: 'default', password: 'p@ss w:rd/', db: 3 }), 2);
  await t.rejects(
    openRedisStore({ connection: { host: '127.0.0.1', port: redis.port, password: 'wrong' }, times }),
    { code: 'STORE_UNAVAILABLE', verb: 'open', message: /WRONGPASS/ },
    'a wrong one is told',
  );
});

t.test('by unix socket', async (t) => {
  const { socketPath } = await startRedis(t, { unixSocket: true });
  if (socketPath === null) return void t.fail('no socket');
  t.equal(await use({ socketPath }), 1);
});

t.test('by TLS, each side proving who it is', async (t) => {
  const { port, url, tls } = await startRedis(t, { tls: true });
  if (tls === null) return void t.fail('no certificates');
  t.equal(await use({ host: '127.0.0.1', port, tls }), 1);
  t.equal(await use({ url, tls: { ...tls, servername: 'localhost' } }), 2);
  await t.rejects(openRedisStore({ connection: { url }, times }), { code: 'STORE_UNAVAILABLE' }, 'unknown authority');
  const other = { ...tls, servername: 'redis.example.net' };
  await t.rejects(openRedisStore({ connection: { url, tls: other }, times }), { message: /redis\.example\.net/ });
});

t.test('a store of a newer schema is refused by name', async (t) => {
  const redis = await startRedis(t);
  await redis.client().set('sluice:schema:{schema}', '2');
  await t.rejects(openRedisStore({ connection: { url: redis.url }, times }), {
    code: 'STORE_SCHEMA_TOO_NEW',
    found: 2,
    message: new RegExp(`127\\.0\\.0\\.1:${redis.port} has schema 2`),
  });
  const store = await openRedisStore({ connection: { url: redis.url }, times, keyPrefix: 'other:' });
  await store.close();
});

t.test('what cannot work is told at once', async (t) => {
  await t.rejects(openRedisStore({ connection: { url: 'http://127.0.0.1' }, times }), /expected redis:/);
  await t.rejects(openRedisStore({ connection: { url: 'redis://127.0.0.1' }, times, keyPrefix: '{x}' }), /braces/);
});

t.test('hostile names stay under their own hash tag', async (t) => {
  const redis = await startRedis(t);
  const store = await openRedisStore({ connection: { url: redis.url }, times });
  t.teardown(() => store.close());
  const names = [
    '{}@example.net',
    '}{@example.net',
    '{a}@example.net',
    '%7b}@example.net',
    '"\r\n *"@example.net',
    'ü@example.net',
  ];
  for (const key of names) {
    const lease = { transaction: `t}{ ${key}`, account: `acc}{%ount${key.length}` };
    const asked = [{ key, domain: 'example.net', untaggedKey: null, resource: 'recipients' as const }];
    const flood = [limitOf('messages', 1, 3_600_000)];
    const floodLimits = { account: flood, everyone: flood };
    const facts = { suppression: true, revocation: true, rejections: true };
    const first = await reserve(store, lease, limits, { recipients: asked, floodLimits, facts });
    t.match(first.recipients, [{ granted: true, suppression: null }], `${key} is nobody else`);
    await store.suppress([
      { key, account: lease.account, reason: 'manual', at: null, by: '', note: key, expiresAt: null },
    ]);
    const next = await reserve(store, newLease(), [], { recipients: asked, floodLimits, facts });
    t.match(next.recipients, [{ granted: false, suppression: null }]);
    t.match((await store.suppressions({ key, limit: 5 })).items, [{ key, account: lease.account, note: key }]);
  }
  for (const key of await redis.client().keys('*')) {
    t.equal(key.match(/[{}]/g)?.length, 2, key);
    t.match(key, /^sluice:\w+:\{[^{}]+\}/);
  }
});

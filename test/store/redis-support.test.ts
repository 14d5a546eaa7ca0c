import t from 'tap';
import { startCluster, startRedis, startSentinel } from '../support/redis.js';

t.test('a server with password, unix socket and TLS answers', async (t) => {
  const redis = await startRedis(t, { unixSocket: true, password: 'a b:c@d', tls: true });
  t.equal(await redis.client().ping(), 'PONG');
  t.match(redis.url, /^rediss:\/\/:a%20b%3Ac%40d@127\.0\.0\.1:\d+$/);
});

t.test('a restarted server is empty and on the same port', async (t) => {
  const redis = await startRedis(t);
  const client = redis.client();
  await client.set('a', '1');
  await redis.restart();
  t.equal(await redis.client().get('a'), null);
});

t.test('a failover promotes the replica', async (t) => {
  const group = await startSentinel(t);
  await group.failover();
  t.equal((await group.nodes[1]?.client().role())?.[0], 'master');
});

t.test('a cluster of three covers all slots', async (t) => {
  const cluster = await startCluster(t, 3);
  t.equal(cluster.nodes.length, 3);
});

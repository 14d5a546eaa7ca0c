import t from 'tap';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { startSentinel } from '../support/redis.js';
import { until } from '../support/until.js';
import { commit, limitOf, newLease, recipients, reserve } from './contract/sender.js';
import { contractSuite, SUITE_TIMES } from './contract-suite.js';
import { modelSuite } from './model-suite.js';
import { redisOpener } from './redis-opener.js';

const { sentinels, name, nodes, failover } = await startSentinel(t);
const connection = { sentinels, name };

const open = redisOpener(connection);
contractSuite('Redis behind Sentinel', open);
modelSuite('Redis behind Sentinel', open);

t.test('after a failover it goes on by itself, with the counts', async (t) => {
  const store = await openRedisStore({ connection, times: { ...SUITE_TIMES, callTimeoutMs: 500 } });
  t.teardown(() => store.close());
  const limits = [limitOf('recipients', 5, 3_600_000)];
  const held = newLease();
  await reserve(store, held, limits, { recipients: recipients(2) });
  t.match(await commit(store, newLease(), limits, { amounts: { recipients: 1 } }), { granted: true });
  t.equal(await nodes[0]?.client().wait(1, 5_000), 1, 'the replica has it');

  const failures: unknown[] = [];
  const done = failover();
  let over = false;
  done.then(() => {
    over = true;
  });
  while (!over) {
    await store.ping().catch((error: unknown) => failures.push(error));
    await new Promise(setImmediate);
  }
  await done;
  for (const error of failures) t.match(error, { code: 'STORE_UNAVAILABLE' });
  await until('a write passes again', async () => commit(store, held, limits, { amounts: { recipients: 2 } }));
  t.match(await store.usage('acme', limits), [{ used: 3 }]);
  t.equal((await nodes[1]?.client().role())?.[0], 'master');
});

/**
 * A Redis that answers, but takes no writes: it is full, or a replica. And one
 * that throws away what it should keep. Readiness tells, nothing is lost.
 */

import t from 'tap';
import { flowsOn, type Load, NO_LIMITS, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

/** A connection that met a replica is made anew, so now and then it says that there is none. */
async function readyz(sluice: Sluice, status: 200 | 503, why = /./): Promise<void> {
  await until(
    `/readyz is ${status}, ${why}`,
    async () => {
      const page = await sluice.get('/readyz');
      return page.status === status && why.test(page.body) ? true : null;
    },
    30_000,
  );
}

/** Nobody has a message accepted any more; resolves when each client heard so about twice. */
async function refusesAll(load: Load): Promise<void> {
  const before = load.refusals.length;
  await until('clients hear it', async () => (load.refusals.length >= before + 12 ? true : null));
}

const sink = await startRelaySink(t);
t.beforeEach(() => {
  sink.messages.length = 0;
});

t.test('full, and then a replica by mistake', async (t) => {
  const redis = await startRedis(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      rules: NO_LIMITS,
      store: { redis: { url: redis.url } },
    },
  });
  const load = startLoad(sluice.port(), 'full');
  const admin = redis.client();
  await flowsOn(load);

  await admin.config('SET', 'maxmemory', '1');
  await refusesAll(load);
  await readyz(sluice, 503, /OOM/);
  const usage = await sluice.cli('usage', 'tester', '--json');
  t.match(usage, { code: 0 }, 'the command line still reads');
  t.ok(JSON.parse(usage.stdout).windows[0].used > 0);
  const change = await sluice.cli('suppress', 'add', 'bob@example.net', '--reason', 'manual');
  t.not(change.code, 0, 'and says that it cannot write');
  await admin.config('SET', 'maxmemory', '0');
  await flowsOn(load);
  await readyz(sluice, 200);

  await admin.replicaof('127.0.0.1', '1');
  await refusesAll(load);
  await readyz(sluice, 503, /READONLY/);
  await admin.replicaof('NO', 'ONE');
  await flowsOn(load);
  await readyz(sluice, 200);

  nothingTwice(t, sink, await load.stop());
  const odd = load.refusals.filter(({ text }) => !/^4[25]1 4\.3\.0 /.test(text));
  t.strictSame(odd, [], `${load.refusals.length} heard that the store is away, nobody anything else`);
  nothingCrashed(t, sluice);
});

t.test('an eviction policy against all advice', async (t) => {
  const redis = await startRedis(t, { args: ['--maxmemory-policy', 'allkeys-random'] });
  const sluice = await startSluice(t, {
    config: { relay: { hosts: [`127.0.0.1:${sink.port}`] }, rules: NO_LIMITS, store: { redis: { url: redis.url } } },
  });
  const load = startLoad(sluice.port(), 'evicted');
  const admin = redis.client();
  await flowsOn(load);
  const info = async (section: string, field: string) =>
    Number(new RegExp(`${field}:(\\d+)`).exec(await admin.info(section))?.[1]);
  await until(
    'keys are thrown away',
    async () => {
      // A little less than it holds, each time anew: what one account's mail needs grows too slowly to be evicted by itself.
      await admin.config('SET', 'maxmemory', `${(await info('memory', 'used_memory')) - 4096}`);
      // On a slow machine there are no more keys than some dozens.
      return (await info('stats', 'evicted_keys')) >= 10 ? true : null;
    },
    120_000,
  );
  await admin.config('SET', 'maxmemory', '0');
  await flowsOn(load);
  await readyz(sluice, 200);
  // Limits forget, which is why the docs say noeviction; mail does not.
  nothingTwice(t, sink, await load.stop());
  nothingCrashed(t, sluice);
});

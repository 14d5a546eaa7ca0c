/** Sentinel promotes the replica while mail flows: clients hear 451 for a moment, and it goes on by itself. */

import t from 'tap';
import { flowsOn, NO_LIMITS, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { startSentinel } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

t.test('a failover under load', async (t) => {
  const group = await startSentinel(t);
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      rules: NO_LIMITS,
      store: {
        redis: { sentinel: { nodes: group.sentinels.map(({ host, port }) => `${host}:${port}`), name: group.name } },
      },
    },
  });
  const load = startLoad(sluice.port(), 'failover');
  await flowsOn(load);
  await group.failover();
  await flowsOn(load);
  await until('ready again', async () => ((await sluice.get('/readyz')).status === 200 ? true : null));
  const accepted = await load.stop();
  nothingTwice(t, sink, accepted);
  const odd = load.refusals.filter(({ text }) => !/^4[25]1 4\.3\.0 /.test(text));
  t.strictSame(odd, [], `${load.refusals.length} heard that the store is away, nobody anything else`);
  nothingCrashed(t, sluice);
});

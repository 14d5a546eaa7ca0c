/** Instances are restarted one after the other with another config, while the other one takes the mail: counts survive. */

import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { flowsOn, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

t.test('a restart with the config changed', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const config = (limit: string, more: Partial<ConfigInput> = {}): ConfigInput => ({
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { redis: { url: redis.url } },
    rules: { 'volume.messages': { limits: [limit] }, 'volume.recipients': { mode: 'off' } },
    workers: 2,
    shutdownTimeout: '20s',
    ...more,
  });
  const before = await startSluice(t, { config: config('100000/1h') });
  const old = startLoad(before.port(), 'old');
  await flowsOn(old);

  // Another window beside the old one, other settings of everything that only a restart changes.
  const after = await startSluice(t, {
    config: config('100000/1h', {
      rules: { 'volume.messages': { limits: ['100000/1h', '50000/30m'] }, 'flood.recipient': { mode: 'off' } },
      hostname: 'other.example',
      workers: 1,
      smtp: { inspectWindow: '64KiB' },
    }),
  });
  const young = startLoad(after.port(), 'young');
  await flowsOn(young);
  t.equal(await before.stop(), 0, 'the old one ends in peace');
  await flowsOn(young);
  const accepted = [...(await old.stop()), ...(await young.stop())];
  nothingTwice(t, sink, accepted);
  t.strictSame(
    [...old.refusals, ...young.refusals].filter(({ text }) => !/^(421 4\.3\.2 |closed$)/.test(text)),
    [],
    'the sessions of the old one heard 421, nobody anything else',
  );
  const used = async () => {
    const { stdout } = await after.cli('usage', 'tester', '--json');
    return JSON.parse(stdout).windows.filter(({ resource }: { resource: string }) => resource === 'messages');
  };
  const [hour] = await used();
  t.equal(hour.used, accepted.length, 'the hour counts all of it, whoever took it');

  // Below what was used already: it bites at once.
  const strict = await startSluice(t, { config: config(`${accepted.length}/1h`) });
  const refused = startLoad(strict.port(), 'strict');
  await refusalOf(refused);
  t.strictSame(await refused.stop(), [], 'nothing more passes');
  t.match(refused.refusals[0], {
    text: new RegExp(`^450 4\\.7\\.0 \\[volume\\.messages\\] The limit of ${accepted.length} `),
  });
  for (const sluice of [before, after, strict]) nothingCrashed(t, sluice);
});

async function refusalOf(load: ReturnType<typeof startLoad>): Promise<void> {
  await until('a refusal', async () => (load.refusals.length > 0 ? true : null));
}

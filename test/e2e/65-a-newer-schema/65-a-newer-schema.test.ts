/**
 * A newer Sluice raises the schema of the store while an older one serves. The
 * older one goes on with what it has under way, and tells the balancer to send
 * it no more; another older one does not start.
 */

import Libsql from 'libsql';
import t, { type Test } from 'tap';
import { SCHEMA_VERSION } from '../../../src/store/contract.js';
import { flowsOn, NO_LIMITS, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, type SluiceSettings, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

const NEWER = SCHEMA_VERSION + 1;
const sink = await startRelaySink(t);
t.beforeEach(() => {
  sink.messages.length = 0;
});

interface Raised {
  readonly settings: SluiceSettings;
  set(version: number, sluice: Sluice): Promise<void>;
}

async function upgrade(t: Test, { settings, set }: Raised) {
  const sluice = await startSluice(t, settings);
  const load = startLoad(sluice.port(), 'older');
  await flowsOn(load);
  await set(NEWER, sluice);
  const page = await until('not ready any more', async () => {
    const { status, body } = await sluice.get('/readyz');
    return status === 503 ? body : null;
  });
  t.match(page, new RegExp(`has schema ${NEWER}, this Sluice knows up to ${SCHEMA_VERSION}`), 'by name');
  await flowsOn(load);
  const { code, stderr } = await sluice.cli('usage', 'tester');
  t.not(code, 0, 'the older command line does not open it');
  t.match(stderr, new RegExp(`schema ${NEWER}`));
  t.match(
    sluice.log.filter(({ level }) => level === 'fatal'),
    [],
  );

  // Back, and even before: what is older than this Sluice is opened.
  await set(SCHEMA_VERSION - 1, sluice);
  await until('ready again', async () => ((await sluice.get('/readyz')).status === 200 ? true : null));
  t.match(await sluice.cli('usage', 'tester'), { code: 0 });
  await flowsOn(load);
  nothingTwice(t, sink, await load.stop());
  t.strictSame(load.refusals, [], 'no client heard of it');
  nothingCrashed(t, sluice);
}

t.test('in Redis', async (t) => {
  const redis = await startRedis(t);
  const key = 'sluice:schema:{schema}';
  await upgrade(t, {
    settings: {
      config: {
        relay: { hosts: [`127.0.0.1:${sink.port}`] },
        rules: NO_LIMITS,
        store: { redis: { url: redis.url } },
      },
    },
    set: async (version) => {
      const client = redis.client();
      if ((await client.exists(key)) !== 1) throw new Error(`no ${key}: ${await client.keys('*schema*')}`);
      await client.set(key, `${version}`);
      client.disconnect();
    },
  });
});

t.test('in the embedded store', async (t) => {
  await upgrade(t, {
    settings: { config: { relay: { hosts: [`127.0.0.1:${sink.port}`] }, rules: NO_LIMITS } },
    set: async (version, sluice) => {
      const database = new Libsql(`${sluice.directory}/sluice.db`, { timeout: 5_000 });
      database.pragma(`user_version = ${version}`);
      database.close();
    },
  });
});

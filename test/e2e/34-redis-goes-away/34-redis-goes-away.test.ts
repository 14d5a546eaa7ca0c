/** The store is away while mail flows: clients hear so in time, or mail passes; it mends by itself. */

import t from 'tap';
import { flowsOn, type Load, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { openSession, sendMail } from '../../support/mail.js';
import { type RedisServer, startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// Above the call time limit by what a busy machine may take; far below any client's patience.
const ANSWERED_WITHIN_MS = 8_000;

async function pauseAndRestart(redis: RedisServer, load: Load, whileAway: () => Promise<void>): Promise<void> {
  await flowsOn(load);
  redis.pause();
  await whileAway();
  redis.resume();
  await flowsOn(load);
  await redis.restart();
  await flowsOn(load);
  await redis.stop();
  await whileAway();
  await redis.restart();
  await flowsOn(load);
}

t.test('onFailure: defer', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { redis: { url: redis.url }, callTimeout: '1s' },
      workers: 2,
    },
  });
  const load = startLoad(sluice.port(), 'defer');
  await pauseAndRestart(redis, load, async () => {
    const before = load.refusals.length;
    await until('clients hear it', async () => (load.refusals.length >= before + 6 ? true : null));
    const client = await openSession(sluice.port()).catch((error: unknown) => String(error));
    if (typeof client === 'string') t.match(client, /451|421/, 'a new session hears it at once');
    else await client.close();
    t.match(await sluice.get('/readyz'), { status: 503 });
  });
  const accepted = await load.stop();
  nothingTwice(t, sink, accepted);
  const odd = load.refusals.filter(
    ({ text }) =>
      !/^(451 4\.3\.0 Limits .*, please try|421 4\.3\.0 Limits .*, please connect) again in a few minutes ref=/.test(
        text,
      ),
  );
  t.strictSame(odd, [], `${load.refusals.length} heard 451 4.3.0 and nothing else`);
  const slowest = Math.max(...load.refusals.map(({ afterMs }) => afterMs));
  t.ok(slowest < ANSWERED_WITHIN_MS, `the slowest after ${Math.round(slowest)} ms`);
  nothingCrashed(t, sluice);
});

t.test('onFailure: pass', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { redis: { url: redis.url }, callTimeout: '1s', onFailure: 'pass' },
    },
  });
  const load = startLoad(sluice.port(), 'pass');
  await pauseAndRestart(redis, load, async () => {
    await flowsOn(load);
    const client = await openSession(sluice.port());
    t.equal((await sendMail(client, { to: ['new@example.net'] })).end?.code, 250, 'a new session too');
    await client.close();
    t.match(await sluice.get('/readyz'), { status: 200 }, 'it can serve');
  });
  const accepted = await load.stop();
  t.strictSame(load.refusals, [], 'nobody heard of it');
  const own = sink.messages.filter(({ data }) => data.includes('Subject: pass'));
  nothingTwice(t, { messages: own }, accepted);
  const skipped = sluice.transactions.filter((line) => line.skipped === true);
  t.ok(skipped.length >= 12, `${skipped.length} decisions say that rules were skipped`);
  t.match(skipped[0], { verdict: 'pass', ending: 'accepted' });
  nothingCrashed(t, sluice);
});

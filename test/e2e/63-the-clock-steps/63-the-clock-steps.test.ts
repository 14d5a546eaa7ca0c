/** The machine's clock is set forward and back by an hour while mail flows. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { type FakeClock, fakeClock } from '../../support/fake-clock.js';
import { flowsOn, NO_LIMITS, nothingCrashed, nothingTwice, startLoad } from '../../support/load.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

const HOUR = 3_600_000;
const LIMIT = 20;

const sink = await startRelaySink(t);
t.beforeEach(() => {
  sink.messages.length = 0;
});

async function clockOf(t: Test): Promise<FakeClock & { readonly directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-clock-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  return Object.assign(await fakeClock(directory), { directory });
}

/** Sends until one is refused, at most so many; how many were accepted. */
async function sendUntilRefused(sluice: Sluice, most: number): Promise<number> {
  const client = await openSession(sluice.port());
  for (let sent = 0; sent < most; sent += 1) {
    const { end } = await sendMail(client, { to: [`n${sent}@example.net`] });
    if (end?.code === 250) continue;
    client.destroy();
    return sent;
  }
  client.destroy();
  return most;
}

const limits = {
  'volume.messages': { limits: [`${LIMIT}/2h`] },
  'volume.recipients': { mode: 'off' as const },
  'flood.recipient': { mode: 'off' as const },
};

t.test('with Redis the store decides the time: a step of one machine moves no limit', async (t) => {
  const redis = await startRedis(t);
  const clock = await clockOf(t);
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, store: { redis: { url: redis.url } }, rules: limits };
  const [stepping, other] = [await startSluice(t, { config, env: clock.env }), await startSluice(t, { config })];
  t.equal(await sendUntilRefused(stepping, 5), 5);
  await clock.set(HOUR);
  t.equal(await sendUntilRefused(stepping, 5), 5);
  await clock.set(-HOUR);
  t.equal(await sendUntilRefused(stepping, 5), 5);
  await clock.set(5 * HOUR);
  t.equal(await sendUntilRefused(stepping, LIMIT), LIMIT - 15, 'the same window all the time');
  t.equal(await sendUntilRefused(other, LIMIT), 0, 'for both');
  t.equal(sink.messages.length, LIMIT);
  nothingCrashed(t, stepping);
});

t.test('under load nothing is lost by it', async (t) => {
  const redis = await startRedis(t);
  const clock = await clockOf(t);
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { redis: { url: redis.url } },
      rules: NO_LIMITS,
      workers: 2,
    },
    env: clock.env,
  });
  const load = startLoad(sluice.port(), 'clock');
  for (const ahead of [0, HOUR, 0, -HOUR, 0]) {
    await clock.set(ahead);
    await flowsOn(load);
    t.match(await sluice.get('/readyz'), { status: 200 });
  }
  nothingTwice(t, sink, await load.stop());
  t.strictSame(load.refusals, [], 'nobody heard of it');
  nothingCrashed(t, sluice);
});

/** Back never frees anything, forward frees what it skips. */
async function theStoresClockDecides(t: Test, clock: FakeClock, sluice: Sluice): Promise<void> {
  t.equal(await sendUntilRefused(sluice, 5), 5);
  await clock.set(-HOUR);
  t.equal(await sendUntilRefused(sluice, LIMIT), LIMIT - 5, 'charges of a time to come count');
  await clock.set(0);
  t.equal(await sendUntilRefused(sluice, LIMIT), 0, 'and again in the right time');
  await clock.set(HOUR);
  t.equal(await sendUntilRefused(sluice, LIMIT), 0, 'an hour forward is half the window');
  await clock.set(3 * HOUR + HOUR / 10);
  t.equal(await sendUntilRefused(sluice, LIMIT + 5), LIMIT, 'what lies before the window is free, and no more');
  nothingCrashed(t, sluice);
}

t.test('with the embedded store it is this machine that decides', async (t) => {
  const clock = await clockOf(t);
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, rules: limits };
  await theStoresClockDecides(t, clock, await startSluice(t, { config, env: clock.env }));
});

t.test("with Redis it is Redis' machine", async (t) => {
  const clock = await clockOf(t);
  const redis = await startRedis(t, { env: clock.redisEnv });
  const config = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, store: { redis: { url: redis.url } }, rules: limits };
  await theStoresClockDecides(t, clock, await startSluice(t, { config }));
});

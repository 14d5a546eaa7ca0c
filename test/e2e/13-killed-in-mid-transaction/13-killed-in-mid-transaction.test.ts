/** SIGKILL to a process that holds an account's whole limit: the hold comes home by its lease, not before. */

import t from 'tap';
import { openSession } from '../../support/mail.js';
import { startRedis, until } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const PROBE_EVERY_MS = 500;

t.test('a killed process gives back what it held', async (t) => {
  const redis = await startRedis(t);
  const sink = await startRelaySink(t);
  const config = {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    store: { redis: { url: redis.url }, reservationTtl: '10s' },
    rules: { 'volume.recipients': { limits: ['4/1h'] } },
  };
  const [doomed, survivor] = await Promise.all([startSluice(t, { config }), startSluice(t, { config })]);

  const client = await openSession(doomed.port());
  await client.command('MAIL FROM:<a@example.com>');
  for (let number = 0; number < 4; number += 1) {
    t.equal((await client.command(`RCPT TO:<b${number}@example.net>`)).code, 250);
  }
  await doomed.kill();
  await client.closed;

  async function probe(): Promise<number> {
    const other = await openSession(survivor.port());
    await other.command('MAIL FROM:<a@example.com>');
    const { code } = await other.command('RCPT TO:<c@example.net>');
    await other.close();
    return code;
  }

  t.equal(await probe(), 450, 'held at first');
  await until(
    'the end of the lease',
    async () => {
      await new Promise((again) => setTimeout(again, PROBE_EVERY_MS));
      return (await probe()) === 250 ? true : null;
    },
    20_000,
  );
  t.equal(sink.messages.length, 0, 'the relay has nothing of it');
});

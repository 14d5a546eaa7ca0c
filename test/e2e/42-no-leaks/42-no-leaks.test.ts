/** After much mail over many sessions the process holds what it held when it was idle. */

import { readdir } from 'node:fs/promises';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const MESSAGES = 2_000;
const PARALLEL = 10;
const PER_SESSION = 8;
const KEPT = 3;

const redis = await startRedis(t);
const sink = await startRelaySink(t, { keep: false });
const sluice = await startSluice(t, {
  config: {
    relay: { hosts: [`127.0.0.1:${sink.port}`], pool: { maxIdle: KEPT } },
    store: { redis: { url: redis.url }, callTimeout: '5s' },
    rules: {
      'volume.messages': { mode: 'off' },
      'volume.recipients': { limits: ['100000/1h'] },
      'flood.recipient': { mode: 'off' },
      'volume.connections': { clientRates: ['100000/1m'] },
    },
  },
});

async function descriptors(): Promise<number> {
  return (await readdir(`/proc/${sluice.process.pid}/fd`)).length;
}

async function oneByOne(share: number, lane: number): Promise<number> {
  let accepted = 0;
  for (let left = share, session = 0; left > 0; session += 1) {
    const client = await openSession(sluice.port());
    const now = Math.min(left, PER_SESSION);
    for (let number = 0; number < now; number += 1) {
      const { end } = await sendMail(client, { to: [`l${lane}s${session}n${number}@example.net`] });
      if (end?.code === 250) accepted += 1;
    }
    left -= now;
    // Every way to end a session.
    if (session % 4 === 0) await client.command('QUIT');
    else if (session % 4 === 1) await client.command('MAIL FROM:<a@example.com>');
    else if (session % 4 === 2) client.write('MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nhalf');
    client.destroy();
  }
  return accepted;
}

t.test('2,000 messages over 250 sessions', async (t) => {
  const warmUp = await openSession(sluice.port());
  await sendMail(warmUp, { to: ['warm@example.net'] });
  await warmUp.close();
  await sink.until(() => sink.openSessions <= KEPT, 'the relay connections of an idle process');
  const idle = await descriptors();
  const relayed = sink.openSessions;

  const share = MESSAGES / PARALLEL;
  const accepted = await Promise.all(Array.from({ length: PARALLEL }, (_, lane) => oneByOne(share, lane)));
  t.equal(
    accepted.reduce((sum, count) => sum + count, 0),
    MESSAGES,
  );
  await until('sockets are closed again', async () => {
    const kept = sink.openSessions - relayed;
    return kept <= KEPT - relayed && (await descriptors()) - kept <= idle ? true : null;
  }).catch(async (error: unknown) =>
    t.fail(`${error}: ${await descriptors()} of ${idle} descriptors, ${sink.openSessions} relay connections`),
  );
  t.pass(`${idle} descriptors when idle, and again`);

  const { body } = await sluice.get('/metrics');
  t.match(body, /sluice_sessions\{listener="test"\} 0/, 'no session is thought open');
  t.match(body, /sluice_relay_pool\{state="waiting"\} 0/);
  const keys = await redis.client().keys('*lease*');
  t.strictSame(keys, [], 'no lease is left');
});

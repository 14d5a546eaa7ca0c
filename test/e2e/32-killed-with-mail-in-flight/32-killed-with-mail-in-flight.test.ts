/** SIGKILL with mail in flight: the others go on, what was held comes home, and no limit is exceeded. */

import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { crowd } from '../../support/crowd.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import type { SmtpClient } from '../../support/smtp-client.js';
import { until } from '../../support/until.js';

// Both wait for the same 15 s.
t.jobs = 2;
const BESIDE = { buffered: true };

const LIMIT = 20;

function config(sink: RelaySink, more: Partial<ConfigInput>): ConfigInput {
  return {
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    rules: { 'volume.recipients': { limits: [`${LIMIT}/1h`] }, 'volume.messages': { mode: 'off' } },
    ...more,
  };
}

/** A session that holds places and does not finish. */
async function hold(port: number, places: number, name: string): Promise<SmtpClient> {
  const client = await openSession(port);
  await client.command('MAIL FROM:<a@example.com>');
  for (let place = 0; place < places; place += 1) {
    const { code } = await client.command(`RCPT TO:<${name}${place}@example.net>`);
    if (code !== 250) throw new Error(`place ${place} of ${name} was answered ${code}`);
  }
  return client;
}

async function finish(client: SmtpClient): Promise<number> {
  await client.command('DATA');
  return (await client.command('Subject: finished\r\n\r\nhello\r\n.')).code;
}

async function used(sluice: Sluice): Promise<number> {
  const { stdout } = await sluice.cli('usage', 'tester', '--json');
  const { windows } = JSON.parse(stdout) as { windows: { resource: string; used: number }[] };
  return windows.find(({ resource }) => resource === 'recipients')?.used ?? Number.NaN;
}

/** Sends single mails until the limit is reached; how many were accepted. */
async function fill(port: number, name: string): Promise<number> {
  const accepted = await crowd([port], 4, async (client, number) => {
    for (let sent = 0; ; sent += 1) {
      const { recipients } = await sendMail(client, { to: [`${name}${number}-${sent}@example.net`] });
      if (recipients[0]?.code === 450) return sent;
      if (recipients[0]?.code !== 250) throw new Error(`${recipients[0]?.code} ${recipients[0]?.text}`);
    }
  });
  return accepted.reduce((sum, count) => sum + count, 0);
}

t.test('a worker of two on the embedded store', BESIDE, async (t) => {
  const sink = await startRelaySink(t);
  const store = { reservationTtl: '15s', sessionTtl: '10s', callTimeout: '5s' };
  const sluice = await startSluice(t, { config: config(sink, { workers: 2, store }) });
  const clients = [
    await hold(sluice.port(), 3, 'one'),
    await hold(sluice.port(), 3, 'two'),
    await hold(sluice.port(), 3, 'three'),
    await hold(sluice.port(), 3, 'four'),
  ];
  t.equal(await used(sluice), 12);
  const [victim = 0] = await workersOf(sluice);
  const killed = performance.now();
  process.kill(victim, 'SIGKILL');
  await sluice.waitForLog('a worker died', ({ msg, signal }) => msg === 'a worker died' && signal === 'SIGKILL');
  const codes = await Promise.all(clients.map((client) => finish(client).catch(() => null)));
  const finished = codes.filter((code) => code === 250).length;
  t.ok(
    finished > 0 && finished < clients.length,
    'the sessions of the other worker finish, those of the killed one are gone',
  );
  t.equal(sink.messages.length, finished, 'what was not finished is not at the relay');
  await until('it is replaced', async () => ((await sluice.get('/readyz')).status === 200 ? true : null));

  const now = await fill(sluice.port(), 'meanwhile');
  // A lease was renewed a third of its time before the kill at the earliest.
  t.equal(now, performance.now() - killed < 8_000 ? LIMIT - 12 : now, 'what it held is not given to others yet');
  await until('leases come home', async () => ((await used(sluice)) === 3 * finished + now ? true : null));
  t.equal(await fill(sluice.port(), 'later'), LIMIT - 3 * finished - now, 'and then to the last place');
  t.equal(recipientsAt(sink), LIMIT, 'the relay has exactly the limit');
});

t.test('a whole machine of two on Redis, in the middle of load', BESIDE, async (t) => {
  const sink = await startRelaySink(t);
  const redis = await startRedis(t);
  const store = { redis: { url: redis.url }, reservationTtl: '10s', sessionTtl: '10s', callTimeout: '5s' };
  const settings = { config: config(sink, { workers: 2, store }) };
  const [lost, other] = await Promise.all([startSluice(t, settings), startSluice(t, settings)]);
  const held = await hold(lost.port(), 5, 'held');

  let gone = false;
  const load = crowd([lost.port()], 4, async (client, number) => {
    let sent = 0;
    while (!gone) {
      const heard = await sendMail(client, { to: [`load${number}-${sent}@example.net`] }).catch(() => null);
      if (heard?.end?.code !== 250) break;
      sent += 1;
    }
    return sent;
  });
  await sink.until(() => sink.messages.length >= 5, 'some of the load');
  await lost.kill();
  gone = true;
  const heard = (await load).reduce((sum, sent) => sum + sent, 0);
  await t.rejects(held.command('NOOP'), 'its sessions are gone');
  const there = recipientsAt(sink);
  t.ok(there >= heard, `all ${heard} whose client heard 250 are at the relay (${there})`);

  await until('leases come home', async () => ((await used(other)) - there <= 4 ? true : null));
  const charged = await used(other);
  t.ok(charged >= there, 'what may have arrived is charged');
  t.equal(await fill(other.port(), 'other'), LIMIT - charged, 'the other machine gives out the rest');
  t.ok(recipientsAt(sink) <= LIMIT, 'never more than the limit');
  t.equal(
    new Set(sink.messages.flatMap(({ recipients }) => recipients.map(({ path }) => path))).size,
    recipientsAt(sink),
  );
});

function recipientsAt(sink: RelaySink): number {
  return sink.messages.reduce((sum, { recipients }) => sum + recipients.length, 0);
}

/** Process ids of the workers: both have answered a mail. */
async function workersOf(sluice: Sluice): Promise<readonly number[]> {
  const pids = new Set<number>();
  await until('both workers are known', async () => {
    const client = await openSession(sluice.port());
    await client.command('MAIL FROM:<a@example.com>');
    await client.command('RSET');
    await client.close();
    for (const { pid } of sluice.transactions) pids.add(Number(pid));
    return pids.size === 2 ? true : null;
  });
  return [...pids];
}

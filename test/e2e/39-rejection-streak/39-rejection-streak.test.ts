/** Three rejections over more than 15 days: the third comes from the relay now, and the fourth never gets there. */

import t, { type Test } from 'tap';
import { loadConfig } from '../../../src/config/load.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openStore } from '../../../src/service/open-store.js';
import type { Store } from '../../../src/store/contract.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

const DAY = 86_400_000;
const POLICY = { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 60 * DAY } as const;

/** The store that the running service uses. */
async function storeOf(t: Test, sluice: Sluice): Promise<Store> {
  const loaded = await loadConfig(sluice.configPath);
  if (!loaded.ok) throw new Error('the config cannot be read');
  const store = await openStore(loaded.config.store);
  t.teardown(() => store.close());
  return store;
}

async function rejectedDaysAgo(store: Store, key: string, ...days: number[]): Promise<void> {
  for (const ago of days) {
    const outcome = { account: 'tester', key, message: `report-${key}-${ago}`, kind: 'rejected' } as const;
    await store.recordOutcome({ ...outcome, status: '550 5.1.1 User unknown', at: Date.now() - ago * DAY }, POLICY);
  }
}

async function rejections(store: Store, key: string): Promise<number> {
  return (await store.rejectionsOf(key))[0]?.count ?? 0;
}

async function story(t: Test, sink: RelaySink, sluice: Sluice): Promise<void> {
  const store = await storeOf(t, sluice);
  const client = await openSession(sluice.port());
  const rcpt = async (address: string): Promise<string> => {
    await client.command('MAIL FROM:<a@example.com>');
    const { code, text } = await client.command(`RCPT TO:<${address}>`);
    await client.command('RSET');
    return `${code} ${text}`;
  };
  sink.script = {
    steps: {
      RCPT: ({ line }) => {
        if (line.includes('dead')) return '550 5.1.1 User unknown';
        if (line.includes('policy')) return '550 5.7.1 Service unavailable; client host blocked using Spamhaus';
        return line.includes('full') ? '452 4.2.2 Mailbox full' : undefined;
      },
    },
  };
  const heard = (address: string) => sink.commands.filter(({ line }) => line.includes(`<${address}>`)).length;

  await rejectedDaysAgo(store, 'dead@example.net', 16, 8);
  t.equal(await rcpt('dead@example.net'), '550 5.1.1 User unknown', "the third is the relay's own");
  await until('it counts', async () => ((await rejections(store, 'dead@example.net')) === 3 ? true : null));
  t.match(
    await rcpt('dead@example.net'),
    /^550 5\.1\.1 \[recipient\.rejections\] <dead@example\.net> rejected mail 3 times in a row from \S+ to \S+, .* ref=/,
  );
  t.equal(heard('dead@example.net'), 1, 'the relay is not asked again');
  const shown = await sluice.cli('rejections', 'dead@example.net', '--json');
  t.match(shown.stdout, /"count": ?3/, shown.stderr);

  for (const address of ['policy@example.net', 'full@example.net']) {
    await rejectedDaysAgo(store, address, 16, 8);
    for (let attempt = 0; attempt < 3; attempt += 1) t.match(await rcpt(address), /^(550 5\.7\.1 Service|452 4\.2\.2)/);
    t.equal(heard(address), 3, `${address}: the relay was asked each time`);
    t.equal(await rejections(store, address), 2, 'none of it counts');
  }

  await rejectedDaysAgo(store, 'young@example.net', 14, 8, 1);
  t.match(await rcpt('young@example.net'), /^250 /, 'three within 15 days do not');

  await rejectedDaysAgo(store, 'queued@example.net', 16, 8);
  t.equal((await sendMail(client, { to: ['queued@example.net'] })).end?.code, 250, 'a 250 in between');
  await rejectedDaysAgo(store, 'queued@example.net', 0);
  t.equal(await rejections(store, 'queued@example.net'), 3, 'does not end the streak: it was only queued');
  t.match(await rcpt('queued@example.net'), /^550 5\.1\.1 \[recipient\.rejections\]/);

  t.equal((await sluice.cli('rejections', 'queued@example.net', '--forget')).code, 0);
  t.match(await rcpt('queued@example.net'), /^250 /, 'forgotten');
  await client.close();
}

async function start(t: Test, store: ConfigInput['store']): Promise<void> {
  const sink = await startRelaySink(t);
  const relay = { hosts: [`127.0.0.1:${sink.port}`] };
  await story(t, sink, await startSluice(t, { config: { relay, store: { ...store, callTimeout: '5s' } } }));
}

t.test('on Redis', async (t) => {
  const redis = await startRedis(t);
  await start(t, { redis: { url: redis.url } });
});

t.test('on the embedded store', (t) => start(t, undefined));

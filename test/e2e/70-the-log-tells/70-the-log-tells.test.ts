/**
 * Postfix behind Sluice says in its log what became of mail, and Sluice reads it:
 * a streak grows by rejections that no client ever heard of, a delivery ends it,
 * what is told twice counts once, and forged bounces change nothing.
 */

import { execFile } from 'node:child_process';
import { appendFile, chmod, copyFile, readFile, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { loadConfig } from '../../../src/config/load.js';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openStore } from '../../../src/service/open-store.js';
import type { Store } from '../../../src/store/contract.js';
import { openSession, sendMail } from '../../support/mail.js';
import { type Postfix, startPostfix } from '../../support/postfix.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import { until } from '../../support/until.js';

// Processes start and stop here, beside everything else that a machine may do.
t.setTimeout(300_000);

const run = promisify(execFile);
const DAY = 86_400_000;
const POLICY = { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 60 * DAY } as const;

interface World {
  readonly sink: RelaySink;
  readonly postfix: Postfix;
  readonly sluice: Sluice;
  readonly store: Store;
}

async function storeOf(t: Test, sluice: Sluice): Promise<Store> {
  const loaded = await loadConfig(sluice.configPath);
  if (!loaded.ok) throw new Error('the config cannot be read');
  const store = await openStore({ ...loaded.config.store, callTimeout: 5000 });
  t.teardown(() => store.close());
  return store;
}

async function start(t: Test, store: ConfigInput['store']): Promise<World> {
  const sink = await startRelaySink(t);
  sink.script = {
    steps: {
      RCPT: ({ line }) => {
        if (/dead|young/.test(line)) return '550 5.1.1 User unknown';
        if (line.includes('listed')) return '550 5.7.1 Client host blocked using zen.spamhaus.org';
        return undefined;
      },
      END: '250 2.0.0 Ok',
    },
  };
  const postfix = await startPostfix(t, { next: sink.port });
  const sluice = await startSluice(t, {
    config: { ...configOf(postfix, store), workers: 2 },
  });
  return { sink, postfix, sluice, store: await storeOf(t, sluice) };
}

function configOf(postfix: Postfix, store: ConfigInput['store']): ConfigInput {
  return {
    relay: { hosts: [`127.0.0.1:${postfix.port}`] },
    store: { ...store, callTimeout: '5s' },
    feedback: { relayLog: { file: join(postfix.folder, 'log') } },
  };
}

async function send({ sluice }: World, to: string, messageId?: string): Promise<void> {
  const client = await openSession(sluice.port());
  const id = messageId === undefined ? '' : `Message-ID: ${messageId}\r\n`;
  const sent = await sendMail(client, { to: [to], data: `Subject: news\r\n${id}\r\nhello\r\n` });
  if (sent.end?.code !== 250) throw new Error(`not taken: ${sent.end?.text}`);
  await client.close();
}

async function streak(store: Store, key: string): Promise<number> {
  return (await store.rejectionsOf(key))[0]?.count ?? 0;
}

const told = ({ sluice }: World, kind: string, recipient: string) =>
  sluice.waitForLog(
    `${kind} ${recipient}`,
    (line) => line.event === 'outcome' && line.kind === kind && line.recipient === recipient,
  );

async function rejectedDaysAgo(store: Store, key: string, ...days: number[]): Promise<void> {
  for (const ago of days) {
    const outcome = { account: 'tester', key, message: `report-${key}-${ago}`, kind: 'rejected' } as const;
    await store.recordOutcome({ ...outcome, status: '550 5.1.1 User unknown', at: Date.now() - ago * DAY }, POLICY);
  }
}

async function story(t: Test, world: World): Promise<void> {
  const { sluice, store, postfix } = world;
  const rcpt = async (address: string): Promise<string> => {
    const client = await openSession(sluice.port());
    await client.command('MAIL FROM:<a@example.com>');
    const { code, text } = await client.command(`RCPT TO:<${address}>`);
    await client.close();
    return `${code} ${text}`;
  };

  await rejectedDaysAgo(store, 'dead@example.net', 16, 8);
  await send(world, 'dead@example.net', '<dead-1@example.com>');
  const line = await told(world, 'rejected', 'dead@example.net');
  t.match(line, { source: 'relay-log', fault: 'recipient', account: 'tester', result: 'counted' });
  t.equal(await streak(store, 'dead@example.net'), 3, 'the client heard 250, and the third rejection is known');
  t.match(await rcpt('dead@example.net'), /^550 5\.1\.1 \[recipient\.rejections\]/);

  await send(world, 'listed@example.net');
  t.match(await told(world, 'rejected', 'listed@example.net'), { fault: 'sender' });
  t.equal(await streak(store, 'listed@example.net'), 0, 'a blocklist speaks of us');

  await rejectedDaysAgo(store, 'alive@example.net', 16, 8);
  await send(world, 'alive@example.net');
  await told(world, 'delivered', 'alive@example.net');
  t.equal(await streak(store, 'alive@example.net'), 0, 'a delivery ends a streak');

  const reputation = await store.reputationOf('tester');
  t.match(reputation, { mailed: 3, rejected: 1, refusedForUs: 1 });
  const whole = await sluice.cli('feedback', 'log', join(postfix.folder, 'log'), '--json');
  t.match(JSON.parse(whole.stdout), { counted: 0, known: 3, unmatched: 0 }, 'the whole log again changes nothing');
  t.same(await store.reputationOf('tester'), reputation);

  const listed = await sluice.cli('outcome', 'list', '--recipient', 'dead@example.net', '--json');
  t.match(JSON.parse(listed.stdout).outcomes, [{ kind: 'rejected', source: 'relay-log', reason: 'unknown' }]);
}

/** Lines that Postfix could have written, of messages that nobody sent through us. */
async function forgeries(t: Test, world: World): Promise<void> {
  const { store, postfix, sluice } = world;
  const line = (id: string, to: string) =>
    `${new Date().toISOString()} mx postfix/smtp[1]: ${id}: to=<${to}>, relay=x[192.0.2.1]:25, delay=1, dsn=5.1.1, status=bounced (host x[192.0.2.1] said: 550 5.1.1 User unknown)\n`;
  await appendFile(join(postfix.folder, 'log'), line('AAAAAAAAAA', 'victim@example.net'));
  await sluice.waitForLog('unmatched', (one) => one.result === 'unmatched');
  t.equal(await streak(store, 'victim@example.net'), 0);
  const { counts } = await store.unmatched({ limit: 10 });
  t.same(counts, { 'relay-log': 1 });
  t.match((await sluice.cli('outcome', 'list', '--unmatched')).stdout, /relay-log 1/);
}

/** By the example for logrotate in docs/feedback.md, of this Postfix. */
async function rotateAsDocumented(t: Test, { folder }: Postfix): Promise<void> {
  const page = await readFile(new URL('../../../docs/feedback.md', import.meta.url), 'utf8');
  const [, example = ''] = /```\n# \/etc\/logrotate\.d\/postfix-log\n([\s\S]*?)```/.exec(page) ?? [];
  const master = (await readFile(join(folder, 'queue', 'pid', 'master.pid'), 'utf8')).trim();
  const here = example
    .replace('/var/log/postfix.log', join(folder, 'log'))
    .replace('postfix reload', `postfix -c ${folder} reload`)
    .replace('pkill -HUP', `pkill -HUP -P ${master}`);
  const files = t.testdir({ conf: here });
  await chmod(join(files, 'conf'), 0o644);
  await run('logrotate', ['--force', '--state', join(files, 'state'), join(files, 'conf')], { timeout: 60_000 });
}

async function rotation(t: Test, world: World): Promise<void> {
  const { postfix, sluice, store } = world;
  const log = join(postfix.folder, 'log');
  await send(world, 'young-1@example.net');
  await told(world, 'rejected', 'young-1@example.net');
  await rotateAsDocumented(t, postfix);
  await send(world, 'young-2@example.net');
  await told(world, 'rejected', 'young-2@example.net');

  await sluice.kill();
  await sendPast(world, 'young-3@example.net');
  await postfix.waitForLog(/young-3@example\.net.*status=bounced/);
  await copyFile(log, `${log}.2`);
  await truncate(log);
  await sendPast(world, 'young-4@example.net');
  await postfix.waitForLog(/young-4@example\.net.*status=bounced/);
  t.pass('killed, written, copied and truncated, written');
  const again = await startSluice(t, { config: configOf(postfix, undefined), directory: sluice.directory });
  // Sent past Sluice: they fit no message, which is how the test sees that they were read.
  for (const name of ['young-3', 'young-4']) {
    await again.waitForLog(
      `${name} read`,
      (line) => line.result === 'unmatched' && JSON.stringify(line.recipients).includes(name),
    );
  }
  t.equal(await streak(store, 'young-1@example.net'), 1);
  t.equal(await streak(store, 'young-2@example.net'), 1);
}

/** Straight to Postfix. */
async function sendPast({ postfix }: World, to: string): Promise<void> {
  const client = await openSession(postfix.port);
  const sent = await sendMail(client, { to: [to] });
  if (sent.end?.code !== 250) throw new Error(`not taken: ${sent.end?.text}`);
  await client.close();
}

async function whole(t: Test, store: ConfigInput['store']): Promise<World> {
  const world = await start(t, store);
  await until('the follower has its turn', async () =>
    world.sluice.log.some((line) => String(line.msg).startsWith('following')) ? true : null,
  );
  await t.test('rejected, delivered, told twice', (t) => story(t, world));
  await t.test('forged', (t) => forgeries(t, world));
  return world;
}

t.test('on Redis', async (t) => {
  const redis = await startRedis(t);
  await whole(t, { redis: { url: redis.url } });
});

t.test('on the embedded store', async (t) => {
  const world = await whole(t, undefined);
  await t.test('rotated and killed', (t) => rotation(t, world));
});

/** What the CLI suppresses is heard at the next RCPT, and after a restart. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openSession } from '../../support/mail.js';
import { startRedis } from '../../support/redis.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import type { SmtpClient } from '../../support/smtp-client.js';
import { until } from '../../support/until.js';

// Most of the time goes to starting the CLI.
t.jobs = 2;
const BESIDE = { buffered: true };

async function rcpt(client: SmtpClient, address: string): Promise<string> {
  const { code, text } = await client.command(`RCPT TO:<${address}>`);
  return `${code} ${text}`;
}

async function openTransaction(sluice: Sluice): Promise<SmtpClient> {
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  return client;
}

/** Address, and what its RCPT must be answered. */
const HEARD: readonly (readonly [string, RegExp])[] = [
  ['one@example.net', /^550 5\.7\.1 \[recipient\.suppressed\] <one@example\.net> unsubscribed on .* ref=\S+$/],
  ['ONE@Example.NET', /^550 5\.7\.1 \[recipient\.suppressed\] /],
  ['one+tag@example.net', /^250 /],
  ['anybody@gone.example', /^550 5\.7\.1 \[recipient\.suppressed\] <anybody@gone\.example> is on the do-not-send list/],
  ['anybody@sub.gone.example', /^250 /],
  ['csv1@example.org', /^550 5\.7\.1 \[recipient\.suppressed\] Mail to <csv1@example\.org> came back on 2026-01-02/],
  ['csv2@example.org', /^550 5\.7\.1 \[recipient\.suppressed\] <csv2@example\.org> complained about mail/],
  ['others@example.org', /^250 /],
  ['removed@example.net', /^250 /],
  ['nobody-said@example.net', /^250 /],
];

async function story(t: Test, store: ConfigInput['store']): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-suppression-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const sink = await startRelaySink(t);
  const config: ConfigInput = { relay: { hosts: [`127.0.0.1:${sink.port}`] }, store: { ...store, callTimeout: '5s' } };
  const sluice = await startSluice(t, { config, directory });
  const client = await openTransaction(sluice);

  t.match(await rcpt(client, 'nobody-said@example.net'), /^250 /);
  const suppress = async (...args: string[]): Promise<void> => {
    const { code, stderr } = await sluice.cli('suppress', ...args);
    t.equal(code, 0, `suppress ${args.join(' ')} ${stderr}`);
  };
  await suppress('add', 'one@example.net', '--reason', 'unsubscribed');
  t.match(
    await rcpt(client, 'one@example.net'),
    HEARD[0]?.[1],
    'heard at the next RCPT of a transaction that had begun',
  );
  // Time enough for a slow machine to ask, and gone by while the rest is told.
  await suppress('add', 'soon@example.net', '--expires', '20s');
  t.match(await rcpt(client, 'soon@example.net'), /^550 /);
  await suppress('add', '@gone.example', 'removed@example.net');
  await suppress('remove', 'removed@example.net');
  const csv = join(directory, 'list.csv');
  await writeFile(
    csv,
    'address,reason,at,account\r\ncsv1@example.org,bounced,2026-01-02T03:04:05Z,tester\r\n' +
      '"csv2@example.org",complained,,\r\nothers@example.org,manual,,somebody-else\r\n',
  );
  await suppress('import', csv);
  for (const [address, expected] of HEARD) t.match(await rcpt(client, address), expected);

  t.equal((await sluice.cli('suppress', 'check', 'one@example.net')).code, 1, 'the CLI says so too');
  await client.close();
  t.notOk(
    sink.commands.some(({ line }) => /one@|gone\.example|csv/i.test(line) && !/tag|sub\./.test(line)),
    'the relay never heard of them',
  );

  t.equal(await sluice.stop(), 0);
  const again = await startSluice(t, { config, directory, untilReady: false });
  const after = await openTransaction(again);
  for (const [address, expected] of HEARD) t.match(await rcpt(after, address), expected, `${address} after a restart`);
  await until('it expires', async () => ((await rcpt(after, 'soon@example.net')).startsWith('250 ') ? true : null));
  await after.close();
}

t.test('on the embedded store', BESIDE, (t) => story(t, undefined));

t.test('on Redis', BESIDE, async (t) => {
  const redis = await startRedis(t);
  await story(t, { redis: { url: redis.url } });
});

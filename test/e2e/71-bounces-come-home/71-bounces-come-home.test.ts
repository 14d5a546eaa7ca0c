/**
 * Reports that come back by mail: to the signed address over SMTP, into a Maildir,
 * through the command line; bounces, complaints, Remove mails; and forged ones.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openSession, sendMail } from '../../support/mail.js';
import { PROGRAM } from '../../support/program.js';
import { startRedis } from '../../support/redis.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type LogLine, type Sluice, startSluice } from '../../support/sluice.js';

t.setTimeout(300_000);

const CRLF = '\r\n';

function bounce(recipient: string, to: string, messageId: string): string {
  return [
    'From: MAILER-DAEMON@mx.example.net (Mail Delivery System)',
    `To: ${to}`,
    'Subject: Undelivered Mail Returned to Sender',
    'Auto-Submitted: auto-replied',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=delivery-status; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'Your message could not be delivered.',
    '--b',
    'Content-Type: message/delivery-status',
    '',
    'Reporting-MTA: dns; mx.example.net',
    '',
    `Final-Recipient: rfc822; ${recipient}`,
    'Action: failed',
    'Status: 5.1.1',
    'Diagnostic-Code: smtp; 550 5.1.1 User unknown',
    '',
    '--b',
    'Content-Type: text/rfc822-headers',
    '',
    `Message-ID: ${messageId}`,
    `To: ${recipient}`,
    'Subject: news',
    '',
    '--b--',
    '',
  ].join(CRLF);
}

function complaint(recipient: string, messageId: string): string {
  return [
    'From: complaints@provider.example',
    'To: fbl@acme.example',
    'Subject: FW: news',
    'MIME-Version: 1.0',
    'Content-Type: multipart/report; report-type=feedback-report; boundary="b"',
    '',
    '--b',
    'Content-Type: text/plain',
    '',
    'This is an email abuse report.',
    '--b',
    'Content-Type: message/feedback-report',
    '',
    'Feedback-Type: abuse',
    'User-Agent: Provider/1.0',
    'Version: 1',
    `Original-Rcpt-To: <${recipient}>`,
    '',
    '--b',
    'Content-Type: message/rfc822',
    '',
    'From: news@example.com',
    `To: ${recipient}`,
    `Message-ID: ${messageId}`,
    'Subject: news',
    '',
    'hello',
    '--b--',
    '',
  ].join(CRLF);
}

interface World {
  readonly sluice: Sluice;
  readonly sink: RelaySink;
  readonly maildir: string;
  readonly bouncePort: number;
}

async function start(t: Test, store: ConfigInput['store']): Promise<World> {
  const sink = await startRelaySink(t);
  const maildir = await mkdtemp(join(tmpdir(), 'sluice-maildir-'));
  t.teardown(() => rm(maildir, { recursive: true }));
  await mkdir(join(maildir, 'new'));
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      store: { ...store, callTimeout: '5s' },
      feedback: {
        mail: { maildir },
        listen: { address: '127.0.0.1:0', perClient: 20 },
        reversePath: { domain: 'bounces.example', keys: ['0123456789abcdef0123'], forward: true },
      },
    },
  });
  const listening = await sluice.waitForLog('the listener', (line) => line.event === 'bounce-listener');
  return { sluice, sink, maildir, bouncePort: Number(listening.port) };
}

/** Sends a message; what the relay heard as its reverse-path. */
async function send({ sluice, sink }: World, to: string, messageId: string): Promise<string> {
  const client = await openSession(sluice.port());
  await sendMail(client, { to: [to], data: `Message-ID: ${messageId}\r\nSubject: news\r\n\r\nhello\r\n` });
  await client.close();
  const message = await sink.nextMessage();
  return /<(.*)>/.exec(message.mail)?.[1] ?? '';
}

async function deliver({ maildir }: World, name: string, text: string): Promise<void> {
  await writeFile(join(maildir, 'new', name), text);
}

const heard = ({ sluice }: World, what: string, fits: (line: LogLine) => boolean) =>
  sluice.waitForLog(what, (line) => line.event === 'outcome' && fits(line));

async function story(t: Test, world: World): Promise<void> {
  const { sluice, bouncePort } = world;
  const reversePath = await send(world, 'gone@example.net', '<m1@example.com>');
  t.match(reversePath, /^bounce\+.*@bounces\.example$/);

  const mta = await openSession(bouncePort);
  const forgedPath = reversePath.replace(/=(.)/, (_, first) => `=${first === 'a' ? 'b' : 'a'}`);
  await mta.command('MAIL FROM:<>');
  t.match(await mta.command(`RCPT TO:<${forgedPath}>`), { code: 550 });
  t.match(await mta.command('RCPT TO:<anna@bounces.example>'), { code: 550 });
  t.match(await mta.command(`RCPT TO:<${reversePath}>`), { code: 250 });
  t.match(await mta.command('DATA'), { code: 354 });
  mta.write(bounce('gone@example.net', reversePath, '<cut@off>'));
  t.match(await mta.command('.'), { code: 250 });
  await mta.close();
  const first = await heard(world, 'the bounce', (line) => line.recipient === 'gone@example.net');
  t.match(first, { result: 'counted', source: 'dsn', kind: 'rejected', fault: 'recipient' });
  t.ok(sluice.log.some((line) => line.event === 'bounce-refused' && line.why === 'forged'));
  const passedOn = await world.sink.nextMessage();
  t.match(passedOn, { mail: /^MAIL FROM:<>|^<>/, recipients: [{ path: '<a@example.com>' }] }, 'its sender hears of it');
  t.match(passedOn.data.toString(), /^Received: by [^\r]*\r\n[\s\S]*Final-Recipient: rfc822; gone@example\.net\r\n/);

  const again = await sluice.cliReading(
    bounce('gone@example.net', 'x@example.com', '<m1@example.com>'),
    'feedback',
    'dsn',
    '--json',
  );
  t.match(JSON.parse(again.stdout), { counted: 0, known: 1, unmatched: 0 }, 'told again, by its Message-ID');
  const stranger = await sluice.cliReading(
    bounce('eve@example.net', 'x@example.com', '<m1@example.com>'),
    'feedback',
    'dsn',
    '--json',
  );
  t.match(JSON.parse(stranger.stdout), { unmatched: 1 }, 'the message never went to that recipient');
  t.match((await sluice.cli('rejections', 'gone@example.net', '--json')).stdout, /"count": ?1/);
  t.equal((await sluice.cli('rejections', 'eve@example.net')).code, 1);

  await send(world, 'angry@example.net', '<m2@example.com>');
  await deliver(world, 'forged', complaint('angry@example.net', '<never@example.com>'));
  await heard(world, 'the forged complaint', (line) => line.result === 'unmatched' && line.kind === 'complained');
  await deliver(world, 'genuine', complaint('angry@example.net', '<m2@example.com>'));
  const complained = await heard(world, 'the complaint', (line) => line.recipient === 'angry@example.net');
  t.match(complained, { kind: 'complained', source: 'complaint' });
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  const refused = await client.command('RCPT TO:<angry@example.net>');
  t.equal(refused.code, 550);
  t.match(refused.text, /\[recipient\.suppressed\]/);
  await client.close();

  const flood = await openSession(bouncePort);
  await flood.command('MAIL FROM:<>');
  const codes: number[] = [];
  for (let i = 0; i < 25; i += 1) codes.push((await flood.command(`RCPT TO:<guess${i}@bounces.example>`)).code);
  t.ok(codes.includes(450), 'limited per source');
  await flood.close();
}

t.test('on Redis', async (t) => {
  const redis = await startRedis(t);
  await story(t, await start(t, { redis: { url: redis.url } }));
});

/** What docs/feedback.md has Postfix run for an alias, with this program and config; its exit code. */
async function piped(
  { sluice }: World,
  mail: string,
  env: Readonly<Record<string, string>> = {},
): Promise<number | null> {
  const page = await readFile(new URL('../../../docs/feedback.md', import.meta.url), 'utf8');
  const [, command = ''] = /\nbounces: "\|(.*)"\n/.exec(page) ?? [];
  const program = [process.execPath, ...PROGRAM].map((word) => `'${word}'`).join(' ');
  const child = spawn('/bin/sh', ['-c', command.replace('/usr/bin/sluice', program)], {
    env: { ...process.env, SLUICE_CONFIG: sluice.configPath, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(mail);
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

t.test('on the embedded store', async (t) => {
  const world = await start(t, undefined);
  await story(t, world);
  await send(world, 'piped@example.net', '<m3@example.com>');
  t.equal(await piped(world, bounce('piped@example.net', 'x@example.com', '<m3@example.com>')), 0);
  t.match((await world.sluice.cli('rejections', 'piped@example.net', '--json')).stdout, /"count": ?1/);
  const nowhere = { SLUICE_CONFIG: join(world.sluice.directory, 'none.yaml') };
  t.equal(await piped(world, 'Subject: x\n\n', nowhere), 75, 'the MTA is to try again');
});

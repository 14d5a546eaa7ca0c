/** A Postfix that stays in front asks Sluice: what its clients hear, code by code. */

import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t from 'tap';
import type { ConfigInput } from '../../../src/config/schema.js';
import { openSession, type SentMail, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp } from '../../support/smtp-client.js';

// Several programs are started, on machines that may be busy.
t.setTimeout(300_000);
const world = await startRelaySink(t);
const config: ConfigInput = {
  milter: { listen: [{ name: 'milter', address: '127.0.0.1:0' }] },
  accounts: {
    identify: [{ mta: { accounts: { 'anna@postfix.example': 'acme' } } }, { daemon: { stranger: 'nobodys' } }],
    unknown: 'tester',
    list: { suspended: {}, acme: { senders: ['acme.example'] } },
  },
  rules: {
    'volume.recipients': { limits: ['20/1h'] },
    'volume.recipients-per-message': { limit: 4 },
    'volume.bytes': { limits: ['10KiB/1h'] },
  },
};
const sluice = await startSluice(t, { config: { listen: [], ...config } });
/** The lines that deploy/ has, with the port that was free. */
const deployed = Object.fromEntries(
  (await readFile('deploy/postfix/milter.main.cf', 'utf8'))
    .replaceAll('127.0.0.1:10041', `127.0.0.1:${sluice.port('milter')}`)
    .split('\n')
    .filter((line) => /^[a-z]/.test(line))
    .map((line) => [line.slice(0, line.indexOf(' = ')), line.slice(line.indexOf(' = ') + 3)]),
);
const postfix = await startPostfix(t, {
  next: world.port,
  mainCf: { ...deployed, smtpd_authorized_xclient_hosts: '127.0.0.0/8' },
});

async function send(mail: Parameters<typeof sendMail>[1], xclient?: string): Promise<SentMail> {
  const client = await openSession(postfix.port);
  if (xclient !== undefined) {
    const greeting = await client.command(`XCLIENT ${xclient}`);
    if (greeting.code !== 220) throw new Error(`XCLIENT was answered ${greeting.code} ${greeting.text}`);
    await client.command('EHLO client.example');
  }
  const sent = await sendMail(client, mail);
  await client.close();
  return sent;
}

const saidTo = (reply: { readonly code: number; readonly text: string } | null | undefined) =>
  `${reply?.code} ${reply?.text}`;

t.test('a message passes, and its decision has the queue id', async (t) => {
  // What a message lacks of these, Postfix adds before its milters see it.
  const needed = 'Date: Thu, 26 Nov 2026 12:00:00 +0000\r\nMessage-Id: <1@example.com>\r\nTo: one@example.net\r\n';
  const data = `Subject: one\r\n two\r\nFrom: a@example.com\r\n${needed}\r\nhello\r\n`;
  const sent = await send({ from: 'sender@example.com', to: ['one@example.net'], data });
  t.match(sent.end, { code: 250 });
  await world.nextMessage();
  const [, id] = /queued as (\w+)/.exec(sent.end?.text ?? '') ?? [];
  const line = await sluice.waitForLog('the transaction', ({ queueId }) => queueId === id);
  t.match(line, {
    ending: 'passed',
    by: 'sluice',
    reply: '',
    account: 'tester',
    client: '127.0.0.1',
    listener: 'milter',
  });
  t.equal(line.size, data.length, 'as the client sent it, without the Received field of Postfix');
});

t.test('there is no relay, and /readyz and check-config say so', async (t) => {
  const ready = await sluice.get('/readyz');
  t.equal(ready.status, 200);
  t.match(JSON.parse(ready.body), { status: 'ready', relay: 'not used', store: 'ok' });
  t.match(
    (await sluice.cli('check-config')).stdout,
    /valid\nnote: no SMTP listener: `relay` and `smtp` are not used\n/,
  );
});

t.test('recipients have fates of their own', async (t) => {
  await sluice.cli('suppress', 'add', 'gone@example.net', '--reason', 'unsubscribed');
  const to = ['a@example.net', 'gone@example.net', 'b@example.net', 'c@example.net', 'd@example.net', 'e@example.net'];
  const sent = await send({ to });
  t.strictSame(
    sent.recipients.map(({ code }) => code),
    [250, 550, 250, 250, 250, 452],
  );
  t.match(sent.recipients[1]?.text, /^5\.7\.1 \[recipient\.suppressed\] .*<gone@example\.net>.*ref=/);
  t.match(sent.recipients[5]?.text, /^4\.5\.3 \[volume\.recipients-per-message\]/);
  t.match(sent.end, { code: 250 });
  t.equal((await world.nextMessage()).recipients.length, 4);
});

t.test('a message can be refused at its end, and deferred', async (t) => {
  const large = await send({
    to: ['a@example.net'],
    data: `Subject: x\r\n\r\n${'y'.repeat(70)}\r\n`.padEnd(20_000, 'z\r\n'),
  });
  t.match(saidTo(large.end), /^552 5\.7\.0 \[volume\.bytes\]/);
  const body = `Subject: x\r\n\r\n${`${'y'.repeat(70)}\r\n`.repeat(90)}`;
  t.match((await send({ to: ['a@example.net'], data: body })).end, { code: 250 });
  await world.nextMessage();
  t.match(saidTo((await send({ to: ['a@example.net'], data: body })).end), /^451 4\.7\.0 \[volume\.bytes\]/);
  // A declared size is judged before the message comes.
  const declared = await send({ to: ['a@example.net'], mailParameters: 'SIZE=9000' });
  t.match(saidTo(declared.recipients[0]), /^450 4\.7\.0 \[volume\.bytes\]/);
});

t.test('who the client is: what it authenticated as, else where it comes from', async (t) => {
  const known = await send({ from: 'x@acme.example', to: ['a@example.net'] }, 'LOGIN=anna@postfix.example');
  t.match(known.end, { code: 250 });
  await world.nextMessage();
  t.match(await sluice.waitForLog('acme', ({ account }) => account === 'acme'), { username: 'anna@postfix.example' });

  const forged = await send({ from: 'x@other.example', to: ['a@example.net'] }, 'LOGIN=anna@postfix.example');
  t.match(saidTo(forged.recipients[0]), /^550 5\.7\.1 \[account\.sender\]/);

  await sluice.cli('account', 'suspend', 'suspended', '--reason', 'test');
  t.match(
    saidTo((await send({ to: ['a@example.net'] }, 'LOGIN=suspended')).recipients[0]),
    /^550 5\.7\.13 \[account\.standing\]/,
  );
});

t.test('mail that came in by no SMTP is asked about, too', async (t) => {
  const child = promisify(execFile)('sendmail', ['-C', postfix.folder, '-f', 'local@example.com', 'away@example.net'], {
    timeout: 60_000,
  });
  child.child.stdin?.end('Subject: local\n\nhello\n');
  await child;
  t.match((await world.nextMessage()).recipients, [{ path: '<away@example.net>' }]);
  await sluice.waitForLog(
    'the local mail',
    ({ reversePath, ending }) => reversePath === 'local@example.com' && ending === 'passed',
  );
});

t.test('a client that leaves, or resets, has cost nothing', async () => {
  const before = sluice.transactions.length;
  const client = await openSession(postfix.port);
  await client.command('MAIL FROM:<a@example.com>');
  await client.command('RCPT TO:<a@example.net>');
  await client.command('RSET');
  await client.command('MAIL FROM:<a@example.com>');
  await client.command('RCPT TO:<a@example.net>');
  client.destroy();
  await sluice.waitForLog(
    'both',
    () => sluice.transactions.slice(before).filter(({ ending }) => ending === 'aborted').length === 2,
  );
});

t.test('a unix socket, with its permissions, and the field that carries the transaction id', async (t) => {
  const socket = join(sluice.directory, 'milter.sock');
  const other = await startSluice(t, {
    config: {
      milter: {
        listen: [{ name: 'milter', address: `unix:${socket}`, mode: '0666' }],
        traceField: 'X-Sluice-Id',
        refusedMessages: 'quarantine',
      },
      rules: { 'volume.bytes': { limits: ['1KiB/1h'] } },
      workers: 2,
      listen: [],
    },
  });
  t.equal((await stat(socket)).mode & 0o777, 0o666);
  const front = await startPostfix(t, { next: world.port, mainCf: { smtpd_milters: `unix:${socket}` } });
  await promisify(execFile)('chmod', ['755', sluice.directory]);
  const client = await openSession(front.port);
  const data = 'Subject: traced\r\nx-sluice-id: forged\r\n\r\nhello\r\n';
  t.match((await sendMail(client, { to: ['a@example.net'], data })).end, { code: 250 });
  const { transaction } = await other.waitForLog('it', ({ ending }) => ending === 'passed');
  const received = (await world.nextMessage()).data.toString();
  t.match(received, new RegExp(`^X-Sluice-Id: ${transaction}\r\n`, 'm'));
  t.notMatch(received, /forged/);

  t.match((await sendMail(client, { to: ['a@example.net'], data: `Subject: x\r\n\r\n${'z\r\n'.repeat(1_000)}` })).end, {
    code: 250,
  });
  const line = await other.waitForLog('the quarantined', ({ ending }) => ending === 'quarantined');
  t.match(line, { verdict: 'reject', reply: /^552 5\.7\.0 \[volume\.bytes\]/ });
  const queue = (await front.queue()) as readonly { queue_id: string; queue_name: string }[];
  t.match(queue, [{ queue_id: line.queueId, queue_name: 'hold' }]);
  await client.close();
});

t.test('a client refused as it connects', async (t) => {
  await sluice.writeConfig({
    listen: [],
    ...config,
    rules: { 'volume.connections': { clientConcurrent: 1 } },
  });
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  const first = await openSession(postfix.port);
  const second = await connectSmtp({ port: postfix.port });
  // Postfix has words of its own for this one; ours are in its log.
  t.match(saidTo(await second.read()), /^421 postfix\.example Service unavailable/);
  await second.closed;
  await postfix.waitForLog(/milter-reject: CONNECT from .*: 421 4\.7\.0 \[volume\.connections\]/);
  await first.close();
});

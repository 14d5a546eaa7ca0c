/** Lines, headers, messages and answers without end: a bound for each, a clear reply, and memory as before. */

import t from 'tap';
import { openSession, sendMail } from '../support/mail.js';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';

const MIB = 1024 * 1024;

const sink = await startRelaySink(t, { keep: false });
const sluice = await startSluice(t, {
  config: {
    listen: [{ name: 'test', address: '127.0.0.1:0', auth: 'optional', authInClear: true }],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { identify: [{ store: {} }], unknown: 'tester' },
    smtp: { maxMessageSize: '4MiB' },
    rules: {
      'volume.recipients': { mode: 'off' },
      'volume.recipients-per-message': { mode: 'off' },
      'volume.connections': { mode: 'off' },
    },
    shutdownTimeout: '1s',
  },
});

async function residentMiB(): Promise<number> {
  const [, octets] = /^process_resident_memory_bytes (\S+)/m.exec((await sluice.get('/metrics')).body) ?? [];
  return Number(octets) / MIB;
}

/** Sends the text over and over until the connection is closed, or so many octets have gone. */
async function pour(client: SmtpClient, text: string, atMost: number): Promise<number> {
  let closed = false;
  void client.closed.then(() => {
    closed = true;
  });
  const chunk = Buffer.from(text.repeat(Math.ceil((64 * 1024) / text.length)), 'latin1');
  let sent = 0;
  while (!closed && sent < atMost) {
    sent += chunk.length;
    if (!client.socket.write(chunk)) {
      await Promise.race([client.closed, new Promise((resolve) => client.socket.once('drain', resolve))]);
    }
  }
  return sent;
}

async function inData(): Promise<SmtpClient> {
  const client = await openSession(sluice.port());
  for (const command of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(command);
  return client;
}

const cutOffs = (reason: RegExp) =>
  sluice.log.filter((line) => line.event === 'cut-off' && reason.test(`${line.reason}`));

t.test('a command line without end, and one that is too long', async (t) => {
  const endless = await openSession(sluice.port());
  const reply = endless.read();
  t.ok((await pour(endless, 'x', 64 * MIB)) < 64 * MIB, 'the connection is closed');
  t.match(await reply, { code: 500, text: /^5\.5\.2 The command line is too long/ });
  const long = await openSession(sluice.port());
  t.match(await long.command(`NOOP ${'x'.repeat(20_000)}\r\nNOOP`), { code: 500, text: /^5\.5\.2 / });
  await long.closed;
  await sluice.waitForLog('two', () => cutOffs(/^500 5\.5\.2/).length === 2);
});

t.test('AUTH: a line as long as it may be is read, a longer one is not', async (t) => {
  const client = await openSession(sluice.port());
  const blob = Buffer.from(`\0${'u'.repeat(4000)}\0${'p'.repeat(5000)}`).toString('base64');
  t.match(await client.command(`AUTH PLAIN ${blob}`), { code: 535 });
  t.match(await client.command('AUTH PLAIN'), { code: 334 });
  t.match(await client.command(blob), { code: 535 });
  t.match(await client.command('AUTH LOGIN'), { code: 334 });
  t.match(await client.command('A'.repeat(20_000)), { code: 500, text: /^5\.5\.2 / });
  await client.closed;
});

t.test('a header without end', async (t) => {
  const client = await inData();
  const before = await residentMiB();
  const reply = client.read();
  const sent = await pour(client, 'X-Header: and another one\r\n', 256 * MIB);
  t.ok(sent < 256 * MIB, `the connection is closed after ${Math.round(sent / MIB)} MiB`);
  t.match(await reply, { code: 552, text: /^5\.3\.4 / });
  const grown = (await residentMiB()) - before;
  t.ok(grown < 64, `memory grew by ${Math.round(grown)} MiB`);
  await sluice.waitForLog('cut off', () => cutOffs(/^552 5\.3\.4/).length === 1);
  await sluice.waitForLog('the transaction', (line) => line.event === 'transaction' && /^552 /.test(`${line.reply}`));
});

t.test('a message that is too large, but ends, is refused and the session goes on', async (t) => {
  const client = await inData();
  await pour(client, `${'x'.repeat(70)}\r\n`, 5 * MIB);
  t.match(await client.command('\r\n.'), { code: 552, text: /^5\.3\.4 / });
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
  await client.close();
});

t.test('one line of 3 MiB passes, and needs no more memory than any other', async (t) => {
  const client = await inData();
  await pour(client, 'x', 3 * MIB);
  t.match(await client.command('\r\n.'), { code: 250 });
  await client.close();
});

t.test('a client that never reads', async (t) => {
  const before = await residentMiB();
  const client = await connectSmtp({ port: sluice.port() });
  client.socket.pause();
  await Promise.race([
    pour(client, 'EHLO client.example\r\nVRFY someone\r\n', 32 * MIB),
    // It is cut off for its errors, or stands before a full socket; either way it must not be us who hold the replies.
    sluice.waitForLog('cut off', () => cutOffs(/^421 4\.7\.0 Too many errors/).length > 0),
  ]);
  const grown = (await residentMiB()) - before;
  t.ok(grown < 64, `memory grew by ${Math.round(grown)} MiB`);
  client.destroy();
});

t.test('RSET, NOOP, EHLO, HELP, VRFY, thousands of them', async (t) => {
  for (const verb of ['RSET', 'NOOP', 'EHLO x', 'HELP', 'VRFY x', 'nonsense']) {
    const client = await openSession(sluice.port());
    client.write(`${verb}\r\n`.repeat(5000));
    let replies = 0;
    let last = await client.read();
    for (; last.code !== 421; replies += 1) last = await client.read();
    t.ok(replies <= 130, `${verb}: 421 after ${replies} replies`);
    t.match(last.text, /^4\.\d\.\d .*(?:errors|unrecognized)/);
    await client.closed;
  }
});

t.test('a client that mails between them may go on', async (t) => {
  const client = await openSession(sluice.port());
  for (let i = 0; i < 4; i += 1) {
    for (let j = 0; j < 45; j += 1) t.equal((await client.command('RSET')).code, 250);
    t.equal((await sendMail(client, { to: [`b${i}@example.net`] })).end?.code, 250);
  }
  await client.close();
});

t.test('a flood of recipients in one transaction', async (t) => {
  const before = await residentMiB();
  const client = await openSession(sluice.port());
  await client.command('MAIL FROM:<a@example.com>');
  const lines = Array.from({ length: 10_500 }, (_, i) => `RCPT TO:<${'x'.repeat(60)}${i}@example.net>\r\n`);
  client.write(lines.join(''));
  const codes = new Map<number, number>();
  for (let i = 0; i < lines.length; i += 1) {
    const { code } = await client.read();
    codes.set(code, (codes.get(code) ?? 0) + 1);
  }
  const accepted = codes.get(250) ?? 0;
  // The bound is looked at once for each pipelined batch.
  t.ok(accepted >= 10_000 && accepted < 10_500, `${accepted} accepted`);
  t.equal(codes.get(452), lines.length - accepted, 'the rest is told that it is too many');
  await client.close();
  const grown = (await residentMiB()) - before;
  t.ok(grown < 150, `memory grew by ${Math.round(grown)} MiB`);
});

t.test('failed log-ins end the session, whatever the rules', async (t) => {
  const client = await openSession(sluice.port(), { localAddress: '127.0.0.41' });
  let last = 0;
  let attempts = 0;
  for (; last !== 421 && attempts < 50; attempts += 1) {
    last = (await client.command(`AUTH PLAIN ${Buffer.from('\0anna\0guess').toString('base64')}`)).code;
    if (attempts === 19) last = (await client.read()).code;
  }
  t.equal(last, 421);
  t.equal(attempts, 20);
  await client.closed;
});

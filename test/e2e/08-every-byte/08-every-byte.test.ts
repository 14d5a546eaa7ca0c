/** What leaves equals what came: odd messages, 8-bit, international addresses, thirty megabytes. */

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import t from 'tap';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: { relay: { hosts: [`127.0.0.1:${sink.port}`] }, smtp: { received: false } },
});

const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
const latin1 = (text: string) => Buffer.from(text, 'latin1');
const allOctets = Buffer.from(
  Array.from({ length: 256 }, (_, octet) => octet).filter((octet) => ![0x00, 0x0a, 0x0d].includes(octet)),
);

const CORPUS: [what: string, message: Buffer][] = [
  ['leading dots', latin1('Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.a\r\n..a\r\n')],
  ['a dot as the first octet', latin1('.Subject: dot\r\n\r\nx\r\n')],
  ['no header', latin1('\r\njust text\r\n')],
  ['header only', latin1('Subject: no body\r\n')],
  ['header and the empty line', latin1('Subject: no body\r\n\r\n')],
  ['empty', Buffer.alloc(0)],
  ['one empty line', latin1('\r\n')],
  ['8-bit', Buffer.from('Subject: ä\r\n\r\nGrüße aus Köln, €, 你好, 🙂\r\n')],
  ['every octet but NUL, CR and LF', Buffer.concat([latin1('Subject: all\r\n\r\n'), allOctets, latin1('\r\n')])],
  ['0x1A and other control characters', latin1('Subject: control\r\n\r\n\x1a\x04\x08\x1b[2J\x7f\r\n')],
  ['a line of 998 octets', latin1(`Subject: long\r\n\r\n${'x'.repeat(998)}\r\n`)],
  ['a line of 70,000 octets', latin1(`Subject: longer\r\n\r\n${'x'.repeat(70_000)}\r\n`)],
  ['a header field of 20,000 octets', latin1(`Subject: ${'word '.repeat(4_000)}\r\n\r\nx\r\n`)],
  ['only white space', latin1(' \r\n\t\r\n  \r\n')],
  ['lines like commands', latin1('Subject: commands\r\n\r\nQUIT\r\nDATA\r\n250 ok\r\nRSET\r\n')],
  ['just under the inspect window', latin1(`Subject: w\r\n\r\n${'0123456789abcd\r\n'.repeat(16_383)}`)],
  ['just over the inspect window', latin1(`Subject: w\r\n\r\n${'0123456789abcd\r\n'.repeat(16_385)}`)],
  ['dots where the window ends', latin1(`Subject: w\r\n\r\n${'.\r\n'.repeat(120_000)}`)],
];

const stuffed = (message: Buffer) => latin1(message.toString('latin1').replace(/^\./gm, '..'));

/** How the bytes are cut on their way must not matter. */
const CUTS: [how: string, sizes: readonly number[]][] = [
  ['at once', [Number.POSITIVE_INFINITY]],
  ['in odd pieces', [1, 2, 3, 1021, 5, 8191]],
];

async function drained(client: Awaited<ReturnType<typeof openSession>>): Promise<void> {
  if (client.socket.writableNeedDrain) await new Promise((resolve) => client.socket.once('drain', resolve));
}

async function transfer(message: Buffer, sizes: readonly number[], mail = 'MAIL FROM:<a@example.com> BODY=8BITMIME') {
  const client = await openSession(sluice.port());
  for (const line of [mail, 'RCPT TO:<b@example.net>', 'DATA']) {
    const { code, text } = await client.command(line);
    if (code >= 400) throw new Error(`${line} was answered ${code} ${text}`);
  }
  const wire = Buffer.concat([stuffed(message), latin1('.\r\n')]);
  for (let at = 0, piece = 0; at < wire.length; piece += 1) {
    const end = Math.min(wire.length, at + (sizes[piece % sizes.length] ?? wire.length));
    client.write(wire.subarray(at, end));
    await drained(client);
    at = end;
  }
  const reply = await client.read();
  await client.close();
  return reply;
}

for (const [what, message] of CORPUS) {
  for (const [how, sizes] of CUTS) {
    t.test(`${what}, sent ${how}`, async (t) => {
      t.match(await transfer(message, sizes), { code: 250 });
      const arrived = await sink.nextMessage();
      t.equal(arrived.data.length, message.length);
      t.equal(sha256(arrived.data), sha256(message));
      t.strictSame(arrived.mailParameters, ['BODY=8BITMIME']);
    });
  }
}

t.test('a Received field is all that is put before them, when it is asked for', async (t) => {
  const tracing = await startSluice(t, { config: { relay: { hosts: [`127.0.0.1:${sink.port}`] } } });
  const client = await openSession(tracing.port());
  const message = latin1('.Subject: dot\r\n\r\n..x\r\n');
  for (const line of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(line);
  client.write(stuffed(message));
  t.equal((await client.command('.')).code, 250);
  await client.close();
  const { data } = await sink.nextMessage();
  const before = data.subarray(0, data.length - message.length);
  t.equal(sha256(data.subarray(before.length)), sha256(message));
  t.match(
    before.toString(),
    /^Received: from client\.example [\s\S]*?;\s+[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d{4} [\d:]{8} \+0000(?: \(UTC\))?\r\n$/,
  );
});

t.test('what could be read as another end of data is refused, and never passed on', async (t) => {
  const smuggled = 'MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nSubject: smuggled\r\n\r\nx';
  const breaks: [string, string][] = [
    ['LF . LF', '\n.\n'],
    ['LF . CRLF', '\n.\r\n'],
    ['CR . CR', '\r.\r'],
    ['CRLF . CR', '\r\n.\r'],
    ['CRLF . LF', '\r\n.\n'],
    ['a bare LF', 'a\nb'],
    ['a bare CR', 'a\rb'],
    ['NUL', 'a\0b'],
  ];
  const before = sink.messages.length;
  for (const [what, bytes] of breaks) {
    const client = await openSession(sluice.port());
    for (const line of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(line);
    client.write(`Subject: x\r\n\r\nx${bytes}${smuggled}\r\n.\r\n`);
    t.match(await client.read(), { code: 554, text: /^5\.6\./ }, what);
    client.destroy();
    await client.closed;
  }
  t.equal(sink.messages.length, before, 'the relay has none of them');
});

t.test('international addresses go as they were spelled', async (t) => {
  const client = await openSession(sluice.port());
  const utf8 = (line: string) => Buffer.from(line).toString('latin1');
  t.match(await client.command(utf8('MAIL FROM:<grüße@bücher.example> SMTPUTF8 BODY=8BITMIME')), { code: 250 });
  t.match(await client.command(utf8('RCPT TO:<用户@例え.example>')), { code: 250 });
  t.match(await client.command('RCPT TO:<plain@xn--bcher-kva.example>'), { code: 250 });
  t.match(await client.command('RCPT TO:<"quoted \\" @ local"@example.net>'), { code: 250 });
  t.match(await client.command('DATA'), { code: 354 });
  t.match(await client.command('Subject: x\r\n\r\nx\r\n.'), { code: 250 });
  await client.close();
  const { mail, mailParameters, recipients } = await sink.nextMessage();
  t.equal(mail, utf8('<grüße@bücher.example>'));
  t.strictSame(mailParameters, ['SMTPUTF8', 'BODY=8BITMIME']);
  t.strictSame(
    recipients.map(({ path }) => path),
    [utf8('<用户@例え.example>'), '<plain@xn--bcher-kva.example>', '<"quoted \\" @ local"@example.net>'],
  );
});

t.test('thirty megabytes pass without being held', async (t) => {
  const line = latin1(`${'0123456789abcdef'.repeat(4)}\r\n`);
  const message = Buffer.concat([
    latin1('Subject: thirty\r\n\r\n'),
    Buffer.alloc(30 * 1024 * 1024, line),
    latin1('\r\n'),
  ]);
  const resident = () =>
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${sluice.process.pid}/status`, 'utf8'))?.[1] ?? 0);
  await transfer(latin1('Subject: warm\r\n\r\nx\r\n'), CUTS[0]?.[1] ?? []);
  await sink.nextMessage();
  const before = resident();
  const cut = [65_536];
  t.match(await transfer(message, cut), { code: 250 });
  const arrived = await sink.nextMessage(20_000);
  t.equal(sha256(arrived.data), sha256(message));
  if (before > 0) t.ok(resident() - before < 60 * 1024, `grew by ${resident() - before} kB at most`);
});

t.test('a message over the limit is refused, before or while it comes', async (t) => {
  const small = await startSluice(t, {
    config: { relay: { hosts: [`127.0.0.1:${sink.port}`] }, smtp: { maxMessageSize: '1MiB' } },
  });
  const client = await openSession(small.port());
  t.match(await client.command('MAIL FROM:<a@example.com> SIZE=2000000'), { code: 552, text: /^5\.3\.4/ });
  for (const line of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(line);
  const before = sink.messages.length;
  client.write(Buffer.alloc(2 * 1024 * 1024, '0123456789abcdef0123456789abcd\r\n'));
  t.match(await client.command('.'), { code: 552, text: /^5\.3\.4/ });
  await client.close();
  t.equal(sink.messages.length, before);
});

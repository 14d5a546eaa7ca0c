/**
 * SMTP smuggling: a relay that takes more than CRLF.CRLF for an end of data must
 * never see two messages where Sluice saw one, however the bytes are cut.
 */

import t from 'tap';
import { openSession } from '../../support/mail.js';
import { type RelaySink, startRelaySink } from '../../support/relay-sink.js';
import { type Sluice, startSluice } from '../../support/sluice.js';
import type { SmtpClient, SmtpClientReply } from '../../support/smtp-client.js';

// A fraction of it on a quiet machine.
t.setTimeout(300_000);

const SMUGGLED =
  'MAIL FROM:<evil@example.com>\r\nRCPT TO:<victim@example.net>\r\nDATA\r\nSubject: evil\r\n\r\nevil\r\n';
const END = '\r\n.\r\n';
/** So much is held; what is longer streams. */
const WINDOW = 4096;

/** Malformed ways to say "end of data": each is refused, or made harmless by normalising. */
const IMPOSTORS = [
  ...['\n.\n', '\n.\r\n', '\r\n.\n', '\r.\r', '\r\n.\r', '\r.\n', '\n.\r', '\r.\r\n'],
  ...['\n\n.\n\n', '\r\r\n.\r\r\n', '\r\n.\r\r\n', '\r\r.\r\n', '\n.\r\r\n', '\r\n\r.\r\n'],
  ...['\r\n.\0\r\n', '\r\n\0.\r\n', '\0\r\n.\r\0\n', '\r\0\n.\r\n', '\r\n.\r\0\n', '\n\0.\n', '\0\n.\n\0'],
  // Stuffed for a client that began its line with CRLF, and not for the relay.
  ...['\n..\n', '\r..\r', '\n..\r\n', '\r\n..\n', '\r\n..\r', '\r\n.\n.\n', '\n.\n.\n.\n'],
];
/** Well-formed, and no end. */
const HARMLESS = ['\r\n..\r\n', '\r\n...\r\n', '\r\n. \r\n', '\r\n.x\r\n', ' .\r\n', '\r\n..\r\n..\r\n'];

interface Way {
  readonly sink: RelaySink;
  readonly sluice: Sluice;
}

const ways = new Map<string, Promise<Way>>();

/** One for each pair of settings, in use by all tests. */
function way(bareNewline: 'reject' | 'normalise', relay: 'lenient' | 'strict' = 'lenient'): Promise<Way> {
  const name = `${bareNewline} ${relay}`;
  const known = ways.get(name) ?? start(bareNewline, relay);
  ways.set(name, known);
  return known;
}

async function start(bareNewline: 'reject' | 'normalise', relay: 'lenient' | 'strict'): Promise<Way> {
  const sink = await startRelaySink(t, { lenient: relay === 'lenient' });
  const sluice = await startSluice(t, {
    config: {
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      smtp: { received: false, bareNewline, inspectWindow: `${WINDOW}B` },
      rules: { 'flood.recipient': { mode: 'off' }, 'volume.recipients': { mode: 'off' } },
      shutdownTimeout: '1s',
    },
  });
  return { sink, sluice };
}

async function inData(client: SmtpClient): Promise<void> {
  client.write('MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n');
  for (const code of [250, 250, 354]) {
    const reply = await client.read();
    if (reply.code !== code) throw new Error(`heard ${reply.code} ${reply.text} instead of ${code}`);
  }
}

/** Writes in pieces that leave one by one. */
async function inPieces(client: SmtpClient, pieces: readonly Buffer[]): Promise<void> {
  for (const piece of pieces) {
    await new Promise<void>((resolve, reject) => {
      client.socket.write(piece, (error) => (error ? reject(error) : resolve()));
    });
    await new Promise(setImmediate);
  }
}

/** Every way to cut the suspicious bytes: at once, in two at each place, and octet by octet. */
function* cuts(before: string, suspicious: string, after: string): Generator<Buffer[]> {
  const whole = Buffer.from(before + suspicious + after, 'latin1');
  yield [whole];
  const from = before.length;
  for (let at = from; at <= from + suspicious.length; at += 1) yield [whole.subarray(0, at), whole.subarray(at)];
  const octets = [...whole.subarray(from, from + suspicious.length)].map((octet) => Buffer.of(octet));
  yield [whole.subarray(0, from), ...octets, whole.subarray(from + suspicious.length)];
}

async function transfer(client: SmtpClient, pieces: readonly Buffer[]): Promise<SmtpClientReply> {
  await inData(client);
  await inPieces(client, pieces);
  return client.read();
}

/** What the relay took for the commands of somebody who is not there. */
const evil = (sink: RelaySink) => sink.commands.filter(({ line }) => /evil|victim/.test(line));

for (const [size, padding] of [
  ['held', ''],
  ['streamed', 'x'.repeat(62).concat('\r\n').repeat(200)],
]) {
  const before = `Subject: x\r\n\r\n${padding}x`;

  t.test(`refused: every impostor in a ${size} message`, async (t) => {
    const { sink, sluice } = await way('reject');
    for (const impostor of IMPOSTORS) {
      const client = await openSession(sluice.port());
      const said: string[] = [];
      for (const pieces of cuts(before, impostor, `${SMUGGLED}${END}`)) {
        const reply = await transfer(client, pieces);
        said.push(`${reply.code} ${reply.text.slice(0, 4)}`);
      }
      t.ok(
        said.every((each) => each.startsWith('554 5.6.')),
        `${JSON.stringify(impostor)}: ${[...new Set(said)].join(', ')}`,
      );
      t.match(await client.command('NOOP'), { code: 250 }, 'and nothing of it was taken for a command');
      await client.close();
    }
    t.strictSame(evil(sink), []);
    t.equal(sink.ended.length, 0, 'the relay saw no end of data');
  });

  t.test(`normalised: every impostor in a ${size} message`, async (t) => {
    const { sink, sluice } = await way('normalise');
    let sent = sink.ended.length;
    for (const impostor of IMPOSTORS) {
      const client = await openSession(sluice.port());
      const seen = sink.ended.length;
      const ways = [...cuts(before, impostor, `${SMUGGLED}${END}`)];
      for (const pieces of ways) t.match(await transfer(client, pieces), { code: 250 });
      sent += ways.length;
      t.equal(sink.ended.length, sent, `${JSON.stringify(impostor)}: one message each`);
      const different = new Set(sink.ended.slice(seen).map(({ wire }) => wire.toString('latin1')));
      t.equal(different.size, 1, 'the same, however it was cut');
      t.ok([...different][0]?.endsWith('\r\nevil\r\n\r\n'), 'the whole of it is one message');
      await client.close();
    }
    t.strictSame(evil(sink), []);
  });
}

/** The suspicious bytes lie across the end of what is held, by each number of octets, and are cut just there. */
function* atTheEdge(suspicious: string): Generator<Buffer[]> {
  for (let within = -1; within <= suspicious.length + 1; within += 1) {
    const head = 'Subject: x\r\n\r\n';
    const before = `${head}${'x'.repeat(70)}\r\n`;
    const filler = `${'y'.repeat(62)}\r\n`.repeat(WINDOW / 64).slice(-(WINDOW - within - before.length - 1));
    const whole = Buffer.from(`${before}${filler.replace(/^\n/, 'y')}x${suspicious}${SMUGGLED}${END}`, 'latin1');
    yield [whole.subarray(0, WINDOW), whole.subarray(WINDOW)];
    yield [whole.subarray(0, WINDOW + 1), whole.subarray(WINDOW + 1)];
  }
}

for (const relay of ['lenient', 'strict'] as const) {
  t.test(`at the window's edge, to a ${relay} relay`, async (t) => {
    const refusing = await way('reject', relay);
    const normalising = await way('normalise', relay);
    let sent = normalising.sink.ended.length;
    for (const impostor of IMPOSTORS) {
      const refused = await openSession(refusing.sluice.port());
      const passed = await openSession(normalising.sluice.port());
      const odd: string[] = [];
      for (const pieces of atTheEdge(impostor)) {
        const [no, yes] = await Promise.all([transfer(refused, pieces), transfer(passed, pieces)]);
        sent += 1;
        if (no.code !== 554 || yes.code !== 250) odd.push(`${no.code} ${no.text}, ${yes.code} ${yes.text}`);
      }
      t.strictSame(odd, [], JSON.stringify(impostor));
      await Promise.all([refused.close(), passed.close()]);
    }
    t.equal(refusing.sink.ended.length, 0, 'of the refused ones the relay saw no end');
    t.equal(normalising.sink.ended.length, sent, 'of the others one each');
    t.strictSame([...evil(refusing.sink), ...evil(normalising.sink)], []);
  });
}

t.test('well-formed lines that only look like it pass as they are', async (t) => {
  const { sink, sluice } = await way('reject');
  const client = await openSession(sluice.port());
  for (const harmless of HARMLESS) {
    for (const pieces of cuts('Subject: x\r\n\r\nx', harmless, `${SMUGGLED}${END}`)) {
      t.match(await transfer(client, pieces), { code: 250 });
      const { wire } = await sink.nextMessage();
      t.equal(wire.toString('latin1'), `Subject: x\r\n\r\nx${harmless}${SMUGGLED}\r\n`, JSON.stringify(harmless));
    }
  }
  await client.close();
  t.strictSame(evil(sink), []);
});

t.test('a real end of data, cut anywhere, ends one message, and what follows it is commands', async (t) => {
  const { sink, sluice } = await way('reject');
  const client = await openSession(sluice.port());
  for (const pieces of cuts('Subject: x\r\n\r\nx', END, 'NOOP\r\nMAIL FROM:<next@example.com>\r\nRSET\r\n')) {
    const reply = await transfer(client, pieces);
    t.match(reply, { code: 250, text: /queued as/ });
    t.equal((await sink.nextMessage()).wire.toString(), 'Subject: x\r\n\r\nx\r\n');
    for (const what of ['NOOP', 'MAIL', 'RSET']) t.match(await client.read(), { code: 250 }, what);
  }
  await client.close();
});

t.test('a command cannot carry another one to the relay', async (t) => {
  const { sink, sluice } = await way('reject');
  const carried = [
    'MAIL FROM:<a@example.com>\rMAIL FROM:<evil@example.com>',
    'MAIL FROM:<a@example.com\0>evil',
    'MAIL FROM:<a@example.com> BODY=8BITMIME\rRCPT TO:<victim@example.net>',
    'MAIL FROM:<a\rvictim@example.com>',
    'MAIL FROM:<"a\rvictim"@example.com>',
  ];
  for (const line of carried) {
    const client = await openSession(sluice.port());
    const { code } = await client.command(line);
    t.ok(code >= 500, `${JSON.stringify(line)}: ${code}`);
    await client.command('MAIL FROM:<a@example.com>');
    const recipient = await client.command(line.replace('MAIL FROM', 'RCPT TO'));
    t.ok(recipient.code >= 500, `as RCPT: ${recipient.code}`);
    client.destroy();
    await client.closed;
  }
  t.strictSame(evil(sink), []);
});

t.test('BDAT is not offered and not taken: its octets would be read as commands', async (t) => {
  const { sluice } = await way('reject');
  const client = await openSession(sluice.port());
  const { lines } = await client.command('EHLO again.example');
  t.notOk(lines.includes('CHUNKING'));
  const { code } = await client.command('BDAT 10 LAST');
  t.ok(code === 500 || code === 502, `${code}`);
  await client.close();
});

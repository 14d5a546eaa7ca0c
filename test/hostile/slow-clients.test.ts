/** A client that sends a byte now and then is cut off, at whatever stage it does so, and nobody else notices. */

import { setTimeout as pauseFor } from 'node:timers/promises';
import t from 'tap';
import { makeCertificates } from '../relay/certificates.js';
import { openSession, sendMail } from '../support/mail.js';
import { startRelaySink } from '../support/relay-sink.js';
import { startSluice } from '../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';

/** Ten times shorter than the limit: a limit that each byte sets anew never runs out. */
const A_BYTE_EVERY_MS = 100;
const LIMIT = '1s';
/** Twenty times the limit. Whoever is served for so long is served for ever. */
const BYTES = 200;

const { server: certificate } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    listen: [
      { name: 'plain', address: '127.0.0.1:0' },
      { name: 'starttls', address: '127.0.0.1:0', tls: 'starttls', certificate, auth: 'optional', authInClear: true },
      { name: 'implicit', address: '127.0.0.1:0', tls: 'implicit', certificate },
      { name: 'proxied', address: '127.0.0.1:0', proxyProtocol: { trusted: ['127.0.0.31'] } },
      {
        name: 'proxied-tls',
        address: '127.0.0.1:0',
        tls: 'implicit',
        certificate,
        proxyProtocol: { trusted: ['127.0.0.31'] },
      },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { identify: [{ store: {} }], unknown: 'tester' },
    smtp: { received: false, timeouts: { command: LIMIT, data: LIMIT } },
    shutdownTimeout: '1s',
  },
});

/** Sends the text byte by byte, over and over, until the connection is closed; how many bytes that took. */
async function dribble(client: SmtpClient, text: string): Promise<number> {
  let closed = false;
  void client.closed.then(() => {
    closed = true;
  });
  let sent = 0;
  for (; !closed && sent < BYTES; sent += 1) {
    client.write(text[sent % text.length] as string);
    await Promise.race([client.closed, pauseFor(A_BYTE_EVERY_MS)]);
  }
  client.destroy();
  return sent;
}

interface Stage {
  readonly listener: string;
  readonly localAddress: string;
  /** What is sent byte by byte. */
  readonly text: string;
  /** The reply; null where SMTP has not begun. */
  readonly reply: RegExp | null;
  readonly reason: RegExp;
  /** Brings the client there. */
  readonly reach?: (client: SmtpClient) => Promise<unknown>;
}

const IDLE = /^4\.4\.2 Idle for too long/;
const SLOW = /^4\.4\.2 The message comes too slowly/;

async function hello(client: SmtpClient): Promise<void> {
  await client.read();
  await client.command('EHLO client.example');
}

async function inData(client: SmtpClient): Promise<void> {
  await hello(client);
  await client.command('MAIL FROM:<a@example.com>');
  await client.command('RCPT TO:<b@example.net>');
  await client.command('DATA');
}

const CLIENT_HELLO = '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'.padEnd(BYTES, '\x01');

const STAGES: Readonly<Record<string, Stage>> = {
  'the PROXY header': {
    listener: 'proxied',
    localAddress: '127.0.0.31',
    text: `PROXY TCP4 ${'1'.repeat(BYTES)}`,
    reply: null,
    reason: /^no session within 1 s/,
  },
  'the TLS handshake behind a PROXY header': {
    listener: 'proxied-tls',
    localAddress: '127.0.0.31',
    text: CLIENT_HELLO,
    reply: null,
    reason: /^no session within 1 s/,
    reach: async (client) => client.write('PROXY TCP4 192.0.2.1 192.0.2.2 1000 25\r\n'),
  },
  'the TLS handshake of the first byte': {
    listener: 'implicit',
    localAddress: '127.0.0.32',
    text: CLIENT_HELLO,
    reply: null,
    reason: /^no session within 1 s/,
  },
  'the TLS handshake after STARTTLS': {
    listener: 'starttls',
    localAddress: '127.0.0.33',
    text: CLIENT_HELLO,
    reply: null,
    reason: /^421 4\.4\.2 Idle/,
    reach: async (client) => {
      await hello(client);
      await client.command('STARTTLS');
    },
  },
  'the first command': {
    listener: 'plain',
    localAddress: '127.0.0.34',
    text: `EHLO ${'x'.repeat(BYTES)}`,
    reply: IDLE,
    reason: /^421 4\.4\.2 Idle/,
    reach: (client) => client.read(),
  },
  'RCPT, a transaction open': {
    listener: 'plain',
    localAddress: '127.0.0.35',
    text: `RCPT TO:<${'x'.repeat(BYTES)}`,
    reply: IDLE,
    reason: /^421 4\.4\.2 Idle/,
    reach: async (client) => {
      await hello(client);
      await client.command('MAIL FROM:<a@example.com>');
    },
  },
  'the answer to AUTH': {
    listener: 'starttls',
    localAddress: '127.0.0.36',
    text: 'QUFB'.repeat(BYTES),
    reply: IDLE,
    reason: /^421 4\.4\.2 Idle/,
    reach: async (client) => {
      await hello(client);
      await client.command('AUTH PLAIN');
    },
  },
  'the message, its header': {
    listener: 'plain',
    localAddress: '127.0.0.37',
    text: 'X-A: b\r\n',
    reply: SLOW,
    reason: /^421 4\.4\.2 The message/,
    reach: inData,
  },
  'the message, refused already': {
    listener: 'plain',
    localAddress: '127.0.0.38',
    text: 'x\n',
    reply: SLOW,
    reason: /^421 4\.4\.2 The message/,
    reach: inData,
  },
};

t.test('each stage', async (t) => {
  await Promise.all(
    Object.entries(STAGES).map(async ([stage, { listener, localAddress, text, reply, reason, reach }]) => {
      const client = await connectSmtp({ port: sluice.port(listener), localAddress });
      await reach?.(client);
      const farewell = reply === null ? null : client.read();
      const sent = await dribble(client, text);
      t.ok(sent < BYTES, `${stage}: closed after ${sent} bytes`);
      if (reply !== null) t.match(await farewell, { code: 421, text: reply }, `${stage}: it hears why`);
      const line = await sluice.waitForLog(
        `cut off in ${stage}`,
        (line) => line.event === 'cut-off' && line.client === (stage.includes('behind') ? '127.0.0.31' : localAddress),
      );
      t.match(line, { listener: /./, session: /./, reason }, `${stage}: the log says so`);
    }),
  );
  t.equal(sluice.process.exitCode, null, 'it runs on');
});

t.test('meanwhile others are served, and keep their session', async (t) => {
  const attackers = await Promise.all(
    Array.from({ length: 20 }, () => connectSmtp({ port: sluice.port('plain'), localAddress: '127.0.0.39' })),
  );
  const dribbling = attackers.map((client) => dribble(client, 'EHLO x'));
  const customer = await openSession(sluice.port('plain'));
  let mails = 0;
  let over = false;
  const all = Promise.all(dribbling).finally(() => {
    over = true;
  });
  while (!over) {
    mails += 1;
    const { end } = await sendMail(customer, { to: [`b${mails}@example.net`] });
    if (end?.code !== 250) t.fail(`heard ${end?.code} ${end?.text}`);
    await pauseFor(A_BYTE_EVERY_MS);
  }
  t.ok(
    (await all).every((sent) => sent < BYTES),
    'all attackers are gone',
  );
  t.ok(mails > 1, `the customer sent ${mails} mails meanwhile`);
  await customer.close();
});

t.test('a slow client that makes progress is waited for', async (t) => {
  const client = await openSession(sluice.port('plain'));
  for (const command of ['MAIL FROM:<a@example.com>', 'RCPT TO:<b@example.net>', 'DATA']) await client.command(command);
  const line = `${'x'.repeat(998)}\r\n`;
  // 40 KiB each 250 ms: 64 KiB come well within each second, the whole takes longer than that.
  for (let i = 0; i < 10; i += 1) {
    client.write(line.repeat(40));
    await pauseFor(250);
  }
  t.match(await client.command('.'), { code: 250 });
  await client.close();
});

t.test('nothing is left of them', async (t) => {
  t.match((await sluice.get('/metrics')).body, /^sluice_sessions\{listener="plain"\} 0$/m);
});

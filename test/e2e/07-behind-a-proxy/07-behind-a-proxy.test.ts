/** The original client is known behind a load balancer or a trusted front, and nobody else can pretend. */

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { openSession, sendMail } from '../../support/mail.js';
import { startPostfix } from '../../support/postfix.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp } from '../../support/smtp-client.js';

const world = await startRelaySink(t);
const postfix = await startPostfix(t, {
  listener: await readFile('deploy/postfix/behind-sluice.master.cf', 'utf8'),
  next: world.port,
  // With IPv4 alone Postfix refuses to be told of an IPv6 client.
  mainCf: { inet_protocols: 'all' },
});
const sluice = await startSluice(t, {
  config: {
    listen: [
      { name: 'balanced', address: '127.0.0.1:0', proxyProtocol: { trusted: ['127.0.0.1'] } },
      { name: 'fronted', address: '127.0.0.1:0', xclient: { trusted: ['127.0.0.1'] } },
      { name: 'open', address: '127.0.0.1:0' },
    ],
    relay: { hosts: [`127.0.0.1:${postfix.port}`], identity: 'xforward' },
    accounts: {
      identify: [{ xclient: {} }, { address: { '192.0.2.0/24': 'acme', '2001:db8::/32': 'sixth' } }],
      unknown: 'refuse',
    },
  },
});

const V2_SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');

function proxyV2(source: readonly number[], destination: readonly number[]): Buffer {
  const family = source.length === 4 ? 0x11 : 0x21;
  const ports = Buffer.alloc(4);
  ports.writeUInt16BE(54_321, 0);
  ports.writeUInt16BE(25, 2);
  const body = Buffer.concat([Buffer.from(source), Buffer.from(destination), ports]);
  const head = Buffer.from([0x21, family, 0, body.length]);
  return Buffer.concat([V2_SIGNATURE, head, body]);
}

const V6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
const HEADERS: [version: string, header: Buffer, client: string, account: string][] = [
  ['v1', Buffer.from('PROXY TCP4 192.0.2.7 198.51.100.1 54321 25\r\n'), '192.0.2.7', 'acme'],
  ['v2', proxyV2([192, 0, 2, 8], [198, 51, 100, 1]), '192.0.2.8', 'acme'],
  ['v2, IPv6', proxyV2(V6, V6), '2001:db8::1', 'sixth'],
];

for (const [version, header, address, account] of HEADERS) {
  t.test(`PROXY ${version}: the client is ${address}`, async (t) => {
    const client = await connectSmtp({ port: sluice.port('balanced') });
    client.write(header);
    t.equal((await client.read()).code, 220);
    await client.command('EHLO client.example');
    const { end } = await sendMail(client, { to: ['b@example.net'] });
    t.equal(end?.code, 250);
    await client.close();
    const line = await sluice.waitForLog('the transaction', (one) => one.client === address);
    t.match(line, { account, ending: 'accepted' });
    t.match(
      (await world.nextMessage()).data.toString(),
      new RegExp(`^Received: from client\\.example \\(\\[(IPv6:)?${address.replaceAll('.', '\\.')}\\]\\)`, 'm'),
    );
    const inLog = address.includes(':') ? address : address.replaceAll('.', '\\.');
    await postfix.waitForLog(new RegExp(`smtpd.*: client=.* orig_client=[^ ]*\\[${inLog}\\]`));
  });
}

t.test('a header cut in pieces is read as one', async (t) => {
  const client = await connectSmtp({ port: sluice.port('balanced') });
  for (const octet of proxyV2([192, 0, 2, 9], [198, 51, 100, 1])) client.write(Buffer.from([octet]));
  t.equal((await client.read()).code, 220);
  await client.close();
});

t.test('a trusted proxy without a header is not served', async (t) => {
  const client = await connectSmtp({ port: sluice.port('balanced') });
  client.write('EHLO client.example\r\nMAIL FROM:<a@example.com>\r\n');
  await client.closed;
  await t.rejects(client.read(), 'not even a greeting');
});

t.test('a header on a listener that asks for none changes nothing', async (t) => {
  const client = await connectSmtp({ port: sluice.port('open') });
  t.equal((await client.read()).code, 220);
  t.match(await client.command('PROXY TCP4 192.0.2.7 198.51.100.1 54321 25'), { code: 500 });
  await client.command('EHLO client.example');
  t.match(
    await client.command('MAIL FROM:<a@example.com>'),
    { code: 550, text: /^5\.7\.1 / },
    '127.0.0.1 is nobody here',
  );
  await client.close();
});

t.test('XCLIENT of a trusted peer: address and login', async (t) => {
  const client = await openSession(sluice.port('fronted'));
  t.match(await client.command('XCLIENT ADDR=192.0.2.33 NAME=laptop.example LOGIN=anna'), { code: 220 });
  await client.command('EHLO laptop.example');
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
  await client.close();
  const line = await sluice.waitForLog('the transaction', (one) => one.client === '192.0.2.33');
  t.match(line, { account: 'anna', ending: 'accepted' });
  await postfix.waitForLog(/smtpd.*: client=.* orig_client=[^ ]*\[192\.0\.2\.33\]/);
});

t.test('XCLIENT of anybody else is refused', async (t) => {
  const client = await openSession(sluice.port('open'));
  t.notMatch((await client.command('EHLO again.example')).text, /XCLIENT/);
  const { code } = await client.command('XCLIENT ADDR=192.0.2.33 LOGIN=anna');
  t.ok(code >= 500, `${code}`);
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 550 });
  await client.close();
});

/** Accounts without a password: by client address, by TLS client certificate, by the word of a trusted peer. */

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { makeCertificates } from '../../relay/certificates.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import { connectSmtp, type SmtpClient } from '../../support/smtp-client.js';

interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

interface Client {
  readonly subject: string;
  readonly names?: string;
}

/** An authority, and certificates of clients that it signed. */
function clientCertificates(name: string, clients: readonly Client[]): { ca: string; pairs: KeyPair[] } {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-clients-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial', '-days', '2'];
  try {
    const self = ['-x509', ...newKey, '-days', '2', '-subj', `/CN=${name}`];
    openssl('req', ...self, '-keyout', file('ca.key'), '-out', file('ca.pem'));
    const pairs = clients.map(({ subject, names }) => {
      openssl('req', ...newKey, '-subj', subject, '-keyout', file('key'), '-out', file('request'));
      writeFileSync(file('extensions'), names === undefined ? '' : `subjectAltName=${names}\n`);
      openssl(
        'x509',
        '-req',
        '-in',
        file('request'),
        ...authority,
        '-out',
        file('cert'),
        '-extfile',
        file('extensions'),
      );
      return { cert: readFileSync(file('cert'), 'utf8'), key: readFileSync(file('key'), 'utf8') };
    });
    return { ca: readFileSync(file('ca.pem'), 'utf8'), pairs };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

const { server: certificate } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const believed = clientCertificates('Believed', [
  { subject: '/CN=printer' },
  { subject: '/CN=anna', names: 'email:Anna@Example.com' },
  { subject: '/O=Acme, Inc./CN=mailer' },
  { subject: '/CN=stranger' },
]);
const others = clientCertificates('Somebody', [{ subject: '/O=Acme, Inc./CN=mailer' }]);
const [printer, anna, mailer, stranger] = believed.pairs;
const [forged] = others.pairs;
if (!printer || !anna || !mailer || !stranger || !forged) throw new Error('certificates are missing');

const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    listen: [
      {
        name: 'certified',
        address: '127.0.0.1:0',
        tls: 'starttls',
        certificate,
        clientCertificates: { ca: believed.ca },
      },
      {
        name: 'certified-only',
        address: '127.0.0.1:0',
        tls: 'implicit',
        certificate,
        clientCertificates: { ca: believed.ca, require: true },
      },
      { name: 'plain', address: '127.0.0.1:0' },
      {
        name: 'fronted',
        address: '127.0.0.1:0',
        auth: 'optional',
        authInClear: true,
        xclient: { trusted: ['127.0.0.17'] },
      },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: {
      identify: [
        { xclient: {} },
        {
          certificate: {
            [new X509Certificate(printer.cert).fingerprint256]: 'printers',
            'anna@example.com': 'annas',
            'O=Acme\\, Inc., CN=mailer': 'acme',
          },
        },
        { address: { '127.0.0.3': 'single', '127.0.0.0/29': 'network', '192.0.2.0/24': 'remote' } },
        { store: {} },
      ],
      unknown: 'refuse',
    },
    shutdownTimeout: '1s',
  },
});

/** Sends one mail on the session; the account that Sluice put it down to, or the reply that refused it. */
async function accountOf(client: SmtpClient): Promise<unknown> {
  const before = sluice.log.length;
  const { mail, end } = await sendMail(client, { to: ['b@example.net'] });
  if (end === null) return mail.code;
  const accepted = await sluice.waitForLog('the transaction', (line) => {
    return sluice.log.indexOf(line) >= before && line.ending === 'accepted';
  });
  return accepted.account;
}

async function withCertificate(pair: KeyPair | null): Promise<SmtpClient> {
  const client = await openSession(sluice.port('certified'), { localAddress: '127.0.0.20' });
  await client.startTls(pair === null ? {} : { cert: pair.cert, key: pair.key });
  await client.command('EHLO client.example');
  return client;
}

t.test('by address: the longest prefix wins', async (t) => {
  for (const [localAddress, expected] of [
    ['127.0.0.3', 'single'],
    ['127.0.0.4', 'network'],
    ['127.0.0.9', 550],
  ] as const) {
    const client = await openSession(sluice.port('plain'), { localAddress });
    t.equal(await accountOf(client), expected, localAddress);
    await client.close();
  }
});

t.test('by certificate: fingerprint, e-mail address, subject', async (t) => {
  for (const [who, pair, expected] of [
    ['its fingerprint', printer, 'printers'],
    ['its e-mail address', anna, 'annas'],
    ['its subject', mailer, 'acme'],
    ['one that nobody listed', stranger, 550],
    ['none', null, 550],
    ['the same name by another authority', forged, 550],
  ] as const) {
    const client = await withCertificate(pair);
    // 550 and not 530: without AUTH on this listener there is nothing that the client could still do.
    t.equal(await accountOf(client), expected, who);
    await client.close();
  }
});

t.test('a listener that requires a certificate does not talk without one', async (t) => {
  const port = sluice.port('certified-only');
  const client = await openSession(port, { tls: { rejectUnauthorized: false, ...anna } });
  t.equal(await accountOf(client), 'annas');
  await client.close();
  for (const tls of [{}, forged]) {
    // TLS 1.3 lets the client finish its handshake before it hears of the refusal.
    const refused = connectSmtp({ port, tls: { rejectUnauthorized: false, ...tls } }).then((one) => one.read());
    await t.rejects(refused);
  }
  t.equal(sluice.process.exitCode, null);
});

const peer = () => openSession(sluice.port('fronted'), { localAddress: '127.0.0.17' });

t.test('XCLIENT is announced to a trusted peer only, and taken from no other', async (t) => {
  const trusted = await peer();
  t.match((await trusted.command('EHLO front.example')).text, /^XCLIENT .*\bLOGIN\b/m);
  await trusted.close();
  const client = await openSession(sluice.port('fronted'), { localAddress: '127.0.0.4' });
  t.notMatch((await client.command('EHLO client.example')).text, /XCLIENT/);
  t.match(await client.command('XCLIENT ADDR=192.0.2.1 LOGIN=victim'), { code: 550, text: /^5\.7\.0 / });
  t.equal(await accountOf(client), 'network', 'it is still who it was');
  await client.close();
});

t.test('XCLIENT: address and login', async (t) => {
  const byLogin = await peer();
  t.match(await byLogin.command('XCLIENT ADDR=192.0.2.1 LOGIN=anna'), { code: 220 });
  t.match(await byLogin.command('XCLIENT ADDR=192.0.2.2 LOGIN=bert'), { code: 550 }, 'the client itself may not');
  await byLogin.command('EHLO laptop.example');
  t.equal(await accountOf(byLogin), 'anna');
  await byLogin.close();

  const byAddress = await peer();
  t.match(await byAddress.command('XCLIENT ADDR=192.0.2.1 LOGIN=[UNAVAILABLE]'), { code: 220 });
  await byAddress.command('EHLO laptop.example');
  t.equal(await accountOf(byAddress), 'remote');
  await byAddress.close();

  const unknown = await peer();
  t.match(await unknown.command('XCLIENT ADDR=IPV6:2001:db8::1 NAME=[UNAVAILABLE]'), { code: 220 });
  await unknown.command('EHLO laptop.example');
  t.equal(await accountOf(unknown), 530);
  await unknown.close();
});

t.test('a login of one client does not stick to the next', async (t) => {
  const client = await peer();
  t.match(await client.command('XCLIENT LOGIN=anna'), { code: 220 });
  await client.command('EHLO laptop.example');
  t.equal(await accountOf(client), 'anna');
  t.match(await client.command('XCLIENT LOGIN=[UNAVAILABLE]'), { code: 220 });
  await client.command('EHLO laptop.example');
  t.equal(await accountOf(client), 530, 'nobody said who the client is');
  await client.close();
});

t.test("the peer's own AUTH is not the client's", async (t) => {
  const set = await sluice.cliReading('secret\n', 'account', 'passwd', 'front');
  t.equal(set.code, 0, set.stderr);
  const client = await peer();
  const auth = `AUTH PLAIN ${Buffer.from('\0front\0secret').toString('base64')}`;
  t.match(await client.command(auth), { code: 235 });
  t.equal(await accountOf(client), 'front');
  t.match(await client.command('XCLIENT NAME=laptop.example'), { code: 220 });
  await client.command('EHLO laptop.example');
  t.equal(await accountOf(client), 530);
  t.match(await client.command('XCLIENT FOO=bar'), { code: 501 });
  t.match(await client.command(auth), { code: 235 }, 'it may log in again');
  t.match(await client.command('XCLIENT FOO=bar'), { code: 501 });
  t.equal(await accountOf(client), 'front', 'a malformed XCLIENT changes nothing');
  await client.close();
});

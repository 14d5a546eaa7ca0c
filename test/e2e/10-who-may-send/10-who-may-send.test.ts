/** AUTH against everything that can check a password: a users file, the store, an HTTP endpoint, the relay. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import tls from 'node:tls';
import t from 'tap';
import { makeCertificates } from '../../relay/certificates.js';
import { openSession, sendMail } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';
import type { SmtpClient, SmtpClientReply } from '../../support/smtp-client.js';

const { ca, server: certificate } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const plain = (username: string, password: string) =>
  `AUTH PLAIN ${Buffer.from(`\0${username}\0${password}`).toString('base64')}`;

/** What the HTTP endpoint was asked, and how it answers. */
const asked: unknown[] = [];
let answer = (_body: { username: string; password: string }, response: ServerResponse): void => {
  response.writeHead(401).end();
};
const endpoint = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => {
    const body = JSON.parse(Buffer.concat(chunks).toString());
    asked.push(body);
    answer(body, response);
  });
});
endpoint.listen(0, '127.0.0.1');
await once(endpoint, 'listening');
t.teardown(() => {
  endpoint.closeAllConnections();
  endpoint.close();
});
const address = endpoint.address();
if (address === null || typeof address === 'string') throw new Error('no port');

const directory = await mkdtemp(join(tmpdir(), 'sluice-auth-'));
t.teardown(() => rm(directory, { recursive: true }));
await writeFile(join(directory, 'users'), '');

// Passwords go to a relay under TLS only.
const RELAY = { tls: certificate, credentials: { dora: 'relay secret' } };
const sink = await startRelaySink(t, RELAY);
const sluice = await startSluice(t, {
  directory,
  config: {
    listen: [
      { name: 'submission', address: '127.0.0.1:0', tls: 'starttls', auth: 'required', certificate },
      { name: 'submissions', address: '127.0.0.1:0', tls: 'implicit', auth: 'optional', certificate },
      { name: 'clear', address: '127.0.0.1:0', tls: 'starttls', auth: 'optional', authInClear: true, certificate },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: {
      identify: [
        { users: { file: 'users' } },
        { store: {} },
        { http: { url: `http://127.0.0.1:${address.port}/check`, timeout: '500ms' } },
        { relay: {} },
      ],
      unknown: 'refuse',
      list: { acme: { senders: ['example.com'] } },
    },
    shutdownTimeout: '1s',
  },
});

async function secured(listener: 'submission' | 'submissions' = 'submission'): Promise<SmtpClient> {
  const port = sluice.port(listener);
  if (listener === 'submissions') return openSession(port, { tls: { rejectUnauthorized: false } });
  const client = await openSession(port);
  await client.startTls();
  await client.command('EHLO client.example');
  return client;
}

async function logsIn(username: string, password: string): Promise<SmtpClientReply> {
  const client = await secured();
  const reply = await client.command(plain(username, password));
  await client.close();
  return reply;
}

/** The next transaction line with this reverse-path; the line of one that was broken off may come while the next goes on. */
function nextTransaction(reversePath: string): Promise<unknown> {
  const before = sluice.log.length;
  return sluice.waitForLog('the transaction', (line) => {
    return sluice.log.indexOf(line) >= before && line.event === 'transaction' && line.reversePath === reversePath;
  });
}

async function sendsAs(username: string, password: string, from = 'a@example.com') {
  const client = await secured();
  const auth = await client.command(plain(username, password));
  const transaction = nextTransaction(from);
  const sent = await sendMail(client, { from, to: ['b@example.net'] });
  await client.close();
  return { auth, sent, logged: await transaction };
}

t.test('a users file, written by the CLI, is read at a reload', async (t) => {
  const set = await sluice.cliReading('correct horse\n', 'account', 'passwd', 'anna', '--account', 'acme');
  t.equal(set.code, 0, set.stderr);
  t.match(await logsIn('anna', 'correct horse'), { code: 535, text: /^5\.7\.8 / }, 'not yet');
  sluice.signal('SIGHUP');
  await sluice.waitForLog('the reload', ({ msg }) => msg === 'config reloaded');
  const { auth, sent, logged } = await sendsAs('anna', 'correct horse');
  t.match(auth, { code: 235, text: /^2\.7\.0 / });
  t.equal(sent.end?.code, 250);
  t.match(logged, { account: 'acme', username: 'anna', ending: 'accepted' });
  t.match(await logsIn('anna', 'wrong horse'), { code: 535, text: /^5\.7\.8 / });
});

for (const mechanism of ['PLAIN', 'LOGIN']) {
  t.test(`swaks, AUTH ${mechanism}, a users file`, async (t) => {
    const login = ['--auth', mechanism, '--auth-user', 'anna', '--auth-password', 'correct horse'];
    const mail = ['--from', 'anna@example.com', '--to', 'b@example.net', '--helo', 'laptop.example'];
    const to = ['--server', '127.0.0.1', '--port', `${sluice.port('submission')}`, '--tls', '--timeout', '10'];
    const said = await new Promise<string>((done) => {
      execFile('swaks', [...to, ...mail, ...login], { timeout: 60_000 }, (_error, stdout) => done(stdout));
    });
    t.match(said, /<~ {2}235 2\.7\.0 /);
    t.match(said, /<~ {2}250 2\.0\.0 Ok: queued as/);
  });
}

t.test('an account sends from its own addresses only', async (t) => {
  const { sent, logged } = await sendsAs('anna', 'correct horse', 'ceo@other.example');
  t.match(sent.mail, { code: 550, text: /^5\.7\.1 \[account\.sender\] .*ref=/ });
  t.match(logged, { account: 'acme', ending: 'refused' });
});

t.test('the store', async (t) => {
  const config = 'bert';
  // The CLI writes to the first place that keeps passwords: for the store, a config that has no users file.
  const own = await startSluice(t, {
    config: {
      listen: [{ name: 'submission', address: '127.0.0.1:0', auth: 'required', authInClear: true }],
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      accounts: { identify: [{ store: {} }], unknown: 'refuse' },
    },
  });
  const set = await own.cliReading('store secret\n', 'account', 'passwd', config);
  t.equal(set.code, 0, set.stderr);
  const client = await openSession(own.port());
  t.match(await client.command(plain('bert', 'wrong')), { code: 535 });
  t.match(await client.command(plain('bert', 'store secret')), { code: 235 }, 'at once, and in the same session');
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
  await client.close();
});

t.test('an HTTP endpoint: accepted, refused, and what says nothing about the password', async (t) => {
  answer = ({ username, password }, response) => {
    const right = username === 'carla' && password === 'päßword';
    response.writeHead(right ? 200 : 403, { 'content-type': 'application/json' });
    response.end(right ? JSON.stringify({ account: 'carlas-company' }) : '{}');
  };
  asked.length = 0;
  const { auth, sent, logged } = await sendsAs('carla', 'päßword');
  t.match(auth, { code: 235 });
  t.equal(sent.end?.code, 250);
  t.match(logged, { account: 'carlas-company', username: 'carla' });
  t.strictSame(asked, [{ username: 'carla', password: 'päßword', client: '127.0.0.1' }]);
  t.match(await logsIn('carla', 'wrong'), { code: 535, text: /^5\.7\.8 / });

  asked.length = 0;
  t.match(await logsIn('anna', 'correct horse'), { code: 235 });
  t.strictSame(asked, [], "a password of the users file's own is nobody else's business");

  const silent: [what: string, answers: typeof answer][] = [
    ['500', (_body, response) => response.writeHead(500).end('no')],
    ['200 without an account', (_body, response) => response.writeHead(200).end('{}')],
    ['a redirect', (_body, response) => response.writeHead(302, { location: '/elsewhere' }).end()],
    ['no answer in time', () => undefined],
    ['a broken connection', (_body, response) => response.socket?.destroy()],
  ];
  for (const [what, answers] of silent) {
    answer = answers;
    t.match(await logsIn('carla', 'päßword'), { code: 454, text: /^4\.7\.0 / }, what);
  }
  answer = (_body, response) => response.writeHead(401).end();
});

t.test('the relay', async (t) => {
  const { auth, sent, logged } = await sendsAs('dora', 'relay secret');
  t.match(auth, { code: 235 });
  t.equal(sent.end?.code, 250);
  t.match(logged, { account: 'dora', username: 'dora' });
  t.match(await logsIn('dora', 'wrong'), { code: 535, text: /^5\.7\.8 / });
  sink.script = { ...RELAY, steps: { AUTH: '454 4.7.0 Backend is down' } };
  t.match(await logsIn('dora', 'relay secret'), { code: 454, text: /^4\.7\.0 / });
  t.match(await logsIn('anna', 'correct horse'), { code: 235 }, 'others are not concerned');
  sink.script = RELAY;
});

t.test('AUTH in the wrong place or form', async (t) => {
  const client = await openSession(sluice.port('submission'));
  t.notMatch((await client.command('EHLO client.example')).text, /AUTH/, 'not announced before TLS');
  t.match(await client.command(plain('anna', 'correct horse')), { code: 538, text: /^5\.7\.11 / });
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 530, text: /^5\.7\.0 / });
  await client.startTls();
  t.match(await client.command(plain('anna', 'correct horse')), { code: 503 }, 'EHLO comes first');
  t.match((await client.command('EHLO client.example')).text, /^AUTH PLAIN LOGIN$/m);
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 530, text: /^5\.7\.0 / });
  t.match(await client.command('AUTH CRAM-MD5'), { code: 504 });
  t.match(await client.command('AUTH LOGIN'), { code: 334 });
  t.match(await client.command('*'), { code: 501 });
  t.match(await client.command('AUTH PLAIN'), { code: 334 });
  t.match(await client.command('!!!'), { code: 501 });
  t.match(await client.command(plain('anna', 'correct horse')), { code: 235 });
  t.notMatch((await client.command('EHLO client.example')).text, /^AUTH/m, 'not announced any more');
  t.match(await client.command(plain('anna', 'correct horse')), { code: 503 });
  await client.close();
});

t.test('TLS from the first byte; nothing older than 1.2', async (t) => {
  const port = sluice.port('submissions');
  const client = await secured('submissions');
  t.match(await client.command(plain('anna', 'correct horse')), { code: 235 });
  t.equal((await sendMail(client, { to: ['b@example.net'] })).end?.code, 250);
  await client.close();
  const unidentified = await secured('submissions');
  t.match(await unidentified.command('MAIL FROM:<a@example.com>'), { code: 530, text: /^5\.7\.0 / });
  await unidentified.close();

  for (const [version, works] of [
    ['TLSv1.1', false],
    ['TLSv1.2', true],
    ['TLSv1.3', true],
  ] as const) {
    const result = await new Promise<string>((done) => {
      const socket = tls.connect({
        port,
        host: '127.0.0.1',
        ca,
        minVersion: version,
        maxVersion: version,
        // OpenSSL 3 would not even try an old version at its usual level.
        ciphers: 'DEFAULT@SECLEVEL=0',
      });
      socket.once('secureConnect', () => {
        done(socket.getProtocol() ?? '');
        socket.destroy();
      });
      socket.once('error', (error: NodeJS.ErrnoException) => done(error.code ?? error.message));
    });
    t.equal(result, works ? version : 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION');
  }
});

t.test('what a client said it was before STARTTLS is forgotten', async (t) => {
  const client = await openSession(sluice.port('clear'));
  t.match(await client.command(plain('anna', 'correct horse')), { code: 235 });
  const forgotten = nextTransaction('a@example.com');
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 250 });
  await client.startTls();
  t.match(await client.command('RCPT TO:<b@example.net>'), { code: 503 });
  await client.command('EHLO client.example');
  t.match(await client.command('MAIL FROM:<a@example.com>'), { code: 530 }, 'nobody yet');
  t.match(await client.command(plain('dora', 'relay secret')), { code: 235 }, 'somebody else may log in');
  t.match(await forgotten, { account: 'acme', ending: 'aborted' });
  const transaction = nextTransaction('d@dora.example');
  t.equal((await sendMail(client, { from: 'd@dora.example', to: ['b@example.net'] })).end?.code, 250);
  await client.close();
  t.match(await transaction, { account: 'dora' });
});

t.test('guessing passwords', async (t) => {
  const guarded = await startSluice(t, {
    config: {
      listen: [{ name: 'submission', address: '127.0.0.1:0', auth: 'required', authInClear: true }],
      relay: { hosts: [`127.0.0.1:${sink.port}`] },
      accounts: { identify: [{ store: {} }], unknown: 'refuse' },
      rules: { 'account.auth-guessing': { clientUsername: ['3/1h'], client: ['7/1h'], username: ['50/1h'] } },
      shutdownTimeout: '1s',
    },
  });
  for (const username of ['anna', 'bert']) {
    const set = await guarded.cliReading('correct horse\n', 'account', 'passwd', username);
    t.equal(set.code, 0, set.stderr);
  }
  const guesser = await openSession(guarded.port());
  for (let guess = 1; guess <= 3; guess += 1) {
    t.match(await guesser.command(plain('anna', `guess ${guess}`)), { code: 535, text: /^5\.7\.8 / });
  }
  const tooMany = { code: 454, text: /^4\.7\.0 \[account\.auth-guessing\] .* ref=/ };
  t.match(await guesser.command(plain('ANNA', 'guess 4')), tooMany, 'in whatever case');
  t.match(await guesser.command(plain('anna', 'correct horse')), tooMany, 'the right one is not even checked');
  await guesser.close();

  const owner = await openSession(guarded.port(), { localAddress: '127.0.0.2' });
  t.match(await owner.command(plain('anna', 'correct horse')), { code: 235 }, 'its owner elsewhere');
  t.equal((await sendMail(owner, { to: ['b@example.net'] })).end?.code, 250);
  await owner.close();
  const colleague = await openSession(guarded.port());
  t.match(await colleague.command(plain('bert', 'correct horse')), { code: 235 }, 'a colleague at the same address');
  await colleague.close();

  const other = await openSession(guarded.port());
  for (let guess = 1; guess <= 4; guess += 1) {
    t.match(await other.command(plain(`nobody${guess}`, 'x')), { code: 535 });
  }
  t.match(await other.command(plain('bert', 'correct horse')), tooMany, 'the address has guessed too often');
  await other.close();
  await t.rejects(openSession(guarded.port()), /greeted with 421 4\.7\.0 \[account\.auth-guessing\]/);
  const decisions = await guarded.cli('decisions', '--rule', 'account.auth-guessing', '--json');
  t.match(decisions.stdout, /"username":"anna"/);
});

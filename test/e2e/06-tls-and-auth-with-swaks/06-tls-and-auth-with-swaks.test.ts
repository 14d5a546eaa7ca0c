/** Submission as people use it: STARTTLS, implicit TLS, AUTH PLAIN and LOGIN, by swaks; passwords set by the CLI. */

import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:tls';
import t from 'tap';
import { makeCertificates } from '../../relay/certificates.js';
import { openSession } from '../../support/mail.js';
import { startRelaySink } from '../../support/relay-sink.js';
import { startSluice } from '../../support/sluice.js';

const { ca, server } = makeCertificates(['DNS:localhost', 'IP:127.0.0.1']);
const sink = await startRelaySink(t);
const sluice = await startSluice(t, {
  config: {
    listen: [
      { name: 'submission', address: '127.0.0.1:0', tls: 'starttls', auth: 'required', certificate: server },
      { name: 'submissions', address: '127.0.0.1:0', tls: 'implicit', auth: 'required', certificate: server },
    ],
    relay: { hosts: [`127.0.0.1:${sink.port}`] },
    accounts: { identify: [{ store: {} }], unknown: 'refuse' },
    rules: { 'account.auth-guessing': { mode: 'off' } },
  },
});
const set = await sluice.cliReading('correct horse\n', 'account', 'passwd', 'anna@example.com', '--account', 'acme');
if (set.code !== 0) throw new Error(set.stderr);

async function swaks(listener: string, ...more: string[]): Promise<string> {
  const server = ['--server', '127.0.0.1', '--port', `${sluice.port(listener)}`];
  const mail = ['--from', 'anna@example.com', '--to', 'b@example.net', '--helo', 'laptop.example', '--timeout', '10'];
  return new Promise((done) => {
    // Refusals make swaks exit with a code; what it heard is in its output.
    execFile('swaks', [...server, ...mail, ...more], { timeout: 60_000 }, (_error, stdout) => done(stdout));
  });
}
const login = (password: string, mechanism = 'PLAIN') => [
  ...['--auth', mechanism, '--auth-user', 'anna@example.com', '--auth-password', password],
];

for (const [listener, tls] of [
  ['submission', '--tls'],
  ['submissions', '--tls-on-connect'],
] as const) {
  for (const mechanism of ['PLAIN', 'LOGIN']) {
    t.test(`${listener}: ${tls} and AUTH ${mechanism}`, async (t) => {
      const before = sluice.transactions.length;
      t.match(await swaks(listener, tls, ...login('correct horse', mechanism)), /<~ {2}250 2\.0\.0 Ok: queued as/);
      t.equal((await sink.nextMessage()).mail, '<anna@example.com>');
      await sluice.waitForLog('the transaction', () => sluice.transactions.length > before);
      t.match(sluice.transactions.at(-1), {
        account: 'acme',
        username: 'anna@example.com',
        listener,
        ending: 'accepted',
      });
    });
  }
}

t.test('the trace field says that it came over TLS and with AUTH, but not who', async (t) => {
  await swaks('submission', '--tls', ...login('correct horse'));
  const text = (await sink.nextMessage()).data.toString();
  t.match(text, /^Received: from laptop\.example[\s\S]*?with ESMTPSA/m);
  t.notMatch(text.slice(0, text.indexOf('\r\nDate:')), /anna@/);
});

t.test('a wrong password', async (t) => {
  const said = await swaks('submission', '--tls', ...login('wrong horse'));
  t.match(said, /535 5\.7\.8 /);
});

t.test('AUTH is not offered in clear, and not taken', async (t) => {
  const client = await openSession(sluice.port('submission'));
  const { lines } = await client.command('EHLO laptop.example');
  t.ok(lines.includes('STARTTLS'));
  t.notOk(
    lines.some((line) => line.startsWith('AUTH')),
    lines.join(' '),
  );
  const { code } = await client.command(
    `AUTH PLAIN ${Buffer.from('\0anna@example.com\0correct horse').toString('base64')}`,
  );
  t.ok(code >= 500, `${code}`);
  t.match(await client.command('MAIL FROM:<anna@example.com>'), { code: 530 });
  await client.close();
});

t.test('commands that came in clear with STARTTLS are not obeyed after it', async (t) => {
  // CVE-2011-0411: what an attacker injects before the handshake must not count as said inside it.
  const client = await openSession(sluice.port('submission'));
  client.write('STARTTLS\r\nMAIL FROM:<attacker@example.com>\r\n');
  t.equal((await client.read()).code, 220);
  const secure = connect({ socket: client.socket, ca, servername: 'localhost' });
  await once(secure, 'secureConnect');
  secure.write('RCPT TO:<victim@example.net>\r\n');
  const [said] = await once(secure, 'data');
  t.match(said.toString(), /^503 /, 'the answer to RCPT, and no MAIL was said');
  secure.destroy();
  client.destroy();
});

t.test('a suspended account hears so at AUTH', async (t) => {
  const suspended = await sluice.cli('account', 'suspend', 'acme', '--reason', 'spam run');
  t.equal(suspended.code, 0, suspended.stderr);
  t.match(await swaks('submission', '--tls', ...login('correct horse')), /525 5\.7\.13 \[account\.standing\]/);
  const back = await sluice.cli('account', 'reinstate', 'acme', '--reason', 'cleaned up');
  t.equal(back.code, 0, back.stderr);
  t.match(await swaks('submission', '--tls', ...login('correct horse')), /<~ {2}250 2\.0\.0 Ok/);
});

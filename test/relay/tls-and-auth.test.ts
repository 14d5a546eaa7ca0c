import t from 'tap';
import { createRelayLogin } from '../../src/relay/login.js';
import { startRelaySink } from '../support/relay-sink.js';
import { makeCertificates } from './certificates.js';
import { CLIENT, path, poolOptions, sendMessage, startPool } from './pool-for-tests.js';

const { ca, server } = makeCertificates(['DNS:relay.example', 'IP:127.0.0.1']);
const other = makeCertificates(['DNS:other.example']);
const AUTH = { username: 'sluice', password: 'geheim ü' };

t.test('STARTTLS with a certificate that holds, for the address and for another name', async (t) => {
  const sink = await startRelaySink(t, { tls: server });
  for (const servername of [undefined, 'relay.example']) {
    const tls = { mode: 'verify', ca, ...(servername === undefined ? {} : { servername }) } as const;
    const session = await startPool(t, sink.port, { tls }).acquire(CLIENT);
    t.equal((await sendMessage(session, 'x\r\n')).code, 250);
    t.equal((await sink.nextMessage()).tls, true);
  }
  t.equal(sink.commands.filter(({ verb }) => verb === 'EHLO').length, 4, 'EHLO again under TLS');
});

t.test('a certificate that does not hold, or no STARTTLS: no connection', async (t) => {
  const cases = [
    { script: { tls: server }, tls: { mode: 'verify' }, message: /TLS failed: unable to/ },
    { script: { tls: other.server }, tls: { mode: 'verify', ca: other.ca }, message: /TLS failed: .*altnames/ },
    { script: {}, tls: { mode: 'verify', ca }, message: /offers no STARTTLS/ },
    {
      script: { tls: server, steps: { STARTTLS: '454 4.7.0 not now' } },
      tls: { mode: 'verify', ca },
      message: /refused STARTTLS: 454/,
    },
  ] as const;
  for (const { script, tls, message } of cases) {
    const sink = await startRelaySink(t, script);
    const pool = startPool(t, sink.port, { tls });
    await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'tls', message });
    t.notOk(sink.commands.some(({ verb }) => verb === 'MAIL'));
  }
});

t.test('opportunistic: TLS where it is offered, clear where it is not or fails', async (t) => {
  const cases = [
    { script: { tls: other.server }, secured: true },
    { script: {}, secured: false },
    { script: { tls: server, steps: { STARTTLS: '454 4.7.0 not now' } }, secured: false },
    // A handshake that fails: the next connection is made without.
    { script: { tls: server, steps: { STARTTLS: { reply: '220 go', hangUp: 'close' } } }, secured: false },
  ] as const;
  for (const { script, secured } of cases) {
    const sink = await startRelaySink(t, script);
    const session = await startPool(t, sink.port, { tls: { mode: 'opportunistic' } }).acquire(CLIENT);
    t.equal((await sendMessage(session, 'x\r\n')).code, 250);
    t.equal((await sink.nextMessage()).tls, secured);
  }
});

t.test('TLS from the first byte', async (t) => {
  const sink = await startRelaySink(t, { tls: server, implicitTls: true });
  const session = await startPool(t, sink.port, { tls: { mode: 'verify', ca }, implicitTls: true }).acquire(CLIENT);
  const long = `${'x'.repeat(998)}\r\n`.repeat(100);
  t.equal((await sendMessage(session, long)).code, 250);
  t.equal((await sink.nextMessage()).wire.toString(), long);
});

t.test('a reply put behind the 220 of STARTTLS is not believed', async (t) => {
  for (const injected of ['250 2.0.0 injected\r\n', '250-half']) {
    const steps = { STARTTLS: { reply: Buffer.from(`220 go\r\n${injected}`) } };
    const sink = await startRelaySink(t, { tls: server, steps });
    const pool = startPool(t, sink.port, { tls: { mode: 'verify', ca } });
    await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'protocol' });
  }
});

t.test('AUTH at the relay by PLAIN, or LOGIN where only that is offered', async (t) => {
  for (const authMechanisms of [['CRAM-MD5', 'LOGIN', 'PLAIN'], ['LOGIN']]) {
    const sink = await startRelaySink(t, { credentials: { sluice: 'geheim ü' }, authMechanisms });
    const session = await startPool(t, sink.port, { auth: AUTH }).acquire(CLIENT);
    t.equal((await sendMessage(session, 'x\r\n')).code, 250);
    t.equal(sink.sessions[0]?.username, 'sluice');
  }
});

t.test('AUTH that is refused, or offers nothing that we speak, is a failure to connect', async (t) => {
  const cases = [
    { script: { credentials: {} }, message: /AUTH was refused: 535 5\.7\.8/ },
    {
      script: { credentials: {}, authMechanisms: ['GSSAPI'] },
      message: /neither AUTH PLAIN nor LOGIN \(offered: GSSAPI\)/,
    },
    { script: {}, message: /offered: none/ },
  ];
  for (const { script, message } of cases) {
    const sink = await startRelaySink(t, script);
    const pool = startPool(t, sink.port, { auth: AUTH });
    await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'auth', message });
  }
});

t.test('credentials never go in clear where TLS was wanted', async (t) => {
  const sink = await startRelaySink(t, { credentials: { sluice: 'geheim ü' } });
  const pool = startPool(t, sink.port, { auth: AUTH, tls: { mode: 'opportunistic' } });
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', reason: 'auth', message: /not sent in clear/ });
  t.notOk(sink.commands.some(({ verb }) => verb === 'AUTH'));
});

t.test('a login is asked of the relay, each on its own connection', async (t) => {
  const sink = await startRelaySink(t, { credentials: { 'jane@example.com': 'right' } });
  const login = createRelayLogin(poolOptions(sink.port));
  t.equal(await login('jane@example.com', 'right'), 'accepted');
  t.equal(await login('jane@example.com', 'wrong'), 'refused');
  t.equal(await login('jane@example.com\0x', 'right'), 'refused');
  t.equal(sink.sessions.length, 2);
  sink.script = { ...sink.script, steps: { AUTH: '454 4.7.0 try later' } };
  await t.rejects(login('jane@example.com', 'right'), {
    name: 'RelayFailure',
    reason: 'auth',
    message: /454 4\.7\.0 try later/,
  });
  await sink.until(() => sink.openSessions === 0, 'the connections to end');
  await sink.stop();
  await t.rejects(login('jane@example.com', 'right'), { name: 'RelayFailure', reason: 'unreachable' });
});

t.test('the session keeps its capabilities as learnt under TLS', async (t) => {
  const sink = await startRelaySink(t, {
    tls: server,
    steps: { EHLO: ({ chunk }) => (chunk > 2 ? '250-sink\n250-REQUIRETLS\n250 SIZE 7' : undefined) },
  });
  const session = await startPool(t, sink.port, { tls: { mode: 'verify', ca } }).acquire(CLIENT);
  t.match(session.capabilities, { requireTls: true, size: 7, pipelining: false });
  t.equal((await session.mail(path('a@b'))).code, 250);
  session.release();
});

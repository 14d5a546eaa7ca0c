import t from 'tap';
import { startRelaySink } from '../support/relay-sink.js';
import { CLIENT, keepingLog, path, sendMessage, startPool } from './pool-for-tests.js';

const ATTRIBUTES = ['NAME', 'ADDR', 'PORT', 'PROTO', 'HELO', 'LOGIN'];
const OTHER = { ...CLIENT, address: '2001:db8::9', port: 7, name: null, login: 'jane doe' };

t.test('XCLIENT: each client is told before its MAIL, and not twice', async (t) => {
  const sink = await startRelaySink(t, { xclient: ATTRIBUTES });
  const pool = startPool(t, sink.port, { identity: 'xclient', limit: 1 });
  for (const client of [CLIENT, CLIENT, OTHER]) await sendMessage(await pool.acquire(client), 'x\r\n');
  const verbs = sink.commands.map(({ verb }) => verb).filter((verb) => !['RCPT', 'DATA', 'END'].includes(verb));
  t.strictSame(verbs, ['CONNECT', 'EHLO', 'XCLIENT', 'EHLO', 'MAIL', 'MAIL', 'XCLIENT', 'EHLO', 'MAIL']);
  t.match(sink.messages[1]?.xclient, { ADDR: '192.0.2.7', NAME: 'client.example', LOGIN: '[UNAVAILABLE]' });
  t.match(sink.messages[2]?.xclient, { ADDR: 'IPV6:2001:db8::9', NAME: '[UNAVAILABLE]', LOGIN: 'jane+20doe' });
});

t.test('XCLIENT that cannot be taken back: another client gets another connection', async (t) => {
  const sink = await startRelaySink(t, {
    xclient: ATTRIBUTES,
    // After XCLIENT it is offered no more, as by a relay that trusts by the client's address.
    steps: { EHLO: ({ chunk }) => (chunk > 1 ? '250-sink\n250 PIPELINING' : undefined) },
  });
  const pool = startPool(t, sink.port, { identity: 'xclient', limit: 1 });
  for (const client of [CLIENT, CLIENT, OTHER]) await sendMessage(await pool.acquire(client), 'x\r\n');
  t.strictSame(
    sink.messages.map(({ sessionId }) => sessionId),
    [1, 1, 2],
  );
  t.equal(sink.messages[2]?.xclient.PORT, '7');
});

t.test("the relay's refusal of the client is the reply to MAIL", async (t) => {
  const sink = await startRelaySink(t, { xclient: ATTRIBUTES, steps: { XCLIENT: '550 5.7.1 client blocked' } });
  const pool = startPool(t, sink.port, { identity: 'xclient' });
  const session = await pool.acquire(CLIENT);
  t.strictSame(await session.mail(path('a@b')), { code: 550, lines: ['5.7.1 client blocked'] });
  session.release();
  const deferred = await pool.acquire(CLIENT);
  t.match(await deferred.envelope(path('a@b'), [path('c@d')]), { mail: { code: 550 }, data: null });
  deferred.release();
  t.equal(pool.usage.open, 0, 'its state is unknown: not used again');
  t.notOk(sink.commands.some(({ verb }) => verb === 'MAIL'));
});

t.test('XCLIENT on a stale connection goes to a fresh one', async (t) => {
  const sink = await startRelaySink(t, { xclient: ATTRIBUTES });
  const pool = startPool(t, sink.port, { identity: 'xclient' });
  await sendMessage(await pool.acquire(CLIENT), 'x\r\n');
  sink.script = {
    ...sink.script,
    steps: { XCLIENT: ({ sessionId }) => (sessionId === 1 ? { hangUp: 'destroy' } : undefined) },
  };
  await sendMessage(await pool.acquire(OTHER), 'x\r\n');
  t.match(sink.messages[1], { sessionId: 2, xclient: { LOGIN: 'jane+20doe' } });
});

t.test('AUTH again after XCLIENT, unless the relay was told a login', async (t) => {
  const sink = await startRelaySink(t, { xclient: ATTRIBUTES, credentials: { sluice: 'x' } });
  const pool = startPool(t, sink.port, { identity: 'xclient', limit: 1, auth: { username: 'sluice', password: 'x' } });
  for (const client of [CLIENT, OTHER]) await sendMessage(await pool.acquire(client), 'x\r\n');
  const verbs = sink.commands.map(({ verb }) => verb).filter((verb) => ['AUTH', 'XCLIENT', 'MAIL'].includes(verb));
  t.strictSame(verbs, ['AUTH', 'XCLIENT', 'AUTH', 'MAIL', 'XCLIENT', 'MAIL']);
});

t.test('XFORWARD goes with each MAIL, in one write, and its refusal stops nothing', async (t) => {
  const sink = await startRelaySink(t, { xforward: ['NAME', 'ADDR', 'IDENT'] });
  const pool = startPool(t, sink.port, { identity: 'xforward' });
  await sendMessage(await pool.acquire(CLIENT), 'x\r\n');
  t.strictSame(sink.messages[0]?.xforward, { NAME: 'client.example', ADDR: '192.0.2.7', IDENT: 'T1' });
  const [forward, mail] = sink.commands.slice(2);
  t.strictSame([forward?.verb, mail?.verb], ['XFORWARD', 'MAIL']);
  t.equal(forward?.chunk, mail?.chunk);
  sink.script = { ...sink.script, steps: { XFORWARD: '501 5.5.4 bad' } };
  t.equal((await sendMessage(await pool.acquire({ ...CLIENT, ident: 'T2' }), 'x\r\n')).code, 250);
  t.match(
    sink.commands.find(({ line }) => line.includes('IDENT=T2')),
    { verb: 'XFORWARD' },
  );
});

t.test('a relay that offers no XCLIENT is used without, and the log says so', async (t) => {
  const sink = await startRelaySink(t);
  const log = keepingLog();
  const pool = startPool(t, sink.port, { identity: 'xclient' }, log);
  t.equal((await sendMessage(await pool.acquire(CLIENT), 'x\r\n')).code, 250);
  t.match(log.lines, [{ level: 'warn', message: /does not let us say who the client is/ }]);
});

import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { RelayPool } from '../../src/relay/contract.js';
import { startRelaySink } from '../support/relay-sink.js';
import { CLIENT, keepingLog, path, sendMessage, startPool } from './pool-for-tests.js';

/** Sends a message and says which of these relays got it. */
async function relayUsed(pool: RelayPool): Promise<string> {
  const session = await pool.acquire(CLIENT);
  const reply = await sendMessage(session, 'x\r\n');
  return reply.code === 250 ? session.relay : `${reply.code}`;
}

t.test('connections are bounded; who finds none free waits in line', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port, { limit: 2 });
  const [first, second] = await Promise.all([pool.acquire(CLIENT), pool.acquire(CLIENT)]);
  const order: string[] = [];
  const third = pool.acquire(CLIENT).then((session) => {
    order.push('third');
    return session;
  });
  const fourth = pool.acquire(CLIENT).then((session) => {
    order.push('fourth');
    return session;
  });
  t.strictSame(pool.usage, { open: 2, idle: 0, waiting: 2, limit: 2 });
  first?.release();
  (await third).release();
  (await fourth).release();
  second?.abandon();
  t.strictSame(order, ['third', 'fourth']);
  t.equal(sink.sessions.length, 2);
  t.strictSame(pool.usage, { open: 1, idle: 1, waiting: 0, limit: 2 });
});

t.test('waiting has a time limit', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port, { limit: 1, timeouts: { acquireMs: 50 } });
  const session = await pool.acquire(CLIENT);
  const message = /no free relay connection within 0\.05 s \(1 of 1 open\)/;
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'timeout', message });
  session.release();
  t.equal((await sendMessage(await pool.acquire(CLIENT), 'x\r\n')).code, 250);
});

t.test('a connection that breaks makes room for who waits', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port, { limit: 1 });
  const session = await pool.acquire(CLIENT);
  const next = pool.acquire(CLIENT);
  session.abandon();
  t.equal((await sendMessage(await next, 'x\r\n')).code, 250);
  t.equal(sink.sessions.length, 2);
});

t.test('what is closed while idle is dropped at once', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port);
  await relayUsed(pool);
  t.equal(pool.usage.idle, 1);
  for (const leave of ['421 4.4.2 idle for too long\r\n', null]) {
    const last = sink.sessions.at(-1);
    if (leave !== null) last?.say(leave);
    last?.close();
    await sink.until(() => sink.openSessions === 0, 'the connection to end');
    t.match(await relayUsed(pool), /^127/);
  }
  t.equal(sink.sessions.length, 3);
});

t.test('a stale connection that only MAIL finds out is replaced by a fresh one, once', async (t) => {
  const sink = await startRelaySink(t);
  for (const answer of [
    { hangUp: 'destroy' },
    { hangUp: 'close' },
    { reply: '421 4.4.2 too late', hangUp: 'close' },
  ] as const) {
    const pool = startPool(t, sink.port);
    await relayUsed(pool);
    const stale = sink.sessions.length;
    sink.script = { steps: { MAIL: ({ sessionId }) => (sessionId === stale ? answer : undefined) } };
    t.match(await relayUsed(pool), /^127/);
    t.equal(sink.sessions.length, stale + 1);

    const session = await pool.acquire(CLIENT);
    sink.script = { steps: { MAIL: ({ sessionId }) => (sessionId === stale + 1 ? answer : undefined) } };
    const replies = await session.envelope(path('a@b'), [path('c@d')]);
    t.strictSame([replies.mail.code, replies.recipients[0]?.code, replies.data?.code], [250, 250, 354], 'deferred too');
    session.abandon();
    sink.script = {};
  }
});

t.test('a fresh connection that closes at MAIL is not tried again, nor one where MAIL was accepted', async (t) => {
  const sink = await startRelaySink(t, { steps: { MAIL: { hangUp: 'close' } } });
  const pool = startPool(t, sink.port);
  await t.rejects((await pool.acquire(CLIENT)).mail(path('a@b')), {
    name: 'RelayFailure',
    stage: 'envelope',
    reason: 'closed',
  });
  t.equal(sink.sessions.length, 1);

  sink.script = {};
  await relayUsed(pool);
  sink.script = { steps: { RCPT: { hangUp: 'close' } } };
  const session = await pool.acquire(CLIENT);
  await t.rejects(session.envelope(path('a@b'), [path('c@d')]), {
    name: 'RelayFailure',
    stage: 'envelope',
    reason: 'closed',
  });
  session.release();
  t.equal(sink.sessions.length, 2);
});

t.test('all connections are stale after a relay restart, and no transaction suffers', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port, { limit: 3 });
  const sessions = await Promise.all([1, 2, 3].map(() => pool.acquire(CLIENT)));
  for (const session of sessions) session.release();
  t.equal(pool.usage.idle, 3);
  await sink.stop();
  await sink.restart();
  const used = await Promise.all([1, 2, 3].map(() => relayUsed(pool)));
  t.strictSame(new Set(used), new Set([`127.0.0.1:${sink.port}`]));
});

t.test('an idle connection is closed in time, a used up one at once, a surplus one too', async (t) => {
  const sink = await startRelaySink(t);
  await relayUsed(startPool(t, sink.port, { idleTimeoutMs: 30 }));
  await sink.nextCommand('QUIT');
  await relayUsed(startPool(t, sink.port, { maxTransactionsPerConnection: 1 }));
  await sink.nextCommand('QUIT');
  await relayUsed(startPool(t, sink.port, { maxIdle: 0 }));
  await sink.nextCommand('QUIT');
  await sink.until(() => sink.openSessions === 0, 'all connections to end');
});

t.test('RSET that is refused costs the connection, not the next transaction', async (t) => {
  const sink = await startRelaySink(t, { steps: { RSET: '500 5.5.1 no RSET here' } });
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  await session.mail(path('a@b'));
  session.release();
  const next = await pool.acquire(CLIENT);
  t.equal((await next.mail(path('new@b'))).code, 250);
  t.equal(sink.sessions.length, 2);
  next.release();
});

t.test('a relay that is down is noticed, refused at once, and used again when it is back', async (t) => {
  const sink = await startRelaySink(t);
  const log = keepingLog();
  const pool = startPool(t, sink.port, {}, log);
  t.equal(pool.capabilities, null);
  t.equal(await pool.probe(), true);
  t.match(pool.capabilities, { pipelining: true });
  await sink.stop();
  await t.rejects(relayUsed(pool), {
    name: 'RelayFailure',
    stage: 'connect',
    reason: 'unreachable',
    message: /ECONNREFUSED/,
  });
  t.match(pool.hosts, [{ up: false, lastError: /ECONNREFUSED/ }]);
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', reason: 'unreachable' }, 'without another attempt');
  t.match(pool.capabilities, { pipelining: true }, 'what it could is remembered');
  await sink.restart();
  await sink.nextCommand('EHLO');
  while (pool.hosts[0]?.up !== true) await new Promise((resolve) => setImmediate(resolve));
  t.match(await relayUsed(pool), /^127/);
  const said = log.lines.filter(({ level }) => level !== 'debug').map(({ message }) => message);
  t.strictSame(said, ['relay is down', 'relay is up again'], 'each said once');
});

t.test('the relays in order of preference, and back to the first when it is up', async (t) => {
  const [first, second] = [await startRelaySink(t), await startRelaySink(t)];
  const hosts = [first, second].map(({ port }) => ({ host: '127.0.0.1', port }));
  const pool = startPool(t, 0, { hosts });
  const names = hosts.map(({ host, port }) => `${host}:${port}`);
  t.equal(await relayUsed(pool), names[0]);
  await first.stop();
  t.equal(await relayUsed(pool), names[1]);
  t.equal(await relayUsed(pool), names[1]);
  await first.restart();
  while (pool.hosts[0]?.up !== true) await new Promise((resolve) => setImmediate(resolve));
  t.equal(await relayUsed(pool), names[0]);
});

t.test('round robin takes each relay in turn, and skips one that is down', async (t) => {
  const sinks = [await startRelaySink(t), await startRelaySink(t), await startRelaySink(t)];
  const hosts = sinks.map(({ port }) => ({ host: '127.0.0.1', port }));
  const pool = startPool(t, 0, { hosts, strategy: 'round-robin' });
  for (let i = 0; i < 6; i += 1) await relayUsed(pool);
  t.strictSame(
    sinks.map(({ messages }) => messages.length),
    [2, 2, 2],
  );
  await sinks[1]?.stop();
  for (let i = 0; i < 6; i += 1) await relayUsed(pool);
  t.equal((sinks[0]?.messages.length ?? 0) + (sinks[2]?.messages.length ?? 0), 10);
});

t.test('we announce what all relays can', async (t) => {
  const [first, second] = [await startRelaySink(t), await startRelaySink(t, { ehlo: ['PIPELINING', 'SIZE 1000'] })];
  const hosts = [first, second].map(({ port }) => ({ host: '127.0.0.1', port }));
  const pool = startPool(t, 0, { hosts });
  await pool.probe();
  t.match(pool.capabilities, { pipelining: true, smtpUtf8: false, size: 1000 });
  await second.stop();
  t.equal(await pool.probe(), true, 'one is enough');
  t.match(pool.capabilities, { smtpUtf8: true, size: 52428800 });
});

t.test('a relay that limits our connections is not down while some are in use', async (t) => {
  const sink = await startRelaySink(t, {
    steps: {
      CONNECT: ({ sessionId }) =>
        sessionId > 1 ? { reply: '421 4.7.0 too many connections', hangUp: 'close' } : undefined,
    },
  });
  const pool = startPool(t, sink.port, { limit: 5 });
  const first = await pool.acquire(CLIENT);
  const second = pool.acquire(CLIENT);
  await sink.until(() => sink.sessions.length > 1 && sink.openSessions === 1, 'a second connection to be refused');
  t.equal((await sendMessage(first, 'x\r\n')).code, 250);
  t.equal((await sendMessage(await second, 'y\r\n')).code, 250);
});

t.test('a connection that comes too late for one serves the next', async (t) => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sink = await startRelaySink(t, { steps: { CONNECT: () => gate.then(() => undefined) } });
  const pool = startPool(t, sink.port, { timeouts: { acquireMs: 40 } });
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', reason: 'timeout' });
  open();
  await sink.nextCommand('EHLO');
  while (pool.usage.idle === 0) await new Promise((resolve) => setImmediate(resolve));
  t.match(await relayUsed(pool), /^127/);
  t.equal(sink.sessions.length, 1);
});

t.test('a relay on a unix socket', async (t) => {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-relay-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  const socket = join(directory, 'smtp');
  const sink = await startRelaySink(t, {}, socket);
  t.equal(await relayUsed(startPool(t, 0, { hosts: [{ path: socket }] })), socket);
  t.equal(sink.messages.length, 1);
});

t.test('a relay that takes connections and says nothing is given up in time', async (t) => {
  const server = net.createServer((socket) => socket.on('error', () => {}));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pool = startPool(t, (server.address() as net.AddressInfo).port, { timeouts: { greetingMs: 50 } });
  t.equal(await pool.probe(), false);
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'timeout' });
  await pool.close();
  server.close();
});

t.test('close ends everything, and says so to who waits', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port, { limit: 2 });
  const [busy, idle] = await Promise.all([pool.acquire(CLIENT), pool.acquire(CLIENT)]);
  await busy?.mail(path('a@b'));
  const waiting = pool.acquire(CLIENT);
  const refused = t.rejects(waiting, { name: 'RelayFailure', reason: 'closed' });
  await pool.close();
  await refused;
  await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', reason: 'closed' });
  idle?.release();
  await sink.until(() => sink.openSessions === 0, 'all connections to end');
  t.equal(pool.usage.open, 0);
});

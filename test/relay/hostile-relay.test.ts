import { once } from 'node:events';
import net from 'node:net';
import t from 'tap';
import { Channel } from '../../src/relay/channel.js';
import { type SinkScript, startRelaySink } from '../support/relay-sink.js';
import { CLIENT, path, sendMessage, startPool } from './pool-for-tests.js';

const PROTOCOL = { name: 'RelayFailure', reason: 'protocol' };

t.test('what it says instead of a reply ends the connection, and is no reply', async (t) => {
  const answers: Record<string, string | Buffer> = {
    'an endless reply': '250-and so on\r\n'.repeat(5000),
    'a line of 1 MB': `250 ${'x'.repeat(1_000_000)}`,
    binary: Buffer.from([0, 255, 254, 10, 13, 10, 0, 10]),
    'two codes in one reply': '250-yes\r\n550 no',
    'another protocol': 'HTTP/1.1 400 Bad Request\r\n\r\n',
    'a reply too many': '250 2.1.0 Ok\r\n250 2.1.5 Ok in advance',
  };
  for (const [name, answer] of Object.entries(answers)) {
    const sink = await startRelaySink(t, { steps: { RCPT: { reply: answer } } });
    const pool = startPool(t, sink.port);
    const session = await pool.acquire(CLIENT);
    await session.mail(path('a@b'));
    // The reply too many comes after a good one: whoever is next must not get it.
    const outcome = session.recipients([path('c@d')]).then(() => session.data());
    await t.rejects(outcome, PROTOCOL, name);
    session.release();
    t.equal(pool.usage.open, 0, `${name}: the connection is not used again`);
    await sink.until(() => sink.openSessions === 0, 'the connection to end');
    t.equal(sink.ended.length, 0);
  }
});

t.test('a reply of a class that answers something else ends the connection', async (t) => {
  const wrong = { MAIL: '354 go on', RCPT: '354 go on', DATA: '250 2.0.0 Ok', END: '354 more', RSET: '354 go on' };
  for (const [verb, reply] of Object.entries(wrong)) {
    const sink = await startRelaySink(t, { steps: { [verb]: reply } });
    const pool = startPool(t, sink.port);
    const session = await pool.acquire(CLIENT);
    if (verb === 'RSET') {
      await session.mail(path('a@b'));
      session.release();
      await sink.until(() => sink.openSessions === 0, 'the connection to end');
    } else {
      await t.rejects(
        sendMessage(session, 'x\r\n'),
        { ...PROTOCOL, message: new RegExp(`said ${reply.slice(0, 3)} to`) },
        verb,
      );
      session.abandon();
    }
    t.equal(pool.usage.open, 0);
  }
});

t.test('a relay that speaks before it is asked is not believed', async (t) => {
  const scripts: Record<string, SinkScript> = {
    'with its greeting': { steps: { CONNECT: '220 hello\r\n250 and the reply to your EHLO' } },
    'after EHLO': { steps: { EHLO: '250 sink\r\n250 2.1.0 MAIL is fine' } },
  };
  for (const [name, script] of Object.entries(scripts)) {
    const sink = await startRelaySink(t, script);
    const session = startPool(t, sink.port)
      .acquire(CLIENT)
      .then((acquired) => acquired.mail(path('a@b')));
    await t.rejects(session, PROTOCOL, name);
  }
});

t.test('half a reply to nothing is not made whole by the next', async (t) => {
  const server = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.write('250 sneaked i');
  });
  server.listen(0, '127.0.0.1');
  t.teardown(() => server.close());
  await once(server, 'listening');
  const socket = net.connect((server.address() as net.AddressInfo).port, '127.0.0.1');
  const channel = new Channel(socket, 'hostile');
  await once(socket, 'data');
  const sent = channel.send('RCPT TO:<c@d>', { name: 'RCPT', stage: 'envelope', timeoutMs: 5000 });
  await t.rejects(sent, { ...PROTOCOL, message: /unasked/ });
  t.equal(socket.destroyed, true);
});

t.test('each step has its time limit, and the error says which', async (t) => {
  const silent = { CONNECT: null, EHLO: null, MAIL: null, RCPT: null, DATA: null, END: null };
  const limits = { greetingMs: 60, mailMs: 60, recipientMs: 60, dataMs: 60, finalDotMs: 60 };
  const said = {
    CONNECT: ['connect', /no reply to connecting within 0\.06 s/],
    EHLO: ['connect', /no reply to EHLO/],
    MAIL: ['envelope', /no reply to MAIL/],
    RCPT: ['envelope', /no reply to RCPT/],
    DATA: ['data', /no reply to DATA/],
    END: ['final-dot', /no reply to the final dot/],
  } as const;
  for (const verb of Object.keys(silent) as (keyof typeof silent)[]) {
    const sink = await startRelaySink(t, { steps: { [verb]: null } });
    const pool = startPool(t, sink.port, { timeouts: limits });
    const [stage, message] = said[verb];
    const outcome = pool.acquire(CLIENT).then((session) => sendMessage(session, 'x\r\n'));
    await t.rejects(outcome, { name: 'RelayFailure', reason: 'timeout', stage, message }, verb);
  }
});

t.test('a relay that dribbles bytes gets no more time', async (t) => {
  const sink = await startRelaySink(t, {
    steps: {
      MAIL: ({ sessionId }) => {
        const timer = setInterval(() => sink.sessions[sessionId - 1]?.say('2'), 10);
        t.teardown(() => clearInterval(timer));
        return null;
      },
    },
  });
  const session = await startPool(t, sink.port, { timeouts: { mailMs: 100 } }).acquire(CLIENT);
  await t.rejects(session.mail(path('a@b')), { name: 'RelayFailure', reason: 'timeout' });
  session.abandon();
});

t.test('a relay that takes no message bytes is given up', async (t) => {
  const sink = await startRelaySink(t, { keep: false });
  const session = await startPool(t, sink.port, { timeouts: { blockMs: 150 } }).acquire(CLIENT);
  await session.mail(path('a@b'));
  await session.recipients([path('c@d')]);
  await session.data();
  sink.sessions[0]?.pause();
  const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(1024));
  const writing = (async () => {
    for (let i = 0; i < 100; i += 1) await session.write(block);
  })();
  await t.rejects(writing, {
    name: 'RelayFailure',
    stage: 'data',
    reason: 'timeout',
    message: /took no message bytes/,
  });
  session.abandon();
});

t.test('a slow reply is waited for', async (t) => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sink = await startRelaySink(t, { steps: { END: () => gate.then(() => '250 2.0.0 late') } });
  const sending = sendMessage(await startPool(t, sink.port).acquire(CLIENT), 'x\r\n');
  await sink.nextCommand('END');
  open();
  t.strictSame(await sending, { code: 250, lines: ['2.0.0 late'] });
});

t.test('a greeting or EHLO that refuses us is a relay that cannot be reached', async (t) => {
  const cases = [
    { steps: { CONNECT: '554 no mail here' }, message: /greeted us with 554 no mail here/ },
    { steps: { CONNECT: '421 4.3.2 busy' }, message: /greeted us with 421 4\.3\.2 busy/ },
    { steps: { EHLO: '421 4.3.2 busy' }, message: /EHLO was answered 421/ },
    { steps: { EHLO: '502 what', HELO: '502 what' }, message: /HELO was answered 502/ },
  ];
  for (const { steps, message } of cases) {
    const sink = await startRelaySink(t, { steps });
    const pool = startPool(t, sink.port);
    await t.rejects(pool.acquire(CLIENT), { name: 'RelayFailure', stage: 'connect', reason: 'unreachable', message });
  }
});

t.test('a relay that knows only HELO', async (t) => {
  const sink = await startRelaySink(t, { steps: { EHLO: '500 5.5.1 what' } });
  const session = await startPool(t, sink.port).acquire(CLIENT);
  t.match(session.capabilities, { pipelining: false, eightBitMime: false, size: null });
  t.equal((await sendMessage(session, 'x\r\n')).code, 250);
});

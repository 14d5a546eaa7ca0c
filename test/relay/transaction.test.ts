import t from 'tap';
import { RelayFailure } from '../../src/relay/contract.js';
import { startRelaySink } from '../support/relay-sink.js';
import { CLIENT, path, sendMessage, startPool } from './pool-for-tests.js';

t.test('a message goes through to the letter, and the connection serves the next', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  t.equal(session.relay, `127.0.0.1:${sink.port}`);
  t.match(session.capabilities, { pipelining: true, smtpUtf8: true, size: 52428800, dsn: true, requireTls: false });
  t.strictSame(await session.mail(path('A.b@Example.COM', 'BODY=8BITMIME', 'SIZE=12')), {
    code: 250,
    lines: ['2.0.0 Ok'],
  });
  await session.recipients([path('"x y"@d.example', 'NOTIFY=NEVER'), path('c@d.example')]);
  t.equal((await session.data()).code, 354);
  await session.write(Buffer.from('..dot\r\n\x00\xff\x1a\r\n', 'latin1'));
  const reply = await session.finish(Buffer.from('end\r\n'));
  t.equal(reply.code, 250);
  t.match(reply.lines[0], /^2\.0\.0 Ok: queued as /);
  session.release();

  const message = await sink.nextMessage();
  t.equal(message.mail, '<A.b@Example.COM>');
  t.strictSame(message.mailParameters, ['BODY=8BITMIME', 'SIZE=12']);
  t.strictSame(message.recipients, [
    { path: '<"x y"@d.example>', parameters: ['NOTIFY=NEVER'] },
    { path: '<c@d.example>', parameters: [] },
  ]);
  t.equal(message.wire.toString('latin1'), '..dot\r\n\x00\xff\x1a\r\nend\r\n');

  t.equal((await sendMessage(await pool.acquire(CLIENT), '')).code, 250);
  t.equal((await sink.nextMessage()).size, 0);
  t.equal(sink.sessions.length, 1, 'one connection served both');
  t.notOk(
    sink.commands.some((command) => command.verb === 'RSET'),
    'no RSET is needed after a message',
  );
});

t.test('recipients leave in one write and are answered in order, word for word', async (t) => {
  const sink = await startRelaySink(t, {
    steps: {
      RCPT: ({ line }) => {
        if (line.includes('bad')) return '550-5.1.1 <bad>: no such user\n550 5.1.1  see http://x/y';
        if (line.includes('utf8')) return Buffer.from('452 4.2.2 Postfach von Jürgen ist voll\r\n').toString('latin1');
        if (line.includes('latin1')) return '553 5.1.3 J\xfcrgen';
        return undefined;
      },
    },
  });
  const session = await startPool(t, sink.port).acquire(CLIENT);
  await session.mail(path('a@b'));
  const replies = await session.recipients([path('ok@c'), path('bad@c'), path('utf8@c'), path('latin1@c')]);
  t.strictSame(replies, [
    { code: 250, lines: ['2.1.5 Ok'] },
    { code: 550, lines: ['5.1.1 <bad>: no such user', '5.1.1  see http://x/y'] },
    { code: 452, lines: ['4.2.2 Postfach von Jürgen ist voll'] },
    { code: 553, lines: ['5.1.3 Jürgen'] },
  ]);
  const chunks = new Set(sink.commands.filter((command) => command.verb === 'RCPT').map((command) => command.chunk));
  t.equal(chunks.size, 1, 'one write');
  session.release();
});

t.test('without PIPELINING each command waits for its reply', async (t) => {
  const sink = await startRelaySink(t, { ehlo: ['8BITMIME'] });
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  await session.mail(path('a@b'));
  t.equal((await session.recipients([path('c@d'), path('e@f')])).length, 2);
  session.release();
  const next = await pool.acquire(CLIENT);
  const { mail, recipients, data } = await next.envelope(path('a@b'), [path('c@d'), path('e@f')]);
  t.strictSame([mail.code, ...recipients.map(({ code }) => code), data?.code], [250, 250, 250, 354]);
  t.equal((await next.finish(Buffer.from('x\r\n'))).code, 250);
  next.release();
  const verbs = sink.commands.map((command) => command.verb);
  t.strictSame(verbs.slice(2), ['MAIL', 'RCPT', 'RCPT', 'RSET', 'MAIL', 'RCPT', 'RCPT', 'DATA', 'END']);
  const chunks = sink.commands.slice(1).map((command) => command.chunk);
  t.equal(new Set(chunks).size, chunks.length, 'each in a write of its own');
});

t.test('a deferred envelope is one write', async (t) => {
  const sink = await startRelaySink(t, {
    steps: { RCPT: ({ line }) => (line.includes('bad') ? '550 no' : undefined) },
  });
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  const replies = await session.envelope(path('a@b'), [path('bad@d'), path('e@f')]);
  t.strictSame(
    [replies.mail.code, replies.recipients.map(({ code }) => code), replies.data?.code],
    [250, [550, 250], 354],
  );
  t.equal((await session.finish(Buffer.from('x\r\n'))).code, 250);
  session.release();
  const chunks = sink.commands.filter(({ verb }) => ['MAIL', 'RCPT', 'DATA'].includes(verb)).map(({ chunk }) => chunk);
  t.equal(new Set(chunks).size, 1);
});

t.test('DATA that goes through with no recipient is ended by an empty message', async (t) => {
  const sink = await startRelaySink(t, {
    steps: { RCPT: '550 no', DATA: '354 go', END: '554 5.5.1 no valid recipients' },
  });
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  const replies = await session.envelope(path('a@b'), [path('c@d')]);
  t.strictSame(replies.data, { code: 554, lines: ['5.5.1 no valid recipients'] });
  t.equal((await sink.nextCommand('END')).line, '.');
  session.release();
  t.equal(sink.ended[0]?.size, 0);
  t.equal(pool.usage.idle, 1, 'the connection is good for the next');
});

t.test('release in mid-transaction sends RSET, and the next does not wait for it', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port);
  const first = await pool.acquire(CLIENT);
  await first.mail(path('gone@b'));
  await first.recipients([path('c@d')]);
  first.release();
  const second = await pool.acquire(CLIENT);
  t.equal((await second.mail(path('new@b'))).code, 250);
  const [reset, mail] = sink.commands.slice(-2);
  t.strictSame([reset?.verb, mail?.verb], ['RSET', 'MAIL']);
  t.equal(reset?.chunk, mail?.chunk, 'together in one write');
  second.release();
});

t.test('what was begun in a session that was given back reaches no other transaction', async (t) => {
  const sink = await startRelaySink(t, { ehlo: [] });
  const pool = startPool(t, sink.port, { limit: 1 });
  const first = await pool.acquire(CLIENT);
  await first.mail(path('gone@b'));
  // Without PIPELINING the second is still to be sent when the session is given back.
  const cut = t.rejects(first.recipients([path('one@d'), path('two@d')]), { name: 'RelayFailure', reason: 'closed' });
  first.release();
  await cut;
  await t.rejects(first.recipients([path('three@d')]), { name: 'RelayFailure', message: /given back/ });
  t.equal((await sendMessage(await pool.acquire(CLIENT), 'x\r\n', 'mine@d')).code, 250);
  t.strictSame(
    sink.messages.map(({ recipients }) => recipients.map(({ path }) => path)),
    [['<mine@d>']],
  );
});

t.test('a reply to MAIL that comes after the release changes nothing for the next', async (t) => {
  let open: () => void = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  const sink = await startRelaySink(t, {
    steps: { MAIL: ({ line }) => (line.includes('slow') ? gate.then(() => '550 5.7.1 not you') : undefined) },
  });
  const pool = startPool(t, sink.port, { limit: 1 });
  const first = await pool.acquire(CLIENT);
  const refused = first.mail(path('slow@b'));
  await sink.nextCommand('MAIL');
  first.release();
  const second = await pool.acquire(CLIENT);
  const accepted = second.mail(path('quick@b'));
  open();
  t.equal((await refused).code, 550);
  t.equal((await accepted).code, 250);
  second.release();
  await sink.nextCommand('RSET');
  await sink.nextCommand('RSET');
  t.equal(pool.usage.idle, 1);
});

t.test('a transaction given up after DATA costs the connection, and the relay keeps nothing', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port);
  for (const giveUp of ['release', 'abandon'] as const) {
    const session = await pool.acquire(CLIENT);
    await session.mail(path('a@b'));
    await session.recipients([path('c@d')]);
    await session.data();
    await session.write(Buffer.from('half a message\r\n'));
    session[giveUp]();
    await sink.until(() => sink.openSessions === 0, 'the connection to end');
  }
  t.equal(sink.ended.length, 0);
  t.strictSame(pool.usage, { open: 0, idle: 0, waiting: 0, limit: 4 });
});

t.test('a line end in a path is never sent', async (t) => {
  const sink = await startRelaySink(t);
  const session = await startPool(t, sink.port).acquire(CLIENT);
  await t.rejects(session.mail(path('a@b>\r\nRCPT TO:<evil@c')), TypeError);
  session.release();
  t.notOk(sink.commands.some((command) => command.verb === 'RCPT'));
});

t.test('421 is the reply to the pending commands, and ends the session', async (t) => {
  const sink = await startRelaySink(t, {
    steps: {
      RCPT: ({ line }) => (line.includes('two') ? { reply: '421 4.3.2 going down', hangUp: 'close' } : undefined),
    },
  });
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  await session.mail(path('a@b'));
  const replies = await session.recipients([path('one@d'), path('two@d'), path('three@d')]);
  t.strictSame(
    replies.map(({ code }) => code),
    [250, 421, 421],
  );
  t.strictSame(await session.data(), { code: 421, lines: ['4.3.2 going down'] });
  await t.rejects(session.write(Buffer.from('x\r\n')), { name: 'RelayFailure', stage: 'data', reason: 'closed' });
  session.release();
  t.equal(pool.usage.open, 0);
});

t.test('the relay goes away at each stage', async (t) => {
  const stages = [
    { steps: { RCPT: { hangUp: 'destroy' } }, stage: 'envelope', reason: 'closed' },
    { steps: { DATA: { hangUp: 'close' } }, stage: 'data', reason: 'closed' },
    { steps: { END: { hangUp: 'destroy' } }, stage: 'final-dot', reason: 'closed' },
    { steps: { END: { reply: '250 2.0.0 half a', hangUp: 'close' } }, stage: null, reason: null },
  ] as const;
  for (const { steps, stage, reason } of stages) {
    const sink = await startRelaySink(t, { steps });
    const session = await startPool(t, sink.port).acquire(CLIENT);
    const sent = sendMessage(session, 'x\r\n');
    if (stage === null) t.equal((await sent).code, 250);
    else await t.rejects(sent, { name: 'RelayFailure', stage, reason, message: /waiting for the reply to/ });
    session.abandon();
  }
});

t.test('a relay that dies in mid-data is noticed before the final dot', async (t) => {
  const sink = await startRelaySink(t, { destroyAfterDataBytes: 100_000 });
  const session = await startPool(t, sink.port).acquire(CLIENT);
  await session.mail(path('a@b'));
  await session.recipients([path('c@d')]);
  await session.data();
  const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(64));
  const failure = await (async () => {
    for (let i = 0; i < 10_000; i += 1) await session.write(block);
  })().catch((error: unknown) => error);
  t.ok(failure instanceof RelayFailure);
  t.match(failure, { stage: 'data', reason: 'closed' });
  session.abandon();
  t.equal(sink.ended.length, 0);
});

t.test('onClosed tells of a relay that leaves while nobody waits for it', async (t) => {
  const sink = await startRelaySink(t);
  const pool = startPool(t, sink.port);
  const session = await pool.acquire(CLIENT);
  let calls = 0;
  const closed = new Promise<void>((resolve) => {
    session.onClosed(() => {
      calls += 1;
      resolve();
    });
  });
  await session.mail(path('a@b'));
  sink.sessions[0]?.close();
  await closed;
  await t.rejects(session.recipients([path('c@d')]), { name: 'RelayFailure', stage: 'envelope', reason: 'closed' });
  session.release();
  t.equal(calls, 1);
});

t.test('a slow relay holds the writer back', async (t) => {
  const sink = await startRelaySink(t, { keep: false });
  const session = await startPool(t, sink.port).acquire(CLIENT);
  await session.mail(path('a@b'));
  await session.recipients([path('c@d')]);
  await session.data();
  sink.sessions[0]?.pause();
  const block = Buffer.from(`${'x'.repeat(998)}\r\n`.repeat(256));
  let written = 0;
  const writing = (async () => {
    for (let i = 0; i < 128; i += 1) {
      await session.write(block);
      written += 1;
    }
  })();
  // The kernel's buffers take some megabytes; when nothing moves for ten rounds, they are full.
  for (let quiet = 0, last = -1; quiet < 10; quiet = written === last ? quiet + 1 : 0) {
    last = written;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  t.ok(written < 128, `held back after ${written} of 128 blocks`);
  sink.sessions[0]?.resume();
  await writing;
  t.equal((await session.finish(Buffer.alloc(0))).code, 250);
  t.equal((await sink.nextMessage()).size, 128 * block.length);
  session.release();
});

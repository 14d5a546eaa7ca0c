import { randomBytes } from 'node:crypto';
import t from 'tap';
import { type DoorSettings, startDoor } from '../support/door.js';
import { type SinkScript, startRelaySink } from '../support/relay-sink.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';

const oneMessage: NonNullable<DoorSettings['rules']> = {
  'volume.messages': { limits: [{ count: 1, perMs: 3_600_000 }] },
};

async function start(t: Tap, script: SinkScript, settings: Partial<DoorSettings> = {}) {
  const sink = await startRelaySink(t, script);
  const door = await startDoor(t, { relayPort: sink.port, rules: oneMessage, ...settings });
  return { sink, door };
}

type Tap = Parameters<typeof startRelaySink>[0];

async function toData(port: number): Promise<SmtpClient> {
  const client = await connectSmtp({ port });
  await client.read();
  await client.command('EHLO client.example');
  await client.command('MAIL FROM:<a@b.example>');
  await client.command('RCPT TO:<x@c.example>');
  await client.command('DATA');
  return client;
}

async function send(client: SmtpClient, message: string) {
  client.write(message);
  return client.read();
}

/** The charge came back if another message finds room under a limit of one. */
async function hasRoom(port: number): Promise<boolean> {
  const client = await toData(port).catch(() => null);
  if (client === null) return false;
  client.write('x\r\n.\r\n');
  const reply = await client.read();
  client.destroy();
  return reply.code === 250;
}

t.test('the relay refuses the message: its words, and no charge', async (t) => {
  let refusing = true;
  const { door } = await start(t, { steps: { END: () => (refusing ? '554-5.7.1 no\n554 5.7.1 thanks' : undefined) } });
  const client = await toData(door.port);
  const reply = await send(client, 'x\r\n.\r\n');
  t.same([reply.code, ...reply.lines], [554, '5.7.1 no', '5.7.1 thanks']);
  t.match(await door.decided((one) => one.stage === 'message'), { ending: 'refused', by: 'relay', verdict: 'pass' });
  refusing = false;
  t.ok(await hasRoom(door.port));
  client.destroy();
});

t.test('the relay refuses DATA', async (t) => {
  const { door, sink } = await start(t, { steps: { DATA: '451 4.3.0 busy' } });
  const client = await toData(door.port);
  t.match(await send(client, 'x\r\n.\r\n'), { code: 451, text: '4.3.0 busy' });
  sink.script = {};
  t.ok(await hasRoom(door.port));
  client.destroy();
});

t.test('the relay dies after the final dot: unknown, and the charge stays', async (t) => {
  const { door } = await start(t, { steps: { END: { hangUp: 'destroy' } } });
  const client = await toData(door.port);
  t.match(await send(client, 'x\r\n.\r\n'), { code: 451, text: /^4\.4\.2 / });
  t.match(await door.decided((one) => one.stage === 'message'), { ending: 'unknown', verdict: 'defer' });
  await client.command('MAIL FROM:<a@b.example>');
  t.equal((await client.command('RCPT TO:<x@c.example>')).code, 450, 'the relay may have it, so it counts');
  client.destroy();
});

t.test('the relay dies at each step before: 451, nothing charged, the session goes on', async (t) => {
  for (const verb of ['MAIL', 'RCPT', 'DATA']) {
    let dying = true;
    const { door } = await start(t, { steps: { [verb]: () => (dying ? { hangUp: 'destroy' } : undefined) } });
    const client = await connectSmtp({ port: door.port });
    await client.read();
    await client.command('EHLO client.example');
    const replies: number[] = [];
    for (const line of ['MAIL FROM:<a@b.example>', 'RCPT TO:<x@c.example>', 'DATA']) {
      const { code } = await client.command(line);
      replies.push(code);
      if (code >= 400) break;
      if (code === 354) replies.push((await send(client, 'x\r\n.\r\n')).code);
    }
    t.equal(replies.at(-1), 451, `${verb}: ${replies.join(' ')}`);
    dying = false;
    await client.command('RSET');
    t.equal((await client.command('MAIL FROM:<a@b.example>')).code, 250);
    client.destroy();
    t.ok(await hasRoom(door.port), `${verb}: nothing charged`);
    t.same(door.defects, []);
  }
});

t.test('no relay: 451 4.4.1, and recovery by itself', async (t) => {
  const { door, sink } = await start(t, {});
  await sink.stop();
  const client = await connectSmtp({ port: door.port });
  await client.read();
  await client.command('EHLO client.example');
  t.match(await client.command('MAIL FROM:<a@b.example>'), { code: 451, text: /^4\.4\.1 / });
  await sink.restart();
  await door.pool.probe();
  t.ok(await hasRoom(door.port));
  client.destroy();
});

t.test('a pooled connection that the relay closed is replaced before anything was accepted', async (t) => {
  const { door, sink } = await start(t, {}, { rules: {} });
  t.ok(await hasRoom(door.port));
  await sink.stop();
  await sink.restart();
  await door.pool.probe();
  t.ok(await hasRoom(door.port));
});

t.test('the client leaves: before its message is whole nothing is sent, nothing charged', async (t) => {
  const { door, sink } = await start(t, {});
  const client = await toData(door.port);
  client.write('half a mess');
  client.destroy();
  t.match(await door.decided(() => true), { ending: 'aborted' });
  t.ok(await hasRoom(door.port));
  t.equal(sink.messages.length, 1);
});

t.test('the client leaves in mid-stream: the relay gets no final dot', async (t) => {
  const { door, sink } = await start(t, {}, { smtp: { inspectWindow: 1024 } });
  const client = await toData(door.port);
  client.write(`${'x'.repeat(70)}\r\n`.repeat(1000));
  await sink.nextCommand('DATA');
  client.destroy();
  t.match(await door.decided(() => true), { ending: 'aborted' });
  t.ok(await hasRoom(door.port));
  t.equal(sink.ended.length, 1, 'only the other message was ended');
});

t.test('a long message streams, a malformed or too large one is dropped in mid-stream', async (t) => {
  const { door, sink } = await start(t, {}, { rules: {}, smtp: { inspectWindow: 1024, maxMessageSize: 400_000 } });
  const line = `${randomBytes(35).toString('hex')}\r\n`;
  const good = await toData(door.port);
  const body = line.repeat(4000);
  t.equal((await send(good, `${body}.\r\n`)).code, 250);
  t.equal((await sink.nextMessage()).data.toString('latin1'), body);
  const bare = await toData(door.port);
  t.match(await send(bare, `${body}a\nb\r\n.\r\n`), { code: 554, text: /^5\.6\.11 / });
  const large = await toData(door.port);
  t.match(await send(large, `${body}${body}.\r\n`), { code: 552, text: /^5\.3\.4 / });
  t.equal((await large.command('NOOP')).code, 250, 'the session goes on');
  await sink.until(() => sink.openSessions < 4, 'the dropped relay connections');
  t.equal(sink.ended.length, 1);
  for (const client of [good, bare, large]) client.destroy();
});

t.test('deferred: the envelope goes out with the message, and one refusal refuses it', async (t) => {
  const { door, sink } = await start(t, {}, { rules: {}, smtp: { envelope: 'deferred' } });
  const client = await toData(door.port);
  t.equal(sink.commands.filter((command) => command.verb === 'MAIL').length, 0, 'nothing yet');
  t.equal((await send(client, 'x\r\n.\r\n')).code, 250);
  const chunks = sink.commands.filter(({ verb }) => ['MAIL', 'RCPT', 'DATA'].includes(verb)).map(({ chunk }) => chunk);
  t.equal(new Set(chunks).size, 1, 'in one write');
  sink.script = { steps: { RCPT: ({ line }) => (line.includes('bad') ? '550 5.1.1 unknown user' : undefined) } };
  await client.command('MAIL FROM:<a@b.example>');
  t.equal((await client.command('RCPT TO:<x@c.example>')).code, 250);
  t.equal((await client.command('RCPT TO:<bad@c.example>')).code, 250);
  await client.command('DATA');
  t.match(await send(client, 'x\r\n.\r\n'), { code: 550, text: '5.1.1 unknown user' });
  t.equal(sink.messages.length, 1, 'nobody got the second');
  client.destroy();
});

t.test('commands in a wrong order, and too many errors', async (t) => {
  const { door } = await start(t, {}, { smtp: { maxErrors: 6 } });
  const client = await connectSmtp({ port: door.port });
  await client.read();
  t.equal((await client.command('MAIL FROM:<a@b.example>')).code, 503, 'EHLO first');
  await client.command('EHLO client.example');
  t.equal((await client.command('RCPT TO:<x@c.example>')).code, 503);
  t.equal((await client.command('DATA')).code, 503);
  await client.command('MAIL FROM:<a@b.example>');
  t.equal((await client.command('MAIL FROM:<a@b.example>')).code, 503);
  t.equal((await client.command('DATA')).code, 554, 'no valid recipients');
  t.equal((await client.command('VRFY x')).code, 502);
  t.equal((await client.command('NONSENSE')).code, 500);
  t.match(await client.read(), { code: 421, text: /^4\.7\.0 / });
  await client.closed;
});

t.test('draining: idle sessions hear 421, a transaction may finish', async (t) => {
  const { door, sink } = await start(t, {});
  const idle = await connectSmtp({ port: door.port });
  await idle.read();
  await idle.command('EHLO client.example');
  const busy = await toData(door.port);
  const drained = door.door.drain(10_000);
  t.match(await idle.read(), { code: 421, text: /^4\.3\.2 / });
  t.equal((await send(busy, 'x\r\n.\r\n')).code, 250);
  t.match(await busy.read(), { code: 421, text: /^4\.3\.2 / });
  await Promise.all([idle.closed, busy.closed]);
  idle.destroy();
  busy.destroy();
  await drained;
  t.equal(sink.messages.length, 1);
});

t.test('a client of no account is turned away, which is logged and not kept', async (t) => {
  const { door } = await start(t, {}, { accounts: { unknown: null } });
  const client = await connectSmtp({ port: door.port });
  await client.read();
  await client.command('EHLO client.example');
  t.match(await client.command('MAIL FROM:<a@b.example>'), { code: 550, text: /^5\.7\.1 No account/ });
  t.match(door.turnedAway, [{ stage: 'mail', verdict: 'reject', reversePath: 'a@b.example', account: null }]);
  t.same(door.decisions, []);
  client.destroy();
});

t.test('a slow relay is no idle client', async (t) => {
  let release = (): void => undefined;
  const gate = new Promise<undefined>((resolve) => {
    release = () => resolve(undefined);
  });
  const { door, sink } = await start(t, { steps: { END: () => gate } }, { smtp: { commandTimeoutMs: 100 } });
  const client = await toData(door.port);
  client.write('x\r\n.\r\n');
  await sink.nextCommand('END');
  for (let i = 0; i < 3; i += 1) {
    const other = await connectSmtp({ port: door.port });
    await other.read();
    t.match(await other.read(), { code: 421, text: /^4\.4\.2 / }, 'others idle that long are told so');
  }
  release();
  t.equal((await client.read()).code, 250, 'three such times later the client is still served');
  client.destroy();
});

import t from 'tap';
import { type DoorSettings, startDoor } from '../support/door.js';
import { startRelaySink } from '../support/relay-sink.js';
import { connectSmtp, type SmtpClient } from '../support/smtp-client.js';

type Rules = NonNullable<DoorSettings['rules']>;

async function session(port: number): Promise<SmtpClient> {
  const client = await connectSmtp({ port });
  await client.read();
  await client.command('EHLO client.example');
  return client;
}

async function readAll(client: SmtpClient, count: number): Promise<string[]> {
  const replies: string[] = [];
  for (let i = 0; i < count; i += 1) {
    const { code, lines } = await client.read();
    replies.push(`${code} ${lines.join('|')}`);
  }
  return replies;
}

const hundredRecipients: Rules = { 'volume.recipients': { limits: [{ count: 5, perMs: 3_600_000 }] } };

t.test('pipelined recipients are one batch at the relay, and replies stay in order', async (t) => {
  const sink = await startRelaySink(t, {
    steps: { RCPT: ({ line }) => (line.includes('bad') ? '550-5.1.1 first line\n550 5.1.1 unknown user' : undefined) },
  });
  const door = await startDoor(t, { relayPort: sink.port });
  const client = await session(door.port);
  client.write(
    [
      'MAIL FROM:<a@b.example>',
      'RCPT TO:<one@c.example>',
      'RCPT TO:<bad@c.example>',
      'RCPT TO:malformed@',
      'RCPT TO:<two@c.example>',
      'DATA',
      '',
    ].join('\r\n'),
  );
  const replies = await readAll(client, 6);
  t.match(replies[1], /^250/);
  t.equal(replies[2], '550 5.1.1 first line|5.1.1 unknown user', 'word for word, all lines');
  t.match(replies[3], /^501 5\.1\.3/);
  t.match(replies[4], /^250/);
  t.match(replies[5], /^354/);
  client.write('x\r\n.\r\n');
  t.equal((await client.read()).code, 250);
  const message = await sink.nextMessage();
  t.same(
    message.recipients.map((recipient) => recipient.path),
    ['<one@c.example>', '<two@c.example>'],
  );
  const chunks = sink.commands.filter((command) => command.verb === 'RCPT').map((command) => command.chunk);
  t.equal(new Set(chunks).size, 1, 'all RCPTs came to the relay in one write');
  const decision = await door.decided((one) => one.ending === 'accepted');
  t.equal(decision.recipients.length, 3);
  client.destroy();
});

t.test('a limit defers what is over it, and what the relay refuses costs nothing', async (t) => {
  const sink = await startRelaySink(t, {
    steps: { RCPT: ({ line }) => (line.includes('bad') ? '550 5.1.1 unknown user' : undefined) },
  });
  const door = await startDoor(t, { relayPort: sink.port, rules: hundredRecipients });
  const client = await session(door.port);
  const names = ['bad1', 'bad2', 'bad3', 'a', 'b', 'c', 'd', 'e', 'f'];
  client.write(
    `MAIL FROM:<a@b.example>\r\n${names
      .slice(0, 3)
      .map((name) => `RCPT TO:<${name}@c.example>\r\n`)
      .join('')}`,
  );
  await readAll(client, 4);
  client.write(
    names
      .slice(3)
      .map((name) => `RCPT TO:<${name}@c.example>\r\n`)
      .join(''),
  );
  const replies = await readAll(client, 6);
  t.same(
    replies.slice(0, 5).map((reply) => reply.slice(0, 3)),
    ['250', '250', '250', '250', '250'],
  );
  t.match(replies[5], /^450 4\.7\.0 \[volume\.recipients\] .*5.*ref=/);
  await client.command('RSET');
  await client.command('MAIL FROM:<a@b.example>');
  t.equal((await client.command('RCPT TO:<again@c.example>')).code, 250, 'the reset gave everything back');
  client.destroy();
});

t.test('suppressed recipients do not take the places of others in one batch', async (t) => {
  const sink = await startRelaySink(t);
  const door = await startDoor(t, { relayPort: sink.port, rules: hundredRecipients });
  const suppressed = ['s1', 's2', 's3'].map((name) => ({
    key: `${name}@c.example`,
    account: null,
    reason: 'unsubscribed' as const,
    at: null,
    by: 'test',
    note: '',
    expiresAt: null,
  }));
  await door.store.suppress(suppressed);
  const client = await session(door.port);
  const names = ['s1', 's2', 's3', 'a', 'b', 'c', 'd', 'e'];
  client.write(`MAIL FROM:<a@b.example>\r\n${names.map((name) => `RCPT TO:<${name}@c.example>\r\n`).join('')}`);
  const replies = (await readAll(client, 9)).slice(1);
  t.same(
    replies.slice(0, 3).map((reply) => reply.slice(0, 3)),
    ['550', '550', '550'],
  );
  t.match(replies[0], /^550 5\.7\.1 \[recipient\.suppressed\]/);
  t.same(
    replies.slice(3).map((reply) => reply.slice(0, 3)),
    ['250', '250', '250', '250', '250'],
  );
  client.destroy();
});

t.test('an address twice counts once', async (t) => {
  const sink = await startRelaySink(t);
  const rules: Rules = { 'volume.recipients': { limits: [{ count: 1, perMs: 3_600_000 }] } };
  const door = await startDoor(t, { relayPort: sink.port, rules });
  const client = await session(door.port);
  client.write('MAIL FROM:<a@b.example>\r\nRCPT TO:<x@c.example>\r\nRCPT TO:<X@C.example>\r\n');
  t.same(
    (await readAll(client, 3)).map((reply) => reply.slice(0, 3)),
    ['250', '250', '250'],
  );
  t.equal((await client.command('RCPT TO:<x@c.example>')).code, 250);
  t.equal((await client.command('RCPT TO:<y@c.example>')).code, 450);
  client.destroy();
});

t.test('bounces and postmaster of own domains are exempt', async (t) => {
  const sink = await startRelaySink(t);
  const rules: Rules = { 'volume.recipients': { limits: [{ count: 0, perMs: 3_600_000 }] } };
  const door = await startDoor(t, { relayPort: sink.port, rules });
  const client = await session(door.port);
  await client.command('MAIL FROM:<a@b.example>');
  t.notSame((await client.command('RCPT TO:<x@c.example>')).code, 250);
  t.equal((await client.command('RCPT TO:<Postmaster@own.example>')).code, 250);
  t.equal((await client.command('RCPT TO:<Postmaster>')).code, 250);
  await client.command('RSET');
  await client.command('MAIL FROM:<>');
  t.equal((await client.command('RCPT TO:<x@c.example>')).code, 250);
  client.destroy();
});

t.test('three rejections over more than 15 days make a dead address, told by the relay at RCPT', async (t) => {
  const sink = await startRelaySink(t, { steps: { RCPT: '550 5.1.1 unknown user' } });
  const door = await startDoor(t, { relayPort: sink.port });
  const day = 86_400_000;
  const policy = { scope: 'account', presumeDeliveredAfterMs: 7 * day, keepMs: 60 * day } as const;
  for (const [message, ago] of [
    ['m1', 16 * day],
    ['m2', 8 * day],
  ] as const) {
    const at = Date.now() - ago;
    await door.store.recordOutcome(
      { account: 'acme', key: 'dead@c.example', message, kind: 'rejected', status: '5.1.1', at },
      policy,
    );
  }
  const client = await session(door.port);
  await client.command('MAIL FROM:<a@b.example>');
  t.match((await client.command('RCPT TO:<dead@c.example>')).text, /unknown user/, 'the third is the relay’s own word');
  await client.command('RSET');
  await client.command('MAIL FROM:<a@b.example>');
  t.match((await client.command('RCPT TO:<dead@c.example>')).text, /^5\.1\.1 \[recipient\.rejections\]/);
  client.destroy();
});

t.test('observed rules object and let pass', async (t) => {
  const sink = await startRelaySink(t);
  const rules: Rules = { 'volume.recipients': { mode: 'observe', limits: [{ count: 1, perMs: 3_600_000 }] } };
  const door = await startDoor(t, { relayPort: sink.port, rules });
  const client = await session(door.port);
  client.write('MAIL FROM:<a@b.example>\r\nRCPT TO:<x@c.example>\r\nRCPT TO:<y@c.example>\r\nDATA\r\n');
  t.same(
    (await readAll(client, 4)).map((reply) => reply.slice(0, 3)),
    ['250', '250', '250', '354'],
  );
  client.write('.\r\n');
  t.equal((await client.read()).code, 250);
  const decision = await door.decided((one) => one.ending === 'accepted');
  t.match(decision.recipients[1]?.objections, [{ rule: 'volume.recipients', mode: 'observe', verdict: 'defer' }]);
  t.equal(decision.verdict, 'pass');
  client.destroy();
});

t.test('a message costs two round trips to the store, and one for each batch of recipients', async (t) => {
  const sink = await startRelaySink(t);
  const door = await startDoor(t, { relayPort: sink.port });
  const client = await session(door.port);
  const before = door.storeCalls.length;
  const recipients = Array.from({ length: 30 }, (_, i) => `RCPT TO:<r${i}@c.example>\r\n`).join('');
  client.write(`MAIL FROM:<a@b.example>\r\n${recipients}DATA\r\n`);
  await readAll(client, 32);
  client.write('x\r\n.\r\n');
  t.equal((await client.read()).code, 250);
  t.same(
    door.storeCalls.slice(before).sort(),
    ['commit', 'openSession', 'reserve', 'stateOf'],
    'the session is counted in at the same time',
  );
  const beforeSlow = door.storeCalls.length;
  for (const line of ['MAIL FROM:<a@b.example>', 'RCPT TO:<x@c.example>', 'RCPT TO:<y@c.example>', 'DATA']) {
    await client.command(line);
  }
  client.write('x\r\n.\r\n');
  t.equal((await client.read()).code, 250);
  // Nor the account's state, if it comes soon enough.
  const calls = door.storeCalls.slice(beforeSlow).filter((verb) => verb !== 'stateOf');
  t.same(calls, ['reserve', 'reserve', 'commit']);
  client.destroy();
});

t.test('what only looks like a RCPT does not put replies out of step', async (t) => {
  const sink = await startRelaySink(t);
  const door = await startDoor(t, { relayPort: sink.port });
  const client = await session(door.port);
  client.write(
    'MAIL FROM:<a@b.example>\r\nRCPT TO:<x@c.example>\r\nRCPT\tTO:<y@c.example>\r\nrcpt to:<z@c.example>\r\nRCPT\r\n',
  );
  const replies = (await readAll(client, 5)).map((reply) => reply.slice(0, 3));
  t.same(replies, ['250', '250', '500', '250', '501']);
  t.same(sink.commands.filter(({ verb }) => verb === 'RCPT').length, 2);
  t.same(door.defects, []);
  client.destroy();
});

t.test('a transaction has a bound on its recipients', async (t) => {
  const sink = await startRelaySink(t);
  const door = await startDoor(t, { relayPort: sink.port, mode: 'off' });
  const client = await session(door.port);
  await client.command('MAIL FROM:<a@b.example>');
  for (let batch = 0; batch < 10; batch += 1) {
    const lines = Array.from({ length: 1000 }, (_, i) => `RCPT TO:<r${batch}-${i}@c.example>\r\n`);
    client.write(lines.join(''));
    await readAll(client, 1000);
  }
  t.match(await client.command('RCPT TO:<one-more@c.example>'), { code: 452, text: /^4\.5\.3 / });
  client.destroy();
});

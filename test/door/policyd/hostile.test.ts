/** Peers that are no Postfix: a closed connection and a line in the log, and the others never notice. */

import t from 'tap';
import { connectPolicy, policyRequest } from '../../support/policy-client.js';
import { startPolicydDoor } from '../../support/policyd-door.js';
import { until } from '../../support/until.js';

t.test('what is no question ends the connection', async (t) => {
  const door = await startPolicydDoor(t);
  const neighbour = await connectPolicy(door);
  for (const [bytes, reason] of [
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n\n\n', /without an equals sign/],
    ['\n', /without attributes/],
    [`a=${'x'.repeat(100_000)}`, /more than 32768 octets/],
    ['request=junk\n\n', /not an SMTP access policy request/],
    [policyRequest({ protocol_state: 'QUIT' }), /unknown protocol_state/],
    [policyRequest({ sender: 'a\0b' }), /a NUL/],
    [policyRequest({ size: 'NaN' }), /a number that is none/],
    [Buffer.from([0xff, 0xfe, 0x0a, 0x0a]), /without an equals sign/],
  ] as const) {
    const before = door.cutOffs.length;
    const client = await connectPolicy(door);
    client.write(bytes);
    await client.closed;
    t.equal(door.cutOffs.length, before + 1);
    t.match(door.cutOffs.at(-1), { listener: 'policyd', client: '127.0.0.1', reason });
  }
  t.equal(await neighbour.ask({}), 'DUNNO');
  t.strictSame(door.defects, []);
  await neighbour.close();
});

t.test('what came before it is answered', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy(door);
  client.write(
    `${policyRequest({ recipient: '1@example.net' })}${policyRequest({ recipient: '2@example.net' })}junk\n\n`,
  );
  t.equal(await client.read(), 'DUNNO');
  t.equal(await client.read(), 'DUNNO');
  await client.closed;
});

t.test('bytes that come one by one buy no time', async (t) => {
  const door = await startPolicydDoor(t, { policyd: { requestTimeoutMs: 500 } });
  const client = await connectPolicy(door);
  const drip = setInterval(() => client.write('a'), 50);
  t.teardown(() => clearInterval(drip));
  await client.closed;
  t.match(door.cutOffs, [{ reason: 'a request that is not completed' }]);
});

t.test('one that asks nothing is closed, without a word in the log', async (t) => {
  const door = await startPolicydDoor(t, { policyd: { idleTimeoutMs: 300 } });
  const client = await connectPolicy(door);
  t.equal(await client.ask({}), 'DUNNO');
  await client.closed;
  t.strictSame(door.cutOffs, []);
});

t.test('strangers, and too many', async (t) => {
  const strict = await startPolicydDoor(t, { listener: { isPeer: () => false } });
  const stranger = await connectPolicy(strict);
  await stranger.closed;
  t.match(strict.cutOffs, [{ reason: 'not a Postfix of `peers`', client: '127.0.0.1' }]);
  const narrow = await startPolicydDoor(t, { listener: { maxConnections: 2 } });
  const [first, second] = await Promise.all([connectPolicy(narrow), connectPolicy(narrow)]);
  await first.ask({});
  await second.ask({ instance: 'b.1' });
  const third = await connectPolicy(narrow);
  await third.closed;
  t.match(narrow.cutOffs, [{ reason: 'too many connections of Postfixes' }]);
  await first.close();
  t.equal(await (await connectPolicy(narrow)).ask({ instance: 'c.1' }), 'DUNNO', 'there is room again');
});

t.test('a flood of questions at once is answered in order, and one who does not read is not waited for', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy({ port: door.port });
  const many = 2000;
  client.write(policyRequest({ protocol_state: 'VRFY', instance: '' }).repeat(many));
  for (let answer = 0; answer < many; answer += 1) t.equal(await client.read(), 'DUNNO');
  client.socket.pause();
  const short = 'request=smtpd_access_policy\nprotocol_state=RCPT\ninstance=f\nsender=a@b c\n\n'.repeat(1000);
  await until(
    'it is cut off, once what lies between us is full',
    async () => {
      // Ours must not fill up meanwhile.
      if (client.socket.writableLength < short.length) client.write(short);
      return door.cutOffs.length > 0 ? true : null;
    },
    120_000,
  );
  t.match(door.cutOffs, [{ reason: 'answers are not read' }]);
  client.destroy();
});

t.test('after so many questions Postfix is to connect anew, between two messages', async (t) => {
  const door = await startPolicydDoor(t, { policyd: { maxRequests: 3 } });
  const client = await connectPolicy(door);
  for (const recipient of ['1@example.net', '2@example.net', '3@example.net', '4@example.net'])
    t.equal(await client.ask({ recipient }), 'DUNNO');
  t.equal(await client.ask({ protocol_state: 'END-OF-MESSAGE', recipient_count: 4, recipient: '' }), 'DUNNO');
  await client.closed;
  t.strictSame(door.cutOffs, []);
});

t.test('two machines may use one name for two messages', async (t) => {
  const door = await startPolicydDoor(t);
  const one = await connectPolicy(door);
  const other = await connectPolicy({ port: door.port, localAddress: '127.0.0.2' });
  t.equal(await one.ask({ recipient: '1@example.net' }), 'DUNNO');
  t.equal(await other.ask({ recipient: '2@example.net' }), 'DUNNO');
  t.equal(await one.ask({ protocol_state: 'END-OF-MESSAGE', recipient_count: 1, recipient: '1@example.net' }), 'DUNNO');
  const { recipients } = await door.decided(({ ending }) => ending === 'passed');
  t.match(recipients, { length: 1 });
  await Promise.all([one.close(), other.close()]);
});

/** A Postfix of our own against the policy-delegation door, question by question. */

import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Decision } from '../../../src/ledger/decision.js';
import { connectPolicy, type PolicyAttributes, type PolicyClient, policyRequest } from '../../support/policy-client.js';
import { type StartedPolicydDoor, startPolicydDoor } from '../../support/policyd-door.js';
import { until } from '../../support/until.js';

const FIVE = { 'volume.recipients': { limits: [{ count: 5, perMs: 3_600_000 }] } };
const LIMIT = /^450 4\.7\.0 \[volume\.recipients\] The limit of 5 /;

/** Questions about one message on one connection. */
function about(client: PolicyClient, instance: string, usual: PolicyAttributes = {}) {
  const ask = (attributes: PolicyAttributes) => client.ask({ instance, ...usual, ...attributes });
  return {
    rcpt: (recipient: string) => ask({ recipient }),
    data: (count: number) => ask({ protocol_state: 'DATA', recipient: '', recipient_count: count }),
    end: (count: number, more: PolicyAttributes = {}) =>
      ask({
        protocol_state: 'END-OF-MESSAGE',
        recipient: '',
        recipient_count: count,
        size: 300,
        queue_id: '4XYZ',
        ...more,
      }),
  };
}

async function used(door: StartedPolicydDoor): Promise<number | undefined> {
  const [window] = await door.store.usage('acme', [
    { rule: 'volume.recipients', resource: 'recipients', count: 5, perMs: 3_600_000, enforced: true },
  ]);
  return window?.used;
}

const isPassed = ({ ending }: Decision) => ending === 'passed';
const isAborted = ({ ending }: Decision) => ending === 'aborted';

t.test('held at RCPT, charged at the end of the message', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const client = await connectPolicy(door);
  const first = about(client, 'a.1');
  t.equal(await first.rcpt('1@example.net'), 'DUNNO');
  t.equal(await first.rcpt('2@example.net'), 'DUNNO');
  t.equal(await first.rcpt('1@Example.NET'), 'DUNNO', 'the same again');
  t.equal(await used(door), 2);
  t.equal(await first.data(3), 'DUNNO');
  t.equal(await first.end(3), 'DUNNO');
  t.match(await door.decided(isPassed), { queueId: '4XYZ', size: 300, account: 'acme', reversePath: 'a@example.com' });
  t.equal(await first.end(3), 'DUNNO', 'asked again since the answer was lost');
  t.equal(door.decisions.length, 1);
  t.equal(await used(door), 2);
  await client.close();
});

t.test('what another restriction of Postfix refuses comes back at the end', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const client = await connectPolicy(door);
  const message = about(client, 'a.1');
  for (const local of ['1', '2', '3', '4']) await message.rcpt(`${local}@example.net`);
  t.equal(await message.end(2), 'DUNNO');
  t.equal(await used(door), 2);
  const only = about(client, 'a.2');
  for (const local of ['1', '2', '3']) t.equal(await only.rcpt(`${local}@example.net`), 'DUNNO');
  t.equal(await only.end(1, { recipient: '2@example.net' }), 'DUNNO');
  await until('the last of them are given back', async () => ((await used(door)) === 3 ? true : null));
  const decision = door.decisions.at(-1);
  t.match(decision?.recipients.map(({ address, reply }) => [address, reply.slice(0, 3)]).sort(), [
    ['1@example.net', '450'],
    ['2@example.net', ''],
    ['3@example.net', '450'],
  ]);
  await client.close();
});

t.test('a message that Postfix leaves for another one costs nothing', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const client = await connectPolicy(door);
  await about(client, 'a.0').rcpt('0@example.net');
  await about(client, 'a.0').end(1);
  for (let number = 1; number < 20; number += 1) {
    t.equal(await about(client, `a.${number}`).rcpt('1@example.net'), 'DUNNO');
    t.equal(await about(client, `a.${number}`).rcpt('2@example.net'), 'DUNNO');
  }
  t.equal(await client.ask({ protocol_state: 'CONNECT', instance: '' }), 'DUNNO', 'the next client');
  await until('all of it comes back', async () => ((await used(door)) === 1 ? true : null));
  t.equal(door.decisions.filter(isAborted).length, 19);
  await client.close();
});

t.test('a connection that breaks takes nothing with it, if Postfix comes back', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const first = await connectPolicy(door);
  await about(first, 'a.1').rcpt('1@example.net');
  await about(first, 'a.1').rcpt('2@example.net');
  first.destroy();
  const second = await connectPolicy(door);
  t.equal(await about(second, 'a.1').rcpt('2@example.net'), 'DUNNO', 'asked again');
  t.equal(await about(second, 'a.1').end(2), 'DUNNO');
  t.match(await door.decided(isPassed), { recipients: { length: 2 } });
  t.equal(await used(door), 2);
  await second.close();
});

t.test('one that closes between two messages gives back what was held', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE, policyd: { messageTimeoutMs: 1000 } });
  const client = await connectPolicy(door);
  await about(client, 'a.0').rcpt('0@example.net');
  await about(client, 'a.0').end(1);
  await about(client, 'a.1').rcpt('1@example.net');
  t.equal(await used(door), 2);
  await client.close();
  await door.decided(isAborted);
  await until('it comes back', async () => ((await used(door)) === 1 ? true : null));
});

t.test('a message that nothing more is heard of is over', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE, policyd: { messageTimeoutMs: 500 } });
  const client = await connectPolicy(door);
  await about(client, 'a.0').rcpt('0@example.net');
  await about(client, 'a.0').end(1);
  await about(client, 'a.1').rcpt('1@example.net');
  await about(client, 'a.1').rcpt('2@example.net');
  await door.decided(isAborted);
  t.match(await about(client, 'a.1').end(2), /^451 4\.3\.0 This message began before a restart/);
  await client.close();
});

t.test('the end of a message that nobody asked about before', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const client = await connectPolicy(door);
  t.equal(await about(client, 'a.1').end(1, { recipient: 'postmaster' }), 'DUNNO', 'one recipient is judged now');
  t.match(await door.decided(isPassed), { recipients: [{ address: 'postmaster' }], queueId: '4XYZ' });
  for (let number = 2; number < 7; number += 1)
    t.equal(await about(client, `a.${number}`).end(1, { recipient: 'b@example.net' }), 'DUNNO');
  t.match(await about(client, 'a.7').end(1, { recipient: 'b@example.net' }), LIMIT);
  t.match(await about(client, 'a.8').end(2), /^451 4\.3\.0 This message began/, 'of several nobody knows who they are');
  t.match(await about(client, 'a.9').data(2), /^451 4\.3\.0 This message began/, 'better before the data');
  t.match(door.advice, [/must stand before any `permit`/]);
  await client.close();
});

t.test('refused at the end, with all that comes after', async (t) => {
  const door = await startPolicydDoor(t, {
    rules: { 'volume.bytes': { limits: [{ count: 1000, perMs: 3_600_000 }] } },
  });
  const client = await connectPolicy(door);
  const message = about(client, 'a.1');
  await message.rcpt('1@example.net');
  const refusal = /^552 5\.7\.0 \[volume\.bytes\]/;
  t.match(await message.end(1, { size: 2000 }), refusal);
  t.match(await message.rcpt('2@example.net'), refusal);
  t.match(await message.end(2, { size: 10 }), refusal);
  t.equal(await about(client, 'a.2').rcpt('1@example.net'), 'DUNNO', 'until RSET');
  await client.close();
});

t.test('MAIL that is refused is heard at every recipient, and stands in the log once', async (t) => {
  const nobody = await startPolicydDoor(t, { accounts: { unknown: null } });
  const client = await connectPolicy(nobody);
  const message = about(client, 'a.1');
  t.match(await message.rcpt('1@example.net'), /^550 5\.7\.1 /);
  t.match(await message.rcpt('2@example.net'), /^550 5\.7\.1 /);
  t.match(await client.ask({ protocol_state: 'MAIL', instance: 'a.2', recipient: '' }), /^550 5\.7\.1 /);
  t.equal(nobody.turnedAway.length, 2);
  await client.close();
});

t.test('who it is', async (t) => {
  const door = await startPolicydDoor(t, {
    accounts: {
      identify: ({ mta, address, certificate }) => {
        const account = mta?.login ?? certificate?.subject ?? (address === '192.0.2.1' ? 'scanner' : null);
        return account === null ? null : { account, username: mta?.login ?? null, by: 'mta' };
      },
    },
  });
  const client = await connectPolicy(door);
  for (const [number, [attributes, account]] of (
    [
      [{ sasl_method: 'PLAIN', sasl_username: 'anna' }, 'anna'],
      [{ ccert_subject: 'printer' }, 'CN=printer'],
      [{ client_address: '192.0.2.1' }, 'scanner'],
      [{ client_address: 'unknown' }, 'acme'],
    ] as const
  ).entries()) {
    const message = about(client, `a.${number}`, attributes);
    await message.rcpt('b@example.net');
    await message.end(1);
    t.match(door.decisions.at(-1), { account, ending: 'passed' });
  }
  await client.close();
});

t.test('addresses that SMTP could not spell are refused with their own words', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy(door);
  t.match(await about(client, 'a.1').rcpt('bob'), /^501 5\.1\.3 /);
  t.match(await about(client, 'a.1').rcpt('a\rb@example.net'), /^501 5\.1\.3 /);
  t.equal(await about(client, 'a.1').rcpt('x "y@example.net'), 'DUNNO');
  t.match(await about(client, 'a.2', { sender: 'a@b c' }).rcpt('b@example.net'), /^501 5\.1\.7 /);
  t.equal(await about(client, 'a.3', { sender: '' }).rcpt('b@example.net'), 'DUNNO', 'a bounce');
  await client.close();
});

t.test('a header field with the reference, once for each message', async (t) => {
  const door = await startPolicydDoor(t, { policyd: { traceField: 'X-Sluice-Id' } });
  const client = await connectPolicy(door);
  const answers = [];
  for (const recipient of ['1@example.net', '2@example.net']) answers.push(await about(client, 'a.1').rcpt(recipient));
  await about(client, 'a.1').end(2);
  const { id } = await door.decided(isPassed);
  t.strictSame(answers, [`PREPEND X-Sluice-Id: ${id}`, 'DUNNO']);
  await client.close();
});

t.test('`charge: recipient`: what is let through is charged, whatever becomes of it', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE, policyd: { charge: 'recipient' } });
  const client = await connectPolicy(door);
  await about(client, 'a.1').rcpt('1@example.net');
  await about(client, 'a.1').rcpt('2@example.net');
  await about(client, 'a.2').rcpt('3@example.net');
  t.match(await door.decided(isPassed), { recipients: { length: 2 }, size: 0 });
  t.equal(await used(door), 3);
  t.equal(await about(client, 'a.2').end(1), 'DUNNO', 'not listened to');
  t.match(door.advice, [/`policyd\.charge: recipient` ignores/]);
  t.equal(await about(client, 'a.7').data(2), 'DUNNO');
  for (const local of ['4', '5']) t.equal(await about(client, 'a.3').rcpt(`${local}@example.net`), 'DUNNO');
  t.match(await about(client, 'a.3').rcpt('6@example.net'), LIMIT);
  await client.close();
});

t.test('`charge: recipient`: charged before the message is over, and what a rule refused costs nothing', async (t) => {
  const hour = (count: number) => ({ limits: [{ count, perMs: 3_600_000 }] });
  const rules = { 'volume.recipients': hour(5), 'volume.messages': hour(1), 'volume.bytes': hour(1000) };
  const door = await startPolicydDoor(t, { rules, policyd: { charge: 'recipient' } });
  const known = { account: null, reason: 'manual', by: 'ann', note: '', expiresAt: null } as const;
  await door.store.suppress([{ ...known, key: 'gone@example.net', at: 1 }]);
  const client = await connectPolicy(door);
  const message = about(client, 'a.1', { size: 600 });
  t.match(await message.rcpt('gone@example.net'), /^550 5\.7\.1 \[recipient\.suppressed\]/);
  await until('it has come back', async () => ((await used(door)) === 0 ? true : null));
  t.equal(await message.rcpt('1@example.net'), 'DUNNO', 'the one message is still to be had');
  t.equal(await used(door), 1, 'at once');
  t.equal(await message.rcpt('2@example.net'), 'DUNNO', 'of the same message');
  t.match(await about(client, 'a.2', { size: 600 }).rcpt('3@example.net'), /^450 4\.7\.0 \[volume\./);
  t.match(
    await door.store.usage('acme', [
      { rule: 'volume.messages', resource: 'messages', count: 1, perMs: 3_600_000, enforced: true },
      { rule: 'volume.bytes', resource: 'bytes', count: 1000, perMs: 3_600_000, enforced: true },
    ]),
    [{ used: 1 }, { used: 600 }],
    'the declared size',
  );
  await client.close();
});

t.test('a message keeps to when it is charged, whatever a reload says meanwhile', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE, policyd: { charge: 'recipient' } });
  const client = await connectPolicy(door);
  const first = about(client, 'a.1');
  await first.rcpt('1@example.net');
  door.change({ charge: 'end-of-message' });
  t.equal(await first.end(1), 'DUNNO');
  const second = about(client, 'a.2');
  await second.rcpt('2@example.net');
  t.match(await door.decided(isPassed), { recipients: [{ address: '1@example.net' }], size: 0 });
  door.change({ charge: 'recipient' });
  t.equal(await second.end(1), 'DUNNO');
  t.match(door.decisions.at(-1), { recipients: [{ address: '2@example.net' }], size: 300, queueId: '4XYZ' });
  t.equal(await used(door), 2);
  await client.close();
});

t.test('as long as no end was ever heard, nothing passes uncounted', async (t) => {
  const door = await startPolicydDoor(t, { rules: FIVE });
  const client = await connectPolicy(door);
  for (let number = 0; number < 5; number += 1)
    t.equal(await about(client, `a.${number}`).rcpt('b@example.net'), 'DUNNO');
  t.match(await about(client, 'a.5').rcpt('b@example.net'), LIMIT);
  t.equal(await used(door), 5);
  door.change({ charge: 'end-of-message' });
  await client.close();
});

t.test('and the operator hears of it', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy(door);
  for (let number = 0; number < 25; number += 1) await about(client, `a.${number}`).rcpt('b@example.net');
  t.match(door.advice, [/Postfix never asked at END-OF-MESSAGE/]);
  t.equal(door.advice.length, 1);
  await client.close();
});

t.test('states that nothing is to be said to', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy(door);
  for (const protocol_state of ['CONNECT', 'EHLO', 'HELO', 'VRFY', 'ETRN'])
    t.equal(await client.ask({ protocol_state, instance: '' }), 'DUNNO', protocol_state);
  t.equal(await client.ask({ protocol_state: 'MAIL', recipient: '' }), 'DUNNO');
  t.equal(await client.ask({ protocol_state: 'RCPT' }), 'DUNNO', 'the same message');
  t.equal(await client.ask({ protocol_state: 'RCPT', instance: '' }), 'DUNNO', 'an RCPT of no message is not one');
  await client.close();
});

t.test('a store that does not answer', async (t) => {
  const door = await startPolicydDoor(t);
  const client = await connectPolicy(door);
  await about(client, 'a.1').rcpt('b@example.net');
  await door.store.close();
  t.match(await about(client, 'a.2').rcpt('b@example.net'), /^451 4\.3\.0 /);
  await client.close();
});

t.test('a unix socket, with permissions of its own', async (t) => {
  const path = join(tmpdir(), `sluice-policyd-${process.pid}.sock`);
  await startPolicydDoor(t, { listener: { address: { path }, mode: 0o660 } });
  t.equal((await stat(path)).mode & 0o777, 0o660);
  const client = await connectPolicy({ path });
  t.equal(await about(client, 'a.1').rcpt('b@example.net'), 'DUNNO');
  await client.close();
});

t.test('a stop lets a message come to its end, and no other begin', async (t) => {
  const door = await startPolicydDoor(t);
  const [busy, idle, leaving] = await Promise.all([connectPolicy(door), connectPolicy(door), connectPolicy(door)]);
  await about(busy, 'a.1').rcpt('1@example.net');
  await about(leaving, 'b.1').rcpt('1@example.net');
  const drained = door.door.drain(60_000);
  await idle.closed;
  t.equal(await about(busy, 'a.1').rcpt('2@example.net'), 'DUNNO');
  t.equal(await about(busy, 'a.1').end(2), 'DUNNO');
  await busy.closed;
  leaving.write(policyRequest({ instance: 'b.2' }));
  await t.rejects(leaving.read(), /closed; so far: ""/, 'unanswered, so that Postfix asks elsewhere');
  await drained;
  t.match(
    door.decisions.map(({ ending }) => ending),
    ['passed', 'aborted'],
  );
});

/** The milter door as an MTA meets it: our own client against it, packet by packet. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import type { Identity } from '../../../src/account/contract.js';
import { ACTION, STEP } from '../../../src/door/milter/flags.js';
import type { ReportPolicy, Store } from '../../../src/store/contract.js';
import {
  ALL_ACTIONS,
  ALL_STEPS,
  connectMilter,
  frame,
  type MilterClient,
  OLD_ACTIONS,
  OLD_STEPS,
  uint32,
} from '../../support/milter-client.js';
import { startMilterDoor } from '../../support/milter-door.js';
import { until } from '../../support/until.js';

const REPORTS = {
  policyOf: (): ReportPolicy => ({
    scope: 'account',
    presumeDeliveredAfterMs: 1000,
    keepMs: 1000,
    complaints: 'account',
    revocations: 'account',
    reportWindowMs: 60_000,
    keptOutcomes: 10,
  }),
  reversePath: null,
};

const THREE = { 'volume.recipients': { limits: [{ count: 3, perMs: 3_600_000 }] } };

/** A store to which something happens before each commit. */
function committing(store: Store, before: () => Promise<void>): Store {
  return Object.assign(Object.create(store), {
    commit: async (...args: Parameters<Store['commit']>) => {
      await before();
      return store.commit(...args);
    },
  });
}

async function ready(port: number, address?: string): Promise<MilterClient> {
  const client = await connectMilter({ port });
  await client.negotiate();
  t.equal((await client.hello(address))?.code, 'c');
  return client;
}

/** A Postfix that the door knows for one: another connection of its was there before. */
async function readyPostfix(port: number): Promise<MilterClient> {
  let client: MilterClient | null = null;
  for (let times = 0; times < 2; times += 1) {
    await client?.quit();
    client = await connectMilter({ port });
    await client.negotiate();
    client.macros('C', { v: 'Postfix 3.7.11' });
    t.equal((await client.hello())?.code, 'c');
  }
  return client as MilterClient;
}

t.test('a message passes; what is known of it is in the decision', async (t) => {
  const door = await startMilterDoor(t);
  const client = await readyPostfix(door.port);
  const header = [
    ['From', 'a@example.com'],
    ['Subject', 'one\n two'],
  ] as const;
  const said = await client.transact({ header, body: 'hello\r\n', queueId: 'ABC123' });
  t.strictSame([...said.recipients.map((answer) => answer?.code), ...said.end.map(({ code }) => code)], ['c', 'a']);
  t.equal(said.mail, null, 'nobody waits for an answer to MAIL');
  const decision = await door.decided(({ ending }) => ending === 'passed');
  t.match(decision, {
    by: 'sluice',
    reply: '',
    queueId: 'ABC123',
    client: '192.0.2.1',
    account: 'acme',
    verdict: 'pass',
  });
  t.equal(decision.size, 'From: a@example.com\r\nSubject: one\r\n two\r\n\r\nhello\r\n'.length);
  t.match(decision.recipients, [{ address: 'to@example.net', by: 'sluice', reply: '', verdict: 'pass' }]);
  await client.quit();
});

t.test('recipients have fates of their own, and what does not go out is given back', async (t) => {
  const door = await startMilterDoor(t, { rules: THREE });
  const client = await ready(door.port);
  const to = ['a@example.net', 'b@example.net', 'c@example.net', 'd@example.net'];
  const first = await client.transact({ to });
  t.strictSame(
    first.recipients.map((answer) => answer?.code),
    ['c', 'c', 'c', 'y'],
  );
  t.match(first.recipients[3]?.text, /^450 4\.7\.0 \[volume\.recipients\] .*ref=/);
  t.strictSame(
    first.end.map(({ code }) => code),
    ['a'],
  );

  const more = await client.transact({ to: ['e@example.net'] });
  t.match(more.recipients[0]?.text, /^450 4\.7\.0 \[volume\.recipients\]/);
  t.match(await door.decided(({ ending }) => ending === 'aborted'), { verdict: 'defer' });
  await client.quit();
});

t.test('an abort gives everything back, at any point', async (t) => {
  const door = await startMilterDoor(t, { rules: THREE });
  const client = await ready(door.port);
  const to = ['a@example.net', 'b@example.net', 'c@example.net'];
  for (const point of ['recipients', 'body']) {
    await client.mail();
    for (const address of to) t.equal((await client.recipient(address))?.code, 'c', point);
    if (point === 'body') {
      await client.asAgreed('L', 'Subject\0', ' x\0');
      await client.asAgreed('N');
      await client.asAgreed('B', 'half');
    }
    client.write(frame('A'));
  }
  // Without any word of the end of the one before.
  await client.mail();
  for (const address of to) await client.recipient(address);
  await client.mail();
  for (const address of to) t.equal((await client.recipient(address))?.code, 'c');
  t.strictSame(
    (await client.message()).map(({ code }) => code),
    ['a'],
  );
  // After its end a message is no longer to be aborted.
  client.write(frame('A'));
  t.match((await client.transact({ to: ['d@example.net'] })).recipients[0]?.code, 'y');
  t.strictSame(
    door.decisions.map(({ ending }) => ending),
    ['aborted', 'aborted', 'aborted', 'passed', 'aborted'].slice(0, door.decisions.length),
  );
  await client.quit();
});

t.test('an MTA that leaves without a word gives everything back', async (t) => {
  let beforeCommit = async (): Promise<void> => undefined;
  const door = await startMilterDoor(t, {
    rules: THREE,
    wrapStore: (store) => committing(store, () => beforeCommit()),
  });
  const to = ['a@example.net', 'b@example.net', 'c@example.net'];
  for (const how of ['destroy', 'quit'] as const) {
    const client = await ready(door.port);
    await client.mail();
    for (const address of to) t.equal((await client.recipient(address))?.code, 'c', how);
    const before = door.decisions.length;
    await client[how]();
    await door.decided(() => door.decisions.length > before);
  }
  // It left before it heard that the message may go: then it has not queued it.
  const client = await ready(door.port);
  await client.mail();
  for (const address of to) await client.recipient(address);
  beforeCommit = async () => {
    client.destroy();
    await client.closed;
    // Another turn of the loop, in which the door sees it too.
    await new Promise((resolve) => setTimeout(resolve, 50));
  };
  client.write(frame('E'));
  await door.decided(({ ending, stage }) => ending === 'aborted' && stage === 'message');
  beforeCommit = async () => undefined;
  const last = await ready(door.port);
  t.match(
    (await last.transact({ to })).recipients.map((answer) => answer?.code),
    ['c', 'c', 'c'],
  );
  await last.quit();
});

t.test('MAIL, and a whole message, can be refused', async (t) => {
  const door = await startMilterDoor(t, {
    rules: {
      'volume.bytes': { limits: [{ count: 100, perMs: 3_600_000 }] },
    },
  });
  const client = await readyPostfix(door.port);
  await client.mail('a b@example.com');
  for (const to of ['a@example.net', 'b@example.net']) {
    t.match((await client.recipient(to))?.text, /^501 5\.1\.7 /, 'what MAIL would have heard');
  }
  t.match((await client.transact()).end, [{ code: 'a' }], 'another MAIL is judged anew');
  const waiting = await connectMilter({ port: door.port });
  await waiting.negotiate(6, ALL_ACTIONS, ALL_STEPS & ~STEP.noReplyMail);
  await waiting.hello();
  t.match((await waiting.mail('a b@example.com'))?.text, /^501 5\.1\.7 /);
  t.equal(await waiting.say('R', '<broken\0'), null, 'a recipient of a MAIL that heard its refusal is nonsense');
  const other = await ready(door.port);
  await other.mail();
  t.match((await other.say('R', '<broken\0'))?.text, /^501 5\.1\.3 /);
  await other.recipient('to@example.net');
  const [end] = await other.message({ body: 'x'.repeat(200) });
  t.match(end?.text, /^552 5\.7\.0 \[volume\.bytes\] /);
  t.match(await door.decided(({ ending }) => ending === 'refused'), { verdict: 'reject', by: 'sluice' });
  t.strictSame(
    (await other.transact()).end.map(({ code }) => code),
    ['a'],
    'the next is a new one',
  );
  await other.quit();
});

t.test(
  'MAIL waits for its first recipient where only Postfix asks: Sendmail tells of a reset only what heard MAIL',
  async (t) => {
    const door = await startMilterDoor(t);
    const meet = async (version: string | null) => {
      const client = await connectMilter({ port: door.port });
      const { steps, macros } = await client.negotiate();
      t.match(macros.get(0), /(^| )v( |$)/, 'its name is asked for');
      if (version !== null) client.macros('C', { v: version });
      await client.hello();
      await client.quit();
      return (steps & STEP.noReplyMail) !== 0;
    };
    t.notOk(await meet('Postfix 3.7.11'), 'nobody has said who asks here');
    t.ok(await meet('Postfix 3.7.11'));
    t.ok(await meet('8.17.1.9'), 'a Sendmail, where nobody expects it');
    t.notOk(await meet('Postfix 3.7.11'));
    const nameless = await startMilterDoor(t);
    for (let times = 0; times < 2; times += 1) {
      const client = await ready(nameless.port);
      t.equal((await client.mail())?.code, 'c');
      await client.quit();
    }
  },
);

t.test('MAIL and its first recipient are one question to the store', async (t) => {
  const events: string[] = [];
  const told =
    <A extends unknown[], R>(verb: string, ask: (...args: A) => Promise<R>) =>
    async (...args: A): Promise<R> => {
      events.push(verb);
      const answer = await ask(...args);
      events.push(`${verb} answered`);
      return answer;
    };
  const wrapStore = (store: Store): Store =>
    Object.assign(Object.create(store), {
      stateOf: told('stateOf', (...args: Parameters<Store['stateOf']>) => store.stateOf(...args)),
      reserve: told('reserve', (...args: Parameters<Store['reserve']>) => store.reserve(...args)),
    });
  const secondMail = async (rules: Parameters<typeof startMilterDoor>[1] = {}) => {
    const door = await startMilterDoor(t, { ...rules, wrapStore });
    const client = await readyPostfix(door.port);
    await client.mail();
    await client.recipient('a@example.net');
    client.write(frame('A'));
    events.length = 0;
    t.match((await client.transact({ to: ['a@example.net', 'b@example.net'] })).end, [{ code: 'a' }]);
    await client.quit();
    return events.slice(0, 2).sort();
  };
  t.strictSame(await secondMail(), ['reserve', 'stateOf'], 'before either is answered');
  t.strictSame(events.filter((event) => event === 'reserve').length, 2, 'one for each recipient');
  const ramp = { 'volume.warm-up': { ramp: [{ day: 3, recipients: 100 }] } };
  await secondMail({ rules: ramp });
  t.strictSame(events.slice(0, 3), ['stateOf', 'stateOf answered', 'reserve'], 'limits that depend on the state wait');
});

t.test('what was held for the recipient of a MAIL that is refused comes back', async (t) => {
  const door = await startMilterDoor(t, {
    rules: { 'volume.recipients': { limits: [{ count: 1, perMs: 3_600_000 }] } },
  });
  const change = (standing: 'good' | 'suspended') =>
    door.store.changeStanding({ account: 'acme', standing, reason: 'test', by: 'test', until: null });
  const client = await readyPostfix(door.port);
  await client.mail();
  t.equal((await client.recipient('a@example.net'))?.code, 'c');
  client.write(frame('A'));
  await change('suspended');
  for (let again = 0; again < 2; again += 1) {
    const { recipients } = await client.transact({ to: ['a@example.net', 'b@example.net'] });
    for (const answer of recipients) t.match(answer?.text, /^550 5\.7\.13 \[account\.standing\]/);
  }
  await change('good');
  t.match((await client.transact()).end, [{ code: 'a' }]);
  await client.quit();
});

t.test('a message that a rule refuses for good can be kept by the MTA instead', async (t) => {
  const door = await startMilterDoor(t, {
    rules: { 'volume.bytes': { limits: [{ count: 100, perMs: 3_600_000 }] } },
    milter: { refusedMessages: 'quarantine' },
  });
  const client = await connectMilter({ port: door.port });
  t.equal((await client.negotiate()).actions & ACTION.quarantine, ACTION.quarantine);
  await client.hello();
  const { end } = await client.transact({ body: 'x'.repeat(200), queueId: 'Q1' });
  t.strictSame(
    end.map(({ code }) => code),
    ['q', 'a'],
  );
  t.match(end[0]?.text, /^5\.7\.0 \[volume\.bytes\] .*ref=/);
  t.match(await door.decided(({ ending }) => ending === 'quarantined'), {
    verdict: 'reject',
    reply: /^552 5\.7\.0/,
    queueId: 'Q1',
  });
  // What may pass later is deferred, not kept.
  await client.transact({ body: 'x'.repeat(60) });
  const later = await client.transact({ body: 'x'.repeat(60) });
  t.match(
    later.end.map(({ text }) => text),
    [/^451 4\.7\.0 \[volume\.bytes\]/],
  );
  await client.quit();

  const without = await connectMilter({ port: door.port });
  await without.negotiate(2, 0, OLD_STEPS);
  await without.hello();
  t.match((await without.transact({ body: 'x'.repeat(200) })).end[0]?.text, /^552 /, 'an MTA that cannot, refuses');
  await without.quit();
});

t.test('rules read the message as it was', async (t) => {
  const door = await startMilterDoor(t, { rules: { 'message.source': { mode: 'enforce', senderDomain: 'pass' } } });
  const client = await ready(door.port);
  const header = [
    ['From', 'a@example.com'],
    ['Date', 'Thu, 26 Nov 2026 12:00:00 +0000'],
    ['Message-ID', '<1@example.com>'],
    ['Subject', 'folded\n here'],
  ] as const;
  t.match((await client.transact({ header })).end, [{ code: 'a' }]);
  const { end } = await client.transact({ header: [...header, ['From', 'b@example.com']] });
  t.match(end[0]?.text, /^554 5\.6\.0 \[message\.source\] /);
  await client.quit();
});

t.test('bulk mail that offers no way to leave gets one, below its own fields', async (t) => {
  const policy = {
    feedback: { ...REPORTS, addedLink: (account: string, key: string) => `https://u.example/${account}/${key}` },
  };
  const door = await startMilterDoor(t, { milter: { content: 'nothing', addsFields: true }, policy });
  const client = await connectMilter({ port: door.port });
  const { actions } = await client.negotiate();
  t.equal(actions & ~ACTION.chooseMacros, ACTION.addHeader);
  await client.hello();
  const bulk = [['List-Id', 'News <news.acme.example>']] as const;
  const { end } = await client.transact({ header: bulk });
  t.strictSame(
    end.map(({ code, payload }) => [code, payload.toString('latin1')]),
    [
      ['h', 'List-Unsubscribe\0 <https://u.example/acme/to@example.net>\0'],
      ['h', 'List-Unsubscribe-Post\0 List-Unsubscribe=One-Click\0'],
      ['a', ''],
    ],
  );
  const has = await client.transact({ header: [...bulk, ['List-Unsubscribe', '<mailto:leave@acme.example>']] });
  t.strictSame(
    has.end.map(({ code }) => code),
    ['a'],
  );
  await client.quit();
});

t.test('the trace field goes on top, and forged ones go out', async (t) => {
  const door = await startMilterDoor(t, { milter: { content: 'nothing', traceField: 'X-Sluice-Id' } });
  const client = await connectMilter({ port: door.port });
  const { steps, actions } = await client.negotiate();
  t.equal(steps & (STEP.noHeaders | STEP.noBody), STEP.noBody, 'the header section is needed, the body is not');
  t.equal(actions & ~ACTION.chooseMacros, ACTION.addHeader | ACTION.changeHeader);
  await client.hello();
  const header = [
    ['X-Sluice-ID', 'forged'],
    ['Subject', 'x'],
    ['x-sluice-id', 'again'],
  ] as const;
  const { end } = await client.transact({ header });
  t.strictSame(
    end.map(({ code }) => code),
    ['m', 'm', 'i', 'a'],
  );
  const { id } = await door.decided(({ ending }) => ending === 'passed');
  t.strictSame(
    end.slice(0, 3).map(({ payload }) => [payload.readUInt32BE(0), payload.toString('latin1', 4)]),
    [
      [2, 'X-Sluice-Id\0\0'],
      [1, 'X-Sluice-Id\0\0'],
      [0, `X-Sluice-Id\0 ${id}\0`],
    ],
  );
  const plain = await client.transact();
  t.strictSame(
    plain.end.map(({ code }) => code),
    ['i', 'a'],
  );
  await client.quit();
});

t.test('who the client is may change with each MAIL', async (t) => {
  const identify = (login: string | null): Identity | null =>
    login === null ? null : { account: login, username: login, by: 'mta' };
  const door = await startMilterDoor(t, {
    accounts: { identify: ({ mta }) => identify(mta?.login ?? null), unknown: null },
  });
  const client = await ready(door.port);
  t.match((await client.transact()).mail?.text, /^550 5\.7\.1 No account is known for this client/);
  for (const login of ['anna', 'bert', 'bert']) {
    const { end } = await client.transact({ login });
    t.strictSame(
      end.map(({ code }) => code),
      ['a'],
    );
  }
  t.strictSame(
    door.decisions.map(({ account, username }) => [account, username]),
    [
      ['anna', 'anna'],
      ['bert', 'bert'],
      ['bert', 'bert'],
    ],
  );
  t.match(door.turnedAway, [{ account: null, stage: 'mail', reversePath: 'sender@example.com' }]);
  t.match((await client.transact()).mail?.code, 'y', 'nobody again');
  await client.quit();
});

t.test('a client that is refused as it connects hears it to everything', async (t) => {
  const door = await startMilterDoor(t, { rules: { 'volume.connections': { clientConcurrent: 1 } } });
  const first = await ready(door.port);
  const second = await connectMilter({ port: door.port });
  await second.negotiate();
  const refused = await second.hello();
  t.match(refused?.text, /^421 4\.7\.0 \[volume\.connections\]/);
  t.equal((await second.mail())?.text, refused?.text);
  t.match((await (await ready(door.port, '192.0.2.2')).transact()).end, [{ code: 'a' }], 'another client');
  // The MTA keeps the connection and brings the next client.
  first.write(frame('K'));
  t.equal((await first.hello('192.0.2.3'))?.code, 'c');
  const third = await ready(door.port);
  t.match((await third.transact()).end, [{ code: 'a' }], 'the place is free');
  for (const client of [first, second, third]) await client.quit();
});

t.test('version 2, as old MTAs speak it', async (t) => {
  const door = await startMilterDoor(t);
  const client = await connectMilter({ port: door.port });
  t.match(await client.negotiate(2, OLD_ACTIONS, OLD_STEPS), { version: 2, actions: 0, steps: 0, macros: new Map() });
  t.equal((await client.hello())?.code, 'c');
  t.equal((await client.say('H', 'client.example\0'))?.code, 'c');
  await client.mail();
  await client.recipient('to@example.net');
  t.equal((await client.say('L', 'Subject\0', 'test\0'))?.code, 'c', 'each field is answered');
  t.equal((await client.say('N'))?.code, 'c');
  t.equal((await client.say('B', 'hello\r\n'))?.code, 'c');
  t.strictSame(
    (await client.end()).map(({ code }) => code),
    ['a'],
  );
  t.equal((await door.decided(() => true)).size, 'Subject: test\r\n\r\nhello\r\n'.length);
  t.equal((await client.say('U', 'FOO\0'))?.code, 'c');
  await client.quit();
});

t.test('an MTA that hears nothing for a while hears that we are still at it', async (t) => {
  const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 50));
  const door = await startMilterDoor(t, {
    milter: { progressMs: 1 },
    wrapStore: (store) => committing(store, slowly),
  });
  const client = await ready(door.port);
  await client.mail();
  await client.recipient('to@example.net');
  const said = (await client.message()).map(({ code }) => code);
  t.equal(said.at(-1), 'a');
  t.ok(said.filter((code) => code === 'p').length > 0);
  await client.quit();
});

t.test('after a reload that needs more of messages, clients connect again', async (t) => {
  const door = await startMilterDoor(t, { milter: { content: 'nothing' } });
  const client = await ready(door.port);
  t.match((await client.transact()).end, [{ code: 'a' }]);
  t.match(await door.decided(() => true), { size: 0 });
  door.change({ content: 'whole' });
  t.match((await client.mail())?.text, /^421 4\.3\.2 The settings of this server have changed/);
  const again = await ready(door.port);
  t.match((await again.transact()).end, [{ code: 'a' }]);
  for (const one of [client, again]) await one.quit();
});

t.test('a graceful stop waits for transactions, and for no idle connection', async (t) => {
  const door = await startMilterDoor(t);
  const idle = await ready(door.port);
  const busy = await ready(door.port);
  await busy.mail();
  await busy.recipient('to@example.net');
  const stopped = door.door.drain(10_000);
  await idle.closed;
  t.match(await busy.message(), [{ code: 'a' }]);
  await busy.closed;
  await stopped;
  t.match(door.decisions, [{ ending: 'passed' }]);
});

t.test('after the time that a stop gives, the rest is cut off and given back', async (t) => {
  const door = await startMilterDoor(t);
  const client = await ready(door.port);
  await client.mail();
  await client.recipient('to@example.net');
  await door.door.drain(1);
  await client.closed;
  t.match(door.decisions, [{ ending: 'aborted' }]);
  t.match(door.cutOffs, [{ reason: 'shutting down', client: '127.0.0.1', listener: 'milter' }]);
});

t.test('what is not the protocol is cut off', async (t) => {
  const door = await startMilterDoor(t, { listener: { maxConnections: 1_000 } });
  const nonsense: readonly (readonly [string, readonly Buffer[]])[] = [
    ['HTTP', [Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n')]],
    ['nothing', [uint32(0)]],
    ['4 GiB', [Buffer.from([0xff, 0xff, 0xff, 0xff, 0x42])]],
    ['an unknown command', [frame('z', 'x')]],
    ['a command before the negotiation', [frame('C', 'x\0', 'U')]],
    ['a second negotiation', [frame('O', uint32(6, 0, 0)), frame('O', uint32(6, 0, 0))]],
    ['version 1', [frame('O', uint32(1, 0, 0))]],
    ['mail of no client', [frame('O', uint32(6, 0, 0)), frame('M', '<a@example.com>\0')]],
    ['two clients', [frame('O', uint32(6, 0, 0)), frame('C', 'x\0', 'U'), frame('C', 'x\0', 'U')]],
    ['a recipient of no mail', [frame('O', uint32(6, 0, 0)), frame('C', 'x\0', 'U'), frame('R', '<a@example.com>\0')]],
    ['the end of no message', [frame('O', uint32(6, 0, 0)), frame('C', 'x\0', 'U'), frame('E')]],
    ['a macro without a value', [frame('O', uint32(6, 0, 0)), frame('D', 'C', 'a\0')]],
    ['a packet of text that is too long', [frame('O', uint32(6, 0, 0)), frame('H', 'x'.repeat(70_000), '\0')]],
  ];
  for (const [what, packets] of nonsense) {
    const client = await connectMilter({ port: door.port });
    const before = door.cutOffs.length;
    client.write(Buffer.concat(packets));
    await client.closed;
    t.match(door.cutOffs.slice(before), [{ reason: /^not the milter protocol: / }], what);
  }
  t.strictSame(door.defects, []);
});

t.test('time limits: idle connections, packets that do not end, responses that nobody takes', async (t) => {
  const idle = await startMilterDoor(t, { milter: { idleTimeoutMs: 50 } });
  const client = await connectMilter({ port: idle.port });
  await client.closed;
  t.match(idle.cutOffs, [{ reason: 'waited 0.05 s for a packet' }]);

  const slow = await startMilterDoor(t, { milter: { packetTimeoutMs: 50 } });
  const half = await connectMilter({ port: slow.port });
  half.write(frame('O', uint32(6, 0, 0)).subarray(0, 7));
  await half.closed;
  t.match(slow.cutOffs, [{ reason: 'waited 0.05 s for the rest of a packet' }]);

  // An octet now and then buys no time.
  const dribbling = await connectMilter({ port: slow.port });
  const long = frame('H', 'x'.repeat(60_000), '\0');
  let sent = 0;
  const drops = setInterval(() => dribbling.write(long.subarray(sent, ++sent)), 5);
  await dribbling.closed;
  clearInterval(drops);
  t.match(slow.cutOffs[1], { reason: 'waited 0.05 s for the rest of a packet' });

  // Longer, since the flood comes in pieces, and a busy machine may wait between them.
  const patient = await startMilterDoor(t, { milter: { packetTimeoutMs: 1_500 } });
  const deaf = await connectMilter({ port: patient.port });
  await deaf.negotiate(6, 0, 0);
  await deaf.hello();
  deaf.socket.pause();
  const unknown = Buffer.concat(Array.from({ length: 20_000 }, () => frame('U', 'x\0')));
  // Until nobody takes any more.
  const flood = setInterval(
    () => deaf.socket.writable && deaf.socket.writableLength < 1_000_000 && deaf.write(unknown),
    1,
  );
  t.teardown(() => clearInterval(flood));
  await until('cut off', async () => patient.cutOffs.length > 0 || null);
  t.match(patient.cutOffs, [{ reason: 'waited 1.5 s for a response to be taken' }]);
  deaf.destroy();
});

t.test('strangers and too many connections are turned away', async (t) => {
  const strict = await startMilterDoor(t, { listener: { isPeer: () => false } });
  await (await connectMilter({ port: strict.port })).closed;
  t.match(strict.cutOffs, [{ reason: 'not an MTA of `peers`' }]);
  const few = await startMilterDoor(t, { listener: { maxConnections: 1 } });
  const first = await connectMilter({ port: few.port });
  await first.negotiate();
  await (await connectMilter({ port: few.port })).closed;
  t.match(few.cutOffs, [{ reason: 'too many connections of MTAs' }]);
  first.destroy();
  await once(first.socket, 'close').catch(() => undefined);
});

t.test('a defect is a 451 and a line in the log, and the connection goes on', async (t) => {
  let broken: 'stateOf' | 'reserve' | null = 'reserve';
  const bug = () => Promise.reject(new Error('a bug'));
  const door = await startMilterDoor(t, {
    wrapStore: (store) =>
      Object.assign(Object.create(store), {
        stateOf: (...args: Parameters<Store['stateOf']>) => (broken === 'stateOf' ? bug() : store.stateOf(...args)),
        reserve: (...args: Parameters<Store['reserve']>) => (broken === 'reserve' ? bug() : store.reserve(...args)),
      }),
  });
  const client = await readyPostfix(door.port);
  await client.mail();
  t.match((await client.recipient('to@example.net'))?.text, /^451 4\.3\.0 An internal error/);
  t.match(door.defects, [{ message: 'a bug' }]);
  client.write(frame('A'));
  broken = 'stateOf';
  await client.mail();
  t.match((await client.recipient('to@example.net'))?.text, /^451 4\.3\.0 An internal error/, 'of MAIL, said at RCPT');
  broken = null;
  client.write(frame('A'));
  t.match((await client.transact()).end, [{ code: 'a' }]);
  await client.quit();
});

t.test('DATA is left out on a unix socket, where no acknowledgement is waited for', async (t) => {
  // Such a path may have 107 octets.
  const folder = await mkdtemp(join(tmpdir(), 'sluice-milter-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'milter.sock');
  await startMilterDoor(t, { listener: { address: { path } } });
  const local = await connectMilter({ path });
  t.ok(((await local.negotiate()).steps & STEP.noData) !== 0);
  t.equal((await local.hello())?.code, 'c');
  t.same(
    (await local.transact()).end.map(({ code }) => code),
    ['a'],
  );
  await local.quit();
  const remote = await connectMilter({ port: (await startMilterDoor(t)).port });
  t.equal((await remote.negotiate()).steps & STEP.noData, 0);
  await remote.quit();
});

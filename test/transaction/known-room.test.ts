import t, { type Test } from 'tap';
import type { Decision } from '../../src/ledger/decision.js';
import type { ReserveRequest } from '../../src/store/contract.js';
import { isAmple } from '../../src/store/window.js';
import { KnownRoom } from '../../src/transaction/known-room.js';
import { anyMail, openLedger, policyContext } from '../replay/traffic.js';
import { commit, limitOf, newLease } from '../store/contract/sender.js';
import fc from '../support/property.js';

const HOUR = 3_600_000;

t.test('room is known where all limits on what is asked for have so much that nothing would be held', (t) => {
  const count = fc.integer({ min: 0, max: 100_000 });
  const limits = fc.array(fc.record({ resource: fc.constantFrom('messages', 'recipients', 'bytes'), count }));
  fc.assert(
    fc.property(limits, fc.integer({ min: 0, max: 900 }), fc.integer({ min: 0, max: 900 }), (of, used, bytes) => {
      const asked = of.map(({ resource, count }) => limitOf(resource, count, HOUR));
      const usage = asked.map((limit) => ({ limit, used, over: false, freesUpInMs: null }));
      const known = new KnownRoom();
      known.heard('acme', usage, 0);
      const room = known.of('acme', asked, { messages: 1, bytes }, 0);
      const isAmpleFor = (recipients: number) =>
        asked.every(({ resource, count }) => {
          const amount = { messages: 1, bytes, recipients }[resource as 'messages' | 'bytes' | 'recipients'];
          return isAmple(amount, count - used - amount);
        });
      t.equal(room !== null, isAmpleFor(1));
      if (room === null || room.places === Number.POSITIVE_INFINITY) return;
      t.ok(isAmpleFor(room.places));
      t.notOk(isAmpleFor(room.places + 1));
    }),
  );
  t.end();
});

t.test('what is known of an account’s room grows old, and goes with what it was said of', (t) => {
  const limit = limitOf('messages', 1_000, HOUR);
  const known = new KnownRoom();
  const isKnown = (now: number, account = 'acme', of = limit) => known.of(account, [of], { messages: 1 }, now) !== null;
  t.notOk(isKnown(0), 'nothing was said');
  known.heard('acme', [{ limit, used: 1, over: false, freesUpInMs: null }], 5_000);
  t.ok(isKnown(5_000));
  t.ok(isKnown(6_000));
  t.notOk(isKnown(6_001));
  t.notOk(isKnown(4_999), 'the clock went back: nobody knows how old it is');
  t.notOk(isKnown(5_000, 'zenith'));
  t.notOk(isKnown(5_000, 'acme', limitOf('messages', 2_000, HOUR)), 'the limit is another now');
  known.forget('acme');
  t.notOk(isKnown(5_000));
  t.end();
});

const MAIL = {
  account: 'acme',
  from: 'x@acme.example',
  to: [['a@example.net']],
  size: 1,
  declared: false,
  end: 'accepted',
  unknownToRelay: [],
  after: 0,
} as const;

/** A ledger, and what was asked of its store at RCPT about the account. */
async function watchedLedger(t: Test, rules: Record<string, unknown>) {
  const ledger = await openLedger(policyContext({ 'flood.recipient': { mode: 'off' }, ...rules }));
  t.teardown(() => ledger.close());
  const { store } = ledger;
  const reserve = store.reserve.bind(store);
  const asked: ReserveRequest[] = [];
  Object.assign(store, {
    reserve(request: ReserveRequest) {
      if (request.accountLimits.length > 0) asked.push(request);
      return reserve(request);
    },
  });
  return { ...ledger, asked };
}

t.test('who sends one message after the other is asked about until the room is no longer ample', async (t) => {
  const ledger = await watchedLedger(t, { 'volume.messages': { limits: ['70/1h'] } });
  const used: unknown[] = [];
  for (let number = 0; number < 6; number += 1) {
    const { recipients } = await ledger.send(MAIL);
    used.push(recipients[0]?.facts?.usage.find(({ limit }) => limit.resource === 'messages')?.used);
  }
  t.strictSame(used, [1, 2, 3, 4, 5, 6]);
  t.equal(ledger.asked.length, 1, 'the first; of the sixth 65 are left');
  await ledger.send(MAIL);
  t.equal(ledger.asked.length, 2);
  await ledger.send({ ...MAIL, after: 1_001 });
  t.equal(ledger.asked.length, 3);
  const rest: Decision[] = [];
  for (let number = 0; number < 100; number += 1) rest.push(await ledger.send(MAIL));
  t.equal(rest.filter(({ verdict }) => verdict === 'pass').length, 62, 'exactly the limit');
  t.ok(rest.slice(62).every(({ stage, verdict }) => stage === 'recipient' && verdict === 'defer'));
});

t.test('what was promised so is told with what is asked later', async (t) => {
  const ledger = await watchedLedger(t, { 'volume.recipients': { limits: ['10000/1h'] } });
  await ledger.send(MAIL);
  const to = Array.from({ length: 65 }, (_, index) => [`r${index}@example.net`]);
  await ledger.send({ ...MAIL, to, size: 900, declared: true });
  t.strictSame(
    ledger.asked.map(({ unheld, amounts, recipients }) => ({ unheld, amounts, recipients: recipients.length })),
    [
      { unheld: {}, amounts: { messages: 1, bytes: 0 }, recipients: 1 },
      { unheld: { messages: 1, bytes: 900, recipients: 64 }, amounts: {}, recipients: 1 },
    ],
  );
});

t.test('who was denied at the end of data is denied at RCPT from then on', async (t) => {
  const ledger = await watchedLedger(t, { 'volume.messages': { limits: ['70/1h'] } });
  await ledger.send(MAIL);
  const [limits] = ledger.asked.map(({ accountLimits }) => accountLimits);
  await commit(ledger.store, newLease(), limits ?? [], { amounts: { messages: 69 } });
  const stages: string[] = [];
  for (let number = 0; number < 3; number += 1) stages.push((await ledger.send(MAIL)).stage);
  t.strictSame(stages, ['message', 'recipient', 'recipient']);
});

t.test('decisions are the same as if it were asked each time', async (t) => {
  const limits = (unit = '') =>
    fc.constantFrom(68, 75, 200, 100_000, 100_000).map((count) => ({ limits: [`${count}${unit}/1h`] }));
  const rules = fc.record({
    'volume.recipients': limits(),
    'volume.messages': limits(),
    'volume.bytes': limits('KiB'),
    'flood.recipient': fc.constant({ perAccount: ['2/1h'], everyone: ['8/1h'] }),
  });
  const end = fc.constantFrom('accepted', 'accepted', 'refused-by-relay', 'aborted');
  const after = fc.constantFrom(0, 200, 900, 1_100);
  const mails = fc.array(fc.record({ mail: anyMail, end, after }), { minLength: 5, maxLength: 25 });
  await fc.assert(
    fc.asyncProperty(rules, mails, async (rules, mails) => {
      const policy = policyContext(rules);
      const deaf = new KnownRoom();
      deaf.heard = () => undefined;
      const [knowing, asking] = await Promise.all([openLedger(policy), openLedger(policy, deaf)]);
      for (const { mail, ...more } of mails) {
        const sent = { ...mail, account: 'acme', from: 'x@acme.example', ...more } as const;
        t.strictSame(comparable(await knowing.send(sent)), comparable(await asking.send(sent)));
      }
      await Promise.all([knowing.close(), asking.close()]);
    }),
    { numRuns: 15 },
  );
});

/** A decision without what is of its own process. */
function comparable({ at, durationMs, ...decision }: Decision): unknown {
  return JSON.parse(JSON.stringify(decision).replaceAll(decision.session, 'session'));
}

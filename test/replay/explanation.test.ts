import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { explain } from '../../src/replay/explanation.js';
import { gapInWords } from '../../src/replay/gap.js';
import { suppose } from '../../src/replay/supposed-mail.js';
import { MS } from '../../src/units/duration.js';
import { address } from '../policy/facts.js';
import { blemish, openLedger, policyContext } from './traffic.js';

const client = { address: '192.0.2.1', listener: 'submission' };
const mail = {
  account: { id: 'acme', plan: 'default', senders: ['acme.example'], language: null },
  client,
  reversePath: address('x@acme.example'),
  recipients: [address('a@example.net')],
  message: { size: 100, octets: [] },
};
const sent = {
  account: 'acme',
  from: 'x@acme.example',
  to: [['a@example.net', 'b@example.net']],
  size: 100,
  declared: true,
  end: 'accepted',
  unknownToRelay: [],
  after: 0,
} as const;

t.test('every rule of a stage is told in catalogue order, with what it looked at', async (t) => {
  const policy = policyContext({ 'flood.recipient': { mode: 'off' } });
  const ledger = await openLedger(policy);
  t.teardown(() => ledger.close());
  await blemish(ledger.store);
  const decision = await ledger.send(sent);
  const { stages, changed, gaps } = explain(decision, policy);
  t.strictSame(
    stages.map(({ stage, recipient }) => [stage, recipient]),
    [
      ['mail', null],
      ['recipient', 'a@example.net'],
      ['recipient', 'b@example.net'],
      ['message', null],
    ],
  );
  for (const { stage, rules } of stages) {
    t.strictSame(
      rules.map(({ rule }) => rule),
      CATALOGUE.filter(({ judge }) => judge[stage] !== undefined).map(({ id }) => id),
    );
  }
  const of = (stage: number, rule: string) => stages[stage]?.rules.find((one) => one.rule === rule);
  t.match(of(0, 'account.sender'), { judged: 'pass', saw: { 'account.senders': ['acme.example'] } });
  t.match(of(1, 'recipient.suppressed'), { judged: 'pass', saw: { suppression: null } });
  t.match(of(2, 'recipient.suppressed'), { judged: 'reject', saw: { suppression: { reason: 'complained' } } });
  t.match(of(2, 'recipient.suppressed')?.objection?.reply, /^550 5\.7\.1 \[recipient\.suppressed\]/);
  t.match(of(1, 'flood.recipient'), { judged: 'off', saw: {} });
  t.match(of(1, 'volume.recipients'), { saw: { usage: [{ used: 1, limit: { rule: 'volume.recipients' } }, {}] } });
  t.strictSame(stages[2]?.heard, of(2, 'recipient.suppressed')?.objection?.reply);
  t.strictSame([changed, gaps], [[], []]);
});

t.test('a recorded decision says what another policy would make of it, and what the record cannot tell', async (t) => {
  const then = policyContext({ 'recipient.suppressed': { mode: 'off' }, 'volume.messages': { limits: ['5/1h'] } });
  const ledger = await openLedger(then);
  t.teardown(() => ledger.close());
  await blemish(ledger.store);
  const decision = await ledger.send({ ...sent, from: 'y@else.example' });
  t.equal(decision.verdict, 'reject');
  const now = policyContext({ 'account.sender': { mode: 'off' }, 'volume.messages': { limits: ['5/2h'] } });
  const { stages, changed } = explain(decision, now);
  t.match(
    stages[0]?.rules.find(({ rule }) => rule === 'account.sender'),
    {
      judged: 'off',
      recorded: { verdict: 'reject' },
    },
  );
  t.match(changed, [
    { recipient: null, before: { verdict: 'reject', rule: 'account.sender' }, after: { verdict: 'pass' } },
  ]);

  const passed = await ledger.send(sent);
  const told = explain(passed, now).gaps.map(gapInWords);
  t.match(told, [
    /recipient\.suppressed: was off then/,
    /volume\.messages: the use of messages per 2h was not recorded/,
  ]);
});

t.test('a supposed mail fares as a real one would, and leaves no trace', async (t) => {
  const policy = policyContext({
    'volume.recipients': { limits: ['3/1h'] },
    'volume.messages': { limits: ['2/1h'] },
    'flood.recipient': { perAccount: ['1/1h'] },
  });
  const ledger = await openLedger(policy);
  t.teardown(() => ledger.close());
  await blemish(ledger.store);
  await ledger.send({ ...sent, to: [['a@example.net']] });
  const supposed = {
    ...mail,
    recipients: ['a', 'b', 'c', 'd', 'dead', 'gone'].map((local) => address(`${local}@example.net`)),
  };
  const before = await suppose(supposed, policy, ledger.store);
  for (let again = 0; again < 5; again += 1) await suppose(supposed, policy, ledger.store);
  const real = await ledger.send({ ...sent, to: [supposed.recipients.map(({ spelling }) => spelling)] });
  const told = ({ recipients }: typeof real) =>
    recipients.map(({ address, verdict, reply, objections }) => ({
      address,
      verdict,
      reply: verdict === 'pass' ? '' : reply.replace(/ref=\S+/, ''),
      objections: objections.map(({ rule, evidence }) => ({ rule, evidence })),
    }));
  t.strictSame(told(before), told(real));
  t.match(real.recipients.map(({ verdict }) => verdict).sort(), ['defer', 'defer', 'pass', 'pass', 'reject', 'reject']);
  t.strictSame(before.messageUsage, real.messageUsage);
  t.equal(before.verdict, real.verdict);
});

t.test('without a store nothing is counted and nobody is suppressed', async (t) => {
  const policy = policyContext({ 'volume.recipients': { limits: ['1/1h'] } });
  const decision = await suppose(
    { ...mail, recipients: [address('b@example.net'), address('c@example.net')] },
    policy,
    null,
  );
  t.match(decision.recipients, [{ verdict: 'pass' }, { verdict: 'defer' }]);
  const later = decision.recipients[1]?.facts?.usage.find(({ over }) => over);
  t.match(later, { used: 1, freesUpInMs: null }, 'what it holds itself may come home any time');
  t.equal((await suppose({ ...mail, message: null }, policy, null)).stage, 'recipient');
  t.ok(Math.abs(decision.at - Date.now()) < MS.h);
});

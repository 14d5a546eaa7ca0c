import t from 'tap';
import { decodeDecision, encodeDecision, UnreadableDecision } from '../../src/ledger/codec.js';
import { objectedDecision, sampleDecision } from '../telemetry/sample-decision.js';

const usage = {
  limit: { rule: 'volume.messages', resource: 'messages', perMs: 60_000, count: 10, enforced: true },
  used: 10,
  over: true,
  freesUpInMs: null,
} as const;

t.test('a decision comes back as it was', async (t) => {
  const full = objectedDecision({
    messageUsage: [usage],
    accountState: {
      account: 'acme',
      standing: 'warned',
      changed: { reason: 'r', by: 'b', at: 1 },
      until: null,
      firstAcceptedAt: 2,
    },
    reversePath: '',
  });
  const stored = encodeDecision(full);
  t.same(decodeDecision(stored), full);
  t.match(stored, { id: 'T2', account: 'acme', verdict: 'pass', rules: ['volume.recipients', 'recipient.suppressed'] });
  const early = sampleDecision({
    account: null,
    plan: null,
    username: null,
    reversePath: null,
    recipients: [],
    size: null,
  });
  t.same(decodeDecision(encodeDecision(early)), early);
});

t.test('it is written as JSON.stringify would, whatever lists are in it', async (t) => {
  const { limit } = usage;
  const messageUsage = [usage, { limit, used: 3, over: false, freesUpInMs: 250 }, { ...usage, limit: { ...limit } }];
  const [recipient] = sampleDecision().recipients;
  if (recipient?.facts == null) throw new Error('the sample has a judged recipient');
  const met = { ...recipient, facts: { ...recipient.facts, usage: messageUsage } };
  for (const recipients of [[], [recipient], [met, { ...recipient, facts: null }, met]]) {
    for (const usages of [[], messageUsage]) {
      const decision = objectedDecision({ recipients, messageUsage: usages });
      const { body } = encodeDecision(decision);
      t.strictSame(JSON.parse(body), JSON.parse(JSON.stringify({ version: 1, ...decision })));
    }
  }
});

t.test('what cannot be read says why', async (t) => {
  const { body } = encodeDecision(sampleDecision());
  const changed = (change: object) => ({ id: 'T1', body: JSON.stringify({ ...JSON.parse(body), ...change }) });
  const cases: readonly [{ id: string; body: string }, RegExp][] = [
    [{ id: 'T1', body: '{' }, /not JSON/],
    [{ id: 'T1', body: 'null' }, /no version/],
    [changed({ version: 99 }), /version 99, this Sluice reads 1/],
    [changed({ verdict: 'maybe' }), /verdict/],
    [changed({ recipients: [{}] }), /recipients\.0/],
  ];
  for (const [stored, why] of cases) {
    t.throws(() => decodeDecision(stored), UnreadableDecision, String(why));
    t.throws(() => decodeDecision(stored), { message: why });
  }
});

t.test('fields of a later version that this one does not know are no obstacle', async (t) => {
  const { id, body } = encodeDecision(sampleDecision());
  const later = JSON.stringify({ ...JSON.parse(body), campaign: 'c1' });
  t.same(decodeDecision({ id, body: later }), sampleDecision());
});

t.test('a decision of Sluice 0.1 is read, and what it lacks is null', async (t) => {
  const { id, body } = encodeDecision(sampleDecision());
  const written = JSON.parse(body);
  for (const field of ['declaredSize', 'mailAt', 'messageAt', 'asked', 'message', 'reputation']) delete written[field];
  for (const field of ['now', 'flood']) delete written.recipients[0].facts[field];
  const read = decodeDecision({ id, body: JSON.stringify(written) });
  t.match(read, { declaredSize: null, mailAt: null, messageAt: null, asked: null, reputation: null });
  t.match(read.recipients[0]?.facts, { now: null, flood: null, position: 1 });
});

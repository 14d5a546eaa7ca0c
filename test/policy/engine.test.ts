import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { judge } from '../../src/policy/engine.js';
import type { Mode } from '../../src/policy/rule.js';
import { toText } from '../../src/smtp/reply.js';
import { MS } from '../../src/units/duration.js';
import fc from '../support/property.js';
import { NOW, policyWith, recipientFacts, usage, WORDS } from './facts.js';

/** A recipient that five rules object to: two defer, three reject. */
const everything = recipientFacts({
  position: 101,
  usage: [usage('volume.recipients', 'recipients')],
  suppression: {
    key: 'you@example.com',
    account: 'acme',
    reason: 'complained',
    at: NOW,
    by: 'x',
    note: '',
    expiresAt: null,
  },
  revocation: { key: 'you@example.com', account: 'acme', at: NOW - 3 * MS.d, source: 'cli' },
  rejections: {
    key: 'you@example.com',
    account: 'acme',
    count: 3,
    firstAt: NOW - 20 * MS.d,
    latestAt: NOW,
    latestStatus: '5.1.1',
  },
});
const OBJECTING = [
  'recipient.suppressed',
  'recipient.revoked',
  'recipient.rejections',
  'volume.recipients-per-message',
  'volume.recipients',
];

t.test('nothing to object', async (t) => {
  t.strictSame(judge('recipient', recipientFacts(), policyWith(), WORDS), {
    verdict: 'pass',
    heard: null,
    reply: null,
    objections: [],
  });
});

t.test('all objections are recorded, the client hears the most severe, first in catalogue order', async (t) => {
  const judgement = judge('recipient', everything, policyWith(), WORDS);
  t.strictSame(
    judgement.objections.map((objection) => objection.rule),
    OBJECTING,
  );
  t.equal(judgement.verdict, 'reject');
  t.equal(judgement.heard?.rule, 'recipient.suppressed');
  t.equal(judgement.reply === null ? '' : toText(judgement.reply), judgement.heard?.reply);
  t.match(judgement.objections[4], {
    rule: 'volume.recipients',
    stage: 'recipient',
    mode: 'enforce',
    verdict: 'defer',
  });
});

t.test('reject before defer, though the deferring rule comes first', async (t) => {
  const off = { 'recipient.suppressed': { mode: 'off' }, 'recipient.rejections': { mode: 'off' } };
  const grace = { 'recipient.revoked': { honourWithin: '100d', grace: 'defer' } };
  const bytes = usage('volume.bytes', 'bytes', { count: 0 });
  const facts = { ...everything, usage: [bytes], declaredSize: 5 };
  const judgement = judge('recipient', facts, policyWith({ ...off, ...grace }), WORDS);
  t.strictSame(
    judgement.objections.map(({ rule, verdict }) => [rule, verdict]),
    [
      ['recipient.revoked', 'defer'],
      ['volume.recipients-per-message', 'defer'],
      ['volume.bytes', 'reject'],
    ],
  );
  t.equal(judgement.heard?.rule, 'volume.bytes');
});

t.test('observed objections are recorded with what would have been said, and the mail passes', async (t) => {
  const judgement = judge('recipient', everything, policyWith({}, 'observe'), WORDS);
  t.equal(judgement.verdict, 'pass');
  t.equal(judgement.heard, null);
  t.equal(judgement.reply, null);
  t.equal(judgement.objections.length, OBJECTING.length);
  for (const objection of judgement.objections) t.match(objection, { mode: 'observe', reply: /^[45]\d\d [45]\.\d/ });
});

t.test('an enforced deferral is heard beside an observed rejection', async (t) => {
  const rules = Object.fromEntries(OBJECTING.slice(0, 3).map((rule) => [rule, { mode: 'observe' }]));
  const judgement = judge('recipient', everything, policyWith(rules), WORDS);
  t.equal(judgement.verdict, 'defer');
  t.equal(judgement.heard?.rule, 'volume.recipients-per-message');
  t.equal(judgement.objections.length, OBJECTING.length);
});

t.test('off: not judged at all', async (t) => {
  t.strictSame(judge('recipient', everything, policyWith({}, 'off'), WORDS).objections, []);
});

t.test('exempt recipients meet only the rules that are for them too', async (t) => {
  const { objections } = judge('recipient', { ...everything, exempt: true }, policyWith(), WORDS);
  t.strictSame(
    objections.map((objection) => objection.rule),
    ['volume.recipients-per-message'],
  );
});

t.test('precedence holds for any modes', async () => {
  const mode = fc.constantFrom<Mode>('off', 'observe', 'enforce');
  fc.assert(
    fc.property(mode, fc.tuple(mode, mode, mode, mode, mode), (overall, modes) => {
      const rules = Object.fromEntries(OBJECTING.map((rule, index) => [rule, { mode: modes[index] }]));
      const { objections, heard, verdict, reply } = judge('recipient', everything, policyWith(rules, overall), WORDS);
      const enforced = objections.filter((objection) => objection.mode === 'enforce');
      const expected = enforced.find((objection) => objection.verdict === 'reject') ?? enforced[0] ?? null;
      return (
        heard === expected && verdict === (expected?.verdict ?? 'pass') && (reply === null) === (expected === null)
      );
    }),
  );
});

t.test('every rule judges at some stage, and what it needs is asked for', async (t) => {
  for (const rule of CATALOGUE) t.ok(Object.keys(rule.judge).length > 0, rule.id);
  t.strictSame([...policyWith().needs].sort(), ['rejections', 'revocation', 'suppression']);
  t.strictSame([...policyWith({ 'recipient.revoked': { mode: 'off' } }).needs].sort(), ['rejections', 'suppression']);
  t.strictSame([...policyWith({}, 'off').needs], []);
});

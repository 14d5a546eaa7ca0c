import t from 'tap';
import { judge } from '../../../src/policy/engine.js';
import type { RecipientFacts } from '../../../src/policy/rule.js';
import type { RejectionStreak, Revocation, Suppression } from '../../../src/store/contract.js';
import { MS } from '../../../src/units/duration.js';
import fc from '../../support/property.js';
import { address, NOW, policyWith, recipientFacts, usage, WORDS } from '../facts.js';

const ask = (facts: Partial<RecipientFacts>, rules: Record<string, unknown> = {}) =>
  judge('recipient', recipientFacts(facts), policyWith(rules), WORDS);

function suppression(over: Partial<Suppression> = {}): Suppression {
  return {
    key: 'you@example.com',
    account: 'acme',
    reason: 'unsubscribed',
    at: Date.UTC(2026, 8, 1),
    by: 'import',
    note: 'secret',
    expiresAt: null,
    ...over,
  };
}

t.test('recipient.suppressed', async (t) => {
  t.equal(ask({}).reply, null);
  t.equal(
    ask({ suppression: suppression() }).heard?.reply,
    '550 5.7.1 [recipient.suppressed] <you@example.com> unsubscribed on 2026-09-01, so no mail is sent to it ref=T1 https://policy.example/recipient.suppressed',
  );
  for (const reason of ['unsubscribed', 'complained', 'bounced', 'manual'] as const) {
    const { heard } = ask({ suppression: suppression({ reason, account: null, key: '@example.com' }) });
    t.match(heard, { situation: reason, verdict: 'reject', evidence: { key: '@example.com', account: null } });
    t.notMatch(heard?.reply, /secret|import/, 'neither note nor author is for the client');
  }
  t.equal(ask({ suppression: suppression({ expiresAt: NOW }) }).reply, null, 'expired this very moment');
  t.match(ask({ suppression: suppression({ expiresAt: NOW + 1 }) }).verdict, 'reject');
  t.equal(ask({ suppression: suppression(), exempt: true }).reply, null, 'bounces pass');
});

t.test('recipient.suppressed and sub-addresses', async (t) => {
  const facts = { recipient: address('you+news@example.com'), suppression: suppression() };
  t.equal(ask(facts).reply, null);
  const matching = { 'recipient.suppressed': { matchSubaddress: true } };
  t.equal(ask(facts, matching).verdict, 'reject');
  t.equal(policyWith().matchSubaddress, false);
  t.equal(policyWith(matching).matchSubaddress, true);
});

t.test('recipient.revoked', async (t) => {
  const revocation = (age: number): Revocation => ({
    key: 'you@example.com',
    account: 'acme',
    at: NOW - age,
    source: 'one-click',
  });
  const late = ask({ revocation: revocation(48 * MS.h) });
  t.match(
    late.heard?.reply,
    /^550 5\.7\.1 \[recipient\.revoked\] <you@example\.com> revoked consent on 2026-10-13.* within 2 days ref=/,
  );
  t.equal(late.heard?.evidence.late, true);
  const early = { revocation: revocation(48 * MS.h - 1) };
  t.equal(ask(early).reply, null);
  t.strictSame(ask(early).objections, []);
  t.match(ask(early, { 'recipient.revoked': { grace: 'defer' } }).reply, { code: 450, status: '4.7.0' });
  t.match(ask(early, { 'recipient.revoked': { grace: 'reject' } }).heard, {
    situation: 'graceReject',
    evidence: { late: false },
  });
  t.equal(
    ask({ revocation: revocation(25 * MS.h) }, { 'recipient.revoked': { honourWithin: '24h' } }).verdict,
    'reject',
  );
  t.equal(ask({ revocation: revocation(48 * MS.h), exempt: true }).reply, null);
  t.equal(
    ask({ revocation: revocation(-5000) }, { 'recipient.revoked': { grace: 'defer' } }).verdict,
    'defer',
    'a report from a clock ahead of ours',
  );
});

function streak(count: number, spanMs: number): RejectionStreak {
  return {
    key: 'you@example.com',
    account: 'acme',
    count,
    firstAt: NOW - spanMs - MS.h,
    latestAt: NOW - MS.h,
    latestStatus: '550 5.1.1 unknown',
  };
}

t.test('recipient.rejections', async (t) => {
  const verdict = (count: number, span: number, rules = {}) => ask({ rejections: streak(count, span) }, rules).verdict;
  t.equal(verdict(3, 15 * MS.d), 'pass', 'exactly 15 days');
  t.equal(verdict(3, 15 * MS.d + 1), 'reject', 'longer than 15 days');
  t.equal(verdict(2, 100 * MS.d), 'pass', 'two rejections');
  t.equal(verdict(500, 14 * MS.d), 'pass');
  t.equal(verdict(500, 16 * MS.d), 'reject', 'the third came early, the latest counts');
  t.equal(verdict(2, 2 * MS.d, { 'recipient.rejections': { count: 2, longerThan: '1d' } }), 'reject');
  const { heard } = ask({ rejections: streak(4, 20 * MS.d) });
  t.match(
    heard?.reply,
    /^550 5\.1\.1 \[recipient\.rejections\] <you@example\.com> rejected mail 4 times in a row from 2026-09-25 to 2026-10-15,/,
  );
  t.match(heard?.evidence, { count: 4, latestStatus: '550 5.1.1 unknown' });
  t.equal(policyWith().streakScope, 'account');
  t.equal(policyWith({ 'recipient.rejections': { scope: 'global' } }).streakScope, 'global');
});

t.test('recipient.rejections is the clause, for any streak', async () => {
  const policy = policyWith();
  fc.assert(
    fc.property(
      fc.nat(6),
      fc.oneof(fc.nat(40 * MS.d), fc.integer({ min: 15 * MS.d - 2, max: 15 * MS.d + 2 })),
      (count, span) => {
        const { verdict } = judge('recipient', recipientFacts({ rejections: streak(count, span) }), policy, WORDS);
        return (verdict === 'reject') === (count >= 3 && span > 15 * MS.d);
      },
    ),
  );
});

t.test('flood.recipient', async (t) => {
  const over = usage('flood.recipient', 'messages', { count: 5, perMs: MS.h });
  const { heard } = ask({ usage: [over] });
  t.match(
    heard?.reply,
    /^451 4\.7\.28 \[flood\.recipient\] The limit of 5 messages in 1 hour to one address is reached for <you@example\.com>, please try again in about 12 minutes/,
  );
  t.equal(ask({ usage: [{ ...over, over: false }] }).reply, null);
  t.equal(ask({ usage: [over], exempt: true }).verdict, 'defer', 'bounces flood too');
  t.equal(ask({ usage: [usage('flood.recipient', 'messages', { count: 0 })] }).heard?.situation, 'flood');
  const policy = policyWith({ 'flood.recipient': { perAccount: ['5/1h'], everyone: ['50/1h'] } });
  t.match(policy.limitsOf('flood-account', null, NOW), [{ count: 5, resource: 'messages', rule: 'flood.recipient' }]);
  t.match(policy.limitsOf('flood-everyone', null, NOW), [{ count: 50 }]);
});

t.test('volume.recipients-per-message', async (t) => {
  t.equal(ask({ position: 100 }).reply, null);
  t.match(ask({ position: 101 }).heard?.reply, /^452 4\.5\.3 .*at most 100 recipients/);
  t.equal(ask({ position: 3 }, { 'volume.recipients-per-message': { limit: 2 } }).verdict, 'defer');
});

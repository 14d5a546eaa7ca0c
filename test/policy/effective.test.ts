import t from 'tap';
import { type PolicySettings, resolvePolicies } from '../../src/policy/effective.js';
import { ruleSettingsSchema } from '../../src/policy/rule-settings.js';
import { recipientRevoked } from '../../src/policy/rules/recipient-revoked.js';
import { volumeMessages } from '../../src/policy/rules/volume-messages.js';
import { MS } from '../../src/units/duration.js';
import { NOW } from './facts.js';

const rules = (overrides: Record<string, unknown>) => ruleSettingsSchema().parse(overrides);

function policies(settings: Partial<PolicySettings>) {
  return resolvePolicies({ mode: 'enforce', rules: {}, plans: {}, accounts: {}, ...settings });
}

t.test('parameters: defaults, then global, plan, account', async (t) => {
  const resolved = policies({
    rules: rules({ 'volume.messages': { limits: ['10/1h'] }, 'recipient.revoked': { grace: 'defer' } }),
    plans: { big: { rules: rules({ 'volume.messages': { limits: ['100/1h', '500/1d'] } }) } },
    accounts: { acme: { rules: rules({ 'recipient.revoked': { honourWithin: '24h' } }) } },
  });
  const acme = resolved.policyOf('acme', 'big');
  t.strictSame(acme.parametersOf(volumeMessages).limits, [
    { count: 100, perMs: MS.h },
    { count: 500, perMs: MS.d },
  ]);
  t.match(acme.parametersOf(recipientRevoked), { honourWithin: 24 * MS.h, grace: 'defer', scope: 'account' });
  t.strictSame(resolved.policyOf('acme', 'small').parametersOf(volumeMessages).limits, [{ count: 10, perMs: MS.h }]);
  t.strictSame(resolved.policyOf('other', 'big').parametersOf(recipientRevoked).honourWithin, 48 * MS.h);
  t.strictSame(policies({}).anonymous.parametersOf(volumeMessages).limits, [
    { count: 1000, perMs: MS.h },
    { count: 5000, perMs: MS.d },
  ]);
});

t.test("the rule's mode is the most specific, the rest the most lenient", async (t) => {
  const mode = (settings: Partial<PolicySettings>) =>
    policies(settings).policyOf('acme', 'big').settings.get('volume.messages')?.mode;
  const own = (mode: string) => ({ rules: rules({ 'volume.messages': { mode } }) });
  t.equal(mode({}), 'enforce');
  t.equal(mode({ mode: 'observe' }), 'observe');
  t.equal(mode({ plans: { big: { mode: 'observe' } } }), 'observe');
  t.equal(mode({ mode: 'observe', accounts: { acme: { mode: 'enforce' } } }), 'observe', 'one switch observes all');
  t.equal(mode({ plans: { big: { mode: 'observe' } }, accounts: { acme: { mode: 'off' } } }), 'off');
  t.equal(mode({ rules: own('off').rules, accounts: { acme: own('enforce') } }), 'enforce', 'an account of its own');
  t.equal(mode({ plans: { big: own('observe') }, rules: own('off').rules }), 'observe');
  t.equal(mode({ mode: 'observe', accounts: { acme: own('enforce') } }), 'observe');
  t.equal(mode({ mode: 'enforce', accounts: { acme: own('off') } }), 'off');
  t.equal(mode({ plans: { other: { mode: 'off' } } }), 'enforce', 'another plan');
});

t.test('limits say whether they are enforced, and are gone when off', async (t) => {
  const limits = (mode: string) =>
    policies({ rules: rules({ 'volume.messages': { mode } }) })
      .anonymous.limitsOf('account', null, NOW)
      .filter((limit) => limit.rule === 'volume.messages')
      .map((limit) => limit.enforced);
  t.strictSame(limits('enforce'), [true, true]);
  t.strictSame(limits('observe'), [false, false]);
  t.strictSame(limits('off'), []);
  const concurrency = (mode: string) =>
    policies({ rules: rules({ 'volume.connections': { mode } }) }).anonymous.concurrencyOf('account-sessions');
  t.match(concurrency('observe'), { count: 50, enforced: false });
  t.equal(concurrency('off'), null);
});

t.test('limits that vary follow the account; the others are asked for once and stay what they are', async (t) => {
  const { limitsOf } = policies({
    rules: rules({ 'volume.warm-up': { ramp: [{ day: 3, recipients: 200 }] } }),
  }).anonymous;
  const since = (firstAcceptedAt: number | null) => {
    const state = { account: 'acme', standing: 'good', changed: null, until: null, firstAcceptedAt } as const;
    return limitsOf('account', state, NOW).map(({ rule, count }) => `${rule} ${count}`);
  };
  const [grown, young] = [since(NOW - 30 * MS.d), since(NOW - MS.d)];
  t.strictSame(
    young.filter((limit) => !grown.includes(limit)),
    ['volume.warm-up 200'],
  );
  t.strictSame(since(null), young);
  t.strictSame(since(NOW - 30 * MS.d), grown, 'asked again, in another order');
  t.strictSame(limitsOf('flood-everyone', null, NOW), limitsOf('flood-everyone', null, NOW + MS.d));
});

t.test('accounts with the same overrides share one policy', async (t) => {
  const resolved = policies({ plans: { big: { mode: 'observe' } }, accounts: { acme: {} } });
  t.equal(resolved.policyOf('a', 'big'), resolved.policyOf('b', 'big'));
  t.equal(resolved.policyOf('a', 'unknown'), resolved.anonymous);
  t.equal(resolved.policyOf('constructor', '__proto__'), resolved.anonymous);
  t.equal(resolved.policyOf('acme', 'big'), resolved.policyOf('acme', 'big'));
  t.not(resolved.policyOf('acme', 'big'), resolved.policyOf('a', 'big'));
});

t.test('rules that are off still have parameters', async (t) => {
  t.equal(policies({ mode: 'off' }).anonymous.streakScope, 'account');
});

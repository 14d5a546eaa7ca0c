import t from 'tap';
import { judge } from '../../../src/policy/engine.js';
import type { MessageFacts, RecipientFacts } from '../../../src/policy/rule.js';
import type { Resource } from '../../../src/store/window.js';
import { MS } from '../../../src/units/duration.js';
import { messageFacts, NOW, policyWith, recipientFacts, state, usage, WORDS } from '../facts.js';

const atRcpt = (facts: Partial<RecipientFacts>) => judge('recipient', recipientFacts(facts), policyWith(), WORDS);
const atEnd = (facts: Partial<MessageFacts>) => judge('message', messageFacts(facts), policyWith(), WORDS);

const VOLUMES: readonly [rule: string, resource: Resource][] = [
  ['volume.messages', 'messages'],
  ['volume.recipients', 'recipients'],
  ['volume.bytes', 'bytes'],
  ['volume.warm-up', 'recipients'],
];

for (const [rule, resource] of VOLUMES) {
  t.test(rule, async (t) => {
    const over = usage(rule, resource, { count: 5000, used: 4990 });
    t.match(atRcpt({ usage: [over] }).heard, { rule, situation: 'over', verdict: 'defer' });
    t.match(atRcpt({ usage: [over] }).reply, { code: 450, status: '4.7.0' });
    t.match(atEnd({ usage: [over] }).reply, { code: 451, status: '4.7.0' });
    t.equal(atRcpt({ usage: [{ ...over, over: false }] }).reply, null);
    t.equal(atRcpt({ usage: [over], exempt: true }).reply, null, 'bounces pass');
    const none = usage(rule, resource, { count: 0 });
    t.match(
      atRcpt({ usage: [none], declaredSize: 1 }).reply,
      { code: 552, status: '5.7.0' },
      'a limit of 0 never frees up',
    );
    t.equal(atRcpt({ usage: [usage('volume.other', resource)] }).reply, null, 'the window of another rule');
  });
}

t.test('the reply names limit, use and when it frees up', async (t) => {
  const windows = [
    usage('volume.recipients', 'recipients', { count: 100, used: 100, freesUpInMs: 20_000, perMs: MS.m }),
    usage('volume.recipients', 'recipients', { count: 1000, used: 1000, freesUpInMs: 700_000 }),
    usage('volume.recipients', 'recipients', { count: 9000, used: 8000, over: false, freesUpInMs: null, perMs: MS.d }),
  ];
  t.equal(
    atRcpt({ usage: windows }).heard?.reply,
    '450 4.7.0 [volume.recipients] The limit of 1000 recipients in 1 hour for this account is reached (1000 used), please try again in about 12 minutes ref=T1 https://policy.example/volume.recipients',
    'of several, the one that takes longest',
  );
  const held = usage('volume.recipients', 'recipients', { freesUpInMs: null });
  t.match(atRcpt({ usage: [held] }).heard?.reply, /try again in a few minutes ref=/, 'mail under way holds the rest');
});

t.test('volume.bytes: sizes are told as people write them', async (t) => {
  const limit = { count: 25 * 1024 ** 2, used: 20 * 1024 ** 2 };
  const over = usage('volume.bytes', 'bytes', limit);
  t.match(
    atEnd({ usage: [over], size: 10_000_000 }).heard?.reply,
    /limit of 25 MiB in 1 hour for this account is reached \(20 MiB used\)/,
  );
  t.match(atEnd({ usage: [over], size: limit.count }).reply, { code: 451 }, 'fits a whole window');
  t.equal(
    atEnd({ usage: [over], size: limit.count + 1 }).heard?.reply,
    '552 5.7.0 [volume.bytes] At most 25 MiB in 1 hour are allowed for this account, so 26214401 octets can never pass ref=T1 https://policy.example/volume.bytes',
  );
  t.match(atRcpt({ usage: [over], declaredSize: 30 * 1024 ** 2 }).reply, { code: 552 }, 'by the declared size');
});

t.test('volume.exempt', async (t) => {
  const over = usage('volume.exempt', 'exempt-recipients');
  t.match(atRcpt({ usage: [over], exempt: true }).reply, { code: 450 });
  t.match(atEnd({ usage: [over] }).reply, { code: 451 });
  t.match(
    policyWith({ 'volume.exempt': { limits: ['7/1h'] } })
      .limitsOf('account', null, NOW)
      .find((limit) => limit.rule === 'volume.exempt'),
    {
      resource: 'exempt-recipients',
      count: 7,
    },
  );
});

t.test('storage.self-mail', async (t) => {
  const over = usage('storage.self-mail', 'self-bytes', { count: 1000, perMs: MS.d });
  t.match(atEnd({ usage: [over], selfMail: true, size: 900 }).reply, { code: 451, status: '4.7.0' });
  t.match(atEnd({ usage: [over], selfMail: true, size: 1001 }).reply, { code: 552, status: '5.7.0' });
  t.equal(atEnd({ usage: [over], selfMail: false }).reply, null);
  t.equal(atEnd({ usage: [{ ...over, over: false }], selfMail: true }).reply, null);
});

t.test('volume.warm-up follows the days since the first accepted message', async (t) => {
  const policy = policyWith({
    'volume.warm-up': {
      ramp: [
        { day: 1, recipients: 50 },
        { day: 3, recipients: 200 },
      ],
    },
  });
  const count = (firstAcceptedAt: number | null) =>
    policy.limitsOf('account', state({ firstAcceptedAt }), NOW).find((limit) => limit.rule === 'volume.warm-up')?.count;
  t.equal(count(null), 50, 'before the first');
  t.equal(count(NOW), 50);
  t.equal(count(NOW - MS.d + 1), 50, 'the end of day 1');
  t.equal(count(NOW - MS.d), 200, 'day 2');
  t.equal(count(NOW - 3 * MS.d + 1), 200, 'the end of day 3');
  t.equal(count(NOW - 3 * MS.d), undefined, 'day 4: over');
  t.equal(count(NOW + MS.h), 50, 'a first message from a clock ahead of ours');
  t.equal(
    policy.limitsOf('account', null, NOW).filter((limit) => limit.rule === 'volume.warm-up').length,
    1,
    'state unknown: as new',
  );
  t.equal(
    policyWith()
      .limitsOf('account', state({ firstAcceptedAt: null }), NOW)
      .some((limit) => limit.rule === 'volume.warm-up'),
    false,
    'off by default',
  );
});

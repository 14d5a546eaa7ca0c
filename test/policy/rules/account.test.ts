import t from 'tap';
import { judge } from '../../../src/policy/engine.js';
import { toText } from '../../../src/smtp/reply.js';
import { MS } from '../../../src/units/duration.js';
import {
  account,
  accountStageFacts,
  address,
  authFacts,
  connectFacts,
  mailFacts,
  NOW,
  policyWith,
  state,
  usage,
  WORDS,
} from '../facts.js';

t.test('account.standing', async (t) => {
  const policy = policyWith();
  for (const standing of ['good', 'warned'] as const) {
    const facts = { account: account({ state: state({ standing }) }) };
    t.equal(judge('account', accountStageFacts(facts), policy, WORDS).reply, null, standing);
    t.equal(judge('mail', mailFacts(facts), policy, WORDS).reply, null, standing);
  }
  const changed = { reason: 'spam trap hits', by: 'desk', at: Date.UTC(2026, 9, 1) };
  const suspended = {
    account: account({ state: state({ standing: 'suspended', changed, until: Date.UTC(2026, 9, 20) }) }),
  };
  const atAuth = judge('account', accountStageFacts(suspended), policy, WORDS);
  t.equal(atAuth.verdict, 'reject');
  t.equal(
    atAuth.heard?.reply,
    '525 5.7.13 [account.standing] This account is suspended since 2026-10-01 until 2026-10-20 ref=T1 https://policy.example/account.standing',
  );
  t.notMatch(atAuth.heard?.reply, /spam trap/, "the desk's note is not for the client");
  t.match(atAuth.heard?.evidence, { standing: 'suspended', changed: { reason: 'spam trap hits' } });
  t.match(judge('mail', mailFacts(suspended), policy, WORDS).heard?.reply, /^550 5\.7\.13 .* is suspended /);
  const terminated = { account: account({ state: state({ standing: 'terminated' }) }) };
  t.match(judge('mail', mailFacts(terminated), policy, WORDS).heard?.reply, /^550 5\.7\.13 .* is closed /);
});

t.test('account.sender', async (t) => {
  const senders = ['acme.example', '*.shop.example', 'ceo@other.example'];
  const ask = (from: string | null, rules = {}, list: readonly string[] | null = senders) =>
    judge(
      'mail',
      mailFacts({ account: account({ senders: list }), reversePath: from === null ? null : address(from) }),
      policyWith(rules),
      WORDS,
    ).reply;
  for (const from of ['me@acme.example', 'ME@Acme.Example', 'x@a.shop.example', 'ceo@other.example'])
    t.equal(ask(from), null, from);
  for (const from of ['me@sub.acme.example', 'x@shop.example', 'cfo@other.example', 'me@acme.example.evil.example']) {
    const reply = ask(from);
    t.ok(
      reply !== null && toText(reply).startsWith(`550 5.7.1 [account.sender] The sender address <${from}> does not`),
      from,
    );
  }
  t.equal(ask(null), null, 'bounces pass');
  t.match(ask(null, { 'account.sender': { nullReversePath: 'reject' } }), { code: 550, status: '5.7.1' });
  t.equal(ask('any@where.example', {}, null), null, 'an account without a list');
  t.match(ask('any@where.example', { 'account.sender': { unlisted: 'reject' } }, null), { code: 550 });
  t.match(ask('any@where.example', {}, []), { code: 550 }, 'an empty list allows nothing');
});

t.test('account.auth-guessing', async (t) => {
  const rules = { 'account.auth-guessing': { client: ['20/1h'], clientUsername: ['5/1h'], username: ['10/1h'] } };
  const policy = policyWith(rules);
  t.match(policy.limitsOf('client-failures', null, NOW), [{ count: 20, resource: 'failures', enforced: true }]);
  t.match(policy.limitsOf('client-username-failures', null, NOW), [{ count: 5 }]);
  t.match(policy.limitsOf('username-failures', null, NOW), [{ count: 10 }]);
  const failures = (client: number, pair: number, username: number, freesUpInMs: number | null = null) =>
    [
      [client, 20],
      [pair, 5],
      [username, 10],
    ].map(([used = 0, count = 0]) =>
      usage('account.auth-guessing', 'failures', { used, count, over: false, freesUpInMs }),
    );
  const ask = (...counts: [number, number, number]) =>
    judge('auth', authFacts({ failures: failures(...counts) }), policy, WORDS).reply;
  t.equal(ask(19, 4, 9), null, 'one below each');
  t.match(ask(20, 0, 0), { code: 454, status: '4.7.0' }, 'the client');
  t.match(ask(5, 5, 5), { code: 454 }, 'the client with this username');
  t.equal(ask(3, 0, 500), null, 'the owner of an attacked username gets in');
  t.match(ask(3, 1, 10), { code: 454 }, 'a guesser who is one of many does not');
  const full = [usage('account.auth-guessing', 'failures', { used: 20, count: 20, over: false, freesUpInMs: null })];
  const atConnect = judge('connect', connectFacts({ failures: full }), policy, WORDS);
  t.match(atConnect.heard?.reply, /^421 4\.7\.0 .*try again in about 60 minutes ref=/);
  t.equal(atConnect.verdict, 'defer');
  t.notMatch(atConnect.heard?.reply, /20/, 'a guesser is not told the limit');
  t.equal(judge('auth', authFacts({ failures: [] }), policy, WORDS).reply, null, 'nothing known');
});

t.test('volume.connections', async (t) => {
  const policy = policyWith({
    'volume.connections': { clientConcurrent: 5, clientRates: ['10/1m'], accountConcurrent: null },
  });
  t.strictSame(policy.concurrencyOf('client-sessions'), { count: 5, enforced: true, rule: 'volume.connections' });
  t.equal(policy.concurrencyOf('account-sessions'), null);
  const ask = (granted: boolean, concurrent: number, windows = [] as ReturnType<typeof usage>[]) =>
    judge('connect', connectFacts({ sessions: { granted, concurrent, usage: windows } }), policy, WORDS);
  t.equal(ask(true, 5).reply, null, 'the fifth');
  t.match(ask(false, 5).heard?.reply, /^421 4\.7\.0 .*At most 5 connections/);
  t.match(ask(true, 6).heard?.situation, 'concurrent', 'granted since it is only observed');
  const rate = usage('volume.connections', 'sessions', { count: 10, perMs: MS.m, freesUpInMs: 30_000 });
  t.match(
    ask(false, 1, [rate]).heard?.reply,
    /^421 4\.7\.0 .*limit of 10 new connections in 1 minute .* less than a minute/,
  );
  const ofAccount = policyWith({ 'volume.connections': { accountConcurrent: 2, accountRates: ['3/1m'] } });
  const sessions = { granted: false, concurrent: 2, usage: [] };
  t.match(judge('account', accountStageFacts({ sessions }), ofAccount, WORDS).reply, { code: 421 });
  t.match(ofAccount.limitsOf('account-sessions', null, NOW), [{ count: 3, resource: 'sessions' }]);
});

t.test('account.auth-guessing with hardly any windows', async (t) => {
  const one = [usage('account.auth-guessing', 'failures', { used: 3, count: 3, over: false })];
  const ask = (settings: Record<string, unknown>) =>
    judge('auth', authFacts({ failures: one }), policyWith({ 'account.auth-guessing': settings }), WORDS).verdict;
  t.equal(ask({ client: ['3/1h'], clientUsername: [], username: [] }), 'defer');
  t.equal(ask({ client: [], clientUsername: ['3/1h'], username: [] }), 'defer');
  t.equal(ask({ client: [], clientUsername: [], username: ['3/1h'] }), 'pass', 'nobody is known to have failed');
});

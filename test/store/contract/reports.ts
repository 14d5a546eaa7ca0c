/** Reports of what became of mail: matched, counted once, and what they change. */

import type { OutcomeReport, PassedMessage, ReportPolicy, Store } from '../../../src/store/contract.js';
import { ALL_FACTS, newLease, nowOf, recipient, reserve } from './sender.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE } from './times.js';

const POLICY: ReportPolicy = {
  scope: 'account',
  presumeDeliveredAfterMs: 7 * DAY,
  keepMs: 60 * DAY,
  complaints: 'account',
  reportWindowMs: 14 * DAY,
  revocations: 'account',
  keptOutcomes: 1000,
};
const policyOf = () => POLICY;

const BOB = 'bob@example.net';

function passed(id: string, changes: Partial<PassedMessage> = {}): PassedMessage {
  return {
    id,
    account: 'acme',
    reversePath: 'news@acme.example',
    queueId: `Q${id}`,
    messageId: `<${id}@acme.example>`,
    envid: null,
    recipients: [BOB],
    ...changes,
  };
}

function about(id: string, changes: Partial<OutcomeReport> = {}): OutcomeReport {
  return {
    source: 'relay-log',
    kind: 'rejected',
    recipients: [BOB],
    message: { id: null, queueIds: [`Q${id}`], envid: null, messageId: null },
    vouched: null,
    fault: 'recipient',
    reason: 'unknown',
    status: '550 5.1.1 User unknown',
    at: null,
    ifUnmatched: 'list',
    ...changes,
  };
}

const named = (message: Partial<OutcomeReport['message']>): Pick<OutcomeReport, 'message'> => ({
  message: { id: null, queueIds: [], envid: null, messageId: null, ...message },
});

async function remember(store: Store, ...messages: PassedMessage[]): Promise<void> {
  for (const message of messages) await store.rememberPassed(message, POLICY.reportWindowMs);
}

async function partsOf(store: Store, account: string, key: string): Promise<string[]> {
  const [found = []] = await store.subscriptionRevocationsOf(account, [key]);
  return found.map(({ subscription: { kind, name } }) => `${kind} ${name}`).sort();
}

async function streak(store: Store): Promise<number> {
  return (await store.rejectionsOf(BOB))[0]?.count ?? 0;
}

export function reportStories(story: Story): void {
  story('one rejection told four ways counts once', async (t, { store, second }) => {
    await remember(store, passed('t1', { envid: 'E1' }));
    const ways: OutcomeReport[] = [
      about('t1'),
      about('t1', { source: 'dsn', ...named({ messageId: '<t1@acme.example>' }) }),
      about('t1', { source: 'webhook', ...named({ envid: 'E1' }) }),
      about('t1', { source: 'dsn', ...named({ id: 't1' }) }),
    ];
    const answers = [];
    for (const [index, way] of ways.entries())
      answers.push(await (index % 2 === 0 ? store : second).report(way, policyOf));
    t.same(
      answers.map(({ result }) => result),
      ['counted', 'known', 'known', 'known'],
    );
    t.same(answers[1], { result: 'known', account: 'acme', key: BOB, message: 't1' });
    t.equal(await streak(store), 1);
    t.match(await store.reputationOf('acme'), { mailed: 1, rejected: 1, refusedForUs: 0, complained: 0 });
    const listed = await second.outcomes({ limit: 10 });
    t.match(listed.items, [
      { account: 'acme', key: BOB, message: 't1', kind: 'rejected', source: 'relay-log', reason: 'unknown' },
    ]);
    t.equal(listed.next, null);
  });

  story('many tell it at once, and it counts once', async (t, { store, second }) => {
    await remember(store, passed('t1'), passed('t2'));
    const reports = Array.from({ length: 40 }, (_, index) =>
      (index % 2 === 0 ? store : second).report(about(index % 4 < 2 ? 't1' : 't2'), policyOf),
    );
    const answers = await Promise.all(reports);
    t.equal(answers.filter(({ result }) => result === 'counted').length, 2);
    t.equal((await store.outcomes({ limit: 10 })).items.length, 2);
    t.equal(await streak(store), 2);
    t.equal((await store.reputationOf('acme')).rejected, 2);
  });

  story(
    'a report that names no message of ours, or another recipient, changes nothing and is listed',
    async (t, { store, second }) => {
      await remember(store, passed('t1'));
      const forged = [
        about('nothing'),
        about('t1', { recipients: ['eve@example.net'] }),
        about('t1', { source: 'dsn', ...named({ messageId: '<made-up@acme.example>' }) }),
        about('t1', { source: 'complaint', kind: 'complained', ...named({ id: 't9' }) }),
        about('t1', { source: 'dsn', recipients: [] }),
      ];
      for (const report of forged) t.equal((await store.report(report, policyOf)).result, 'unmatched');
      t.equal((await store.report(about('nothing', { ifUnmatched: 'say' }), policyOf)).result, 'unmatched');
      t.equal(await streak(store), 0);
      t.match(await store.reputationOf('acme'), { rejected: 0, complained: 0 });
      const { counts, items } = await second.unmatched({ limit: 10 });
      t.same(counts, { 'relay-log': 2, dsn: 2, complaint: 1 });
      t.equal(items.length, 5, 'what was only said is not listed');
      t.match((await store.unmatched({ source: 'complaint', limit: 10 })).items, [
        { kind: 'complained', message: { id: 't9' } },
      ]);
    },
  );

  story('only what is the fault of the recipient touches its streak', async (t, { store }) => {
    await remember(store, passed('t1'), passed('t2'), passed('t3'), passed('t4'));
    await store.report(about('t1', { fault: 'sender', reason: 'reputation' }), policyOf);
    await store.report(about('t2', { fault: 'message', reason: 'content' }), policyOf);
    await store.report(about('t3', { fault: 'undetermined', reason: 'undetermined' }), policyOf);
    t.equal(await streak(store), 0);
    t.match(await store.reputationOf('acme'), { mailed: 4, rejected: 2, refusedForUs: 1 });
    await store.report(about('t4'), policyOf);
    t.equal(await streak(store), 1);
  });

  story(
    'a delivery ends a streak; what came back for another reason takes an acceptance back',
    async (t, { store, advance }) => {
      await remember(store, passed('t1'), passed('t2'), passed('t3'));
      await store.report(about('t1'), policyOf);
      await advance(HOUR);
      const accepted = { account: 'acme', key: BOB, message: 't2', kind: 'accepted', status: '250', at: null } as const;
      await store.recordOutcome(accepted, POLICY);
      await store.report(about('t2', { fault: 'message', reason: 'content' }), policyOf);
      await advance(8 * DAY);
      t.equal(await streak(store), 1, 'nothing is presumed of a message that came back');
      t.equal((await store.report(about('t3', { kind: 'delivered', fault: 'none' }), policyOf)).result, 'counted');
      t.equal(await streak(store), 0);
      t.equal((await store.report(about('t3'), policyOf)).result, 'counted', 'it came back after all');
      t.equal((await store.report(about('t3', { kind: 'delivered', fault: 'none' }), policyOf)).result, 'known');
    },
  );

  story('a complaint suppresses its recipient, once; not-spam takes the count back', async (t, { store, second }) => {
    await remember(store, passed('t1'), passed('t2'));
    const complaint = about('t1', { source: 'complaint', kind: 'complained', fault: 'none', reason: 'abuse' });
    t.equal((await store.report(complaint, policyOf)).result, 'counted');
    t.match(await second.suppressionsOf(recipient(BOB)), [{ account: 'acme', reason: 'complained', by: 'complaint' }]);
    const facts = await reserve(store, newLease('acme'), [], { recipients: [recipient(BOB)], facts: ALL_FACTS });
    t.match(facts.recipients[0]?.suppression, { reason: 'complained' });
    await store.unsuppress(BOB, 'acme');
    t.equal((await store.report(complaint, policyOf)).result, 'known');
    t.same(await store.suppressionsOf(recipient(BOB)), [], 'told again, it does not undo what an operator did');
    t.equal((await store.reputationOf('acme')).complained, 1);
    const notSpam = { ...complaint, kind: 'not-spam' } as const;
    t.equal(
      (await store.report({ ...notSpam, ...named({ queueIds: ['Qt2'] }) }, policyOf)).result,
      'known',
      'nobody had complained',
    );
    t.equal((await store.reputationOf('acme')).complained, 1);
    t.equal((await store.report(notSpam, policyOf)).result, 'counted');
    t.equal((await store.report(notSpam, policyOf)).result, 'known');
    t.equal((await store.reputationOf('acme')).complained, 0, 'never below zero');
    t.equal(
      (
        await store.report({ ...complaint, ...named({ queueIds: ['Qt2'] }) }, () => ({
          ...POLICY,
          complaints: 'everyone',
        }))
      ).result,
      'counted',
    );
    t.match(await second.suppressionsOf(recipient(BOB)), [{ account: null, reason: 'complained' }]);
  });

  story("a complaint that hides its recipient is its only recipient's, or only counted", async (t, { store }) => {
    await remember(store, passed('t1'), passed('t2', { recipients: [BOB, 'ann@example.net'] }));
    const hidden = { source: 'complaint', kind: 'complained', recipients: [], fault: 'none' } as const;
    t.match(await store.report(about('t1', hidden), policyOf), { result: 'counted', key: BOB });
    t.match(await store.report(about('t2', hidden), policyOf), { result: 'counted', key: null });
    t.equal((await store.report(about('t2', hidden), policyOf)).result, 'known');
    t.equal((await store.reputationOf('acme')).complained, 2);
    t.match((await store.outcomes({ limit: 1 })).items, [{ key: null, message: 't2' }]);
  });

  story('a revocation starts its time once', async (t, { store, advance }) => {
    await remember(store, passed('t1'), passed('t2'));
    const before = await nowOf(store);
    const revoked = { source: 'remove-mail', kind: 'revoked', fault: 'none' } as const;
    await store.report(about('t1', revoked), policyOf);
    await advance(DAY);
    await store.report(about('t2', revoked), policyOf);
    const facts = await reserve(store, newLease('acme'), [], { recipients: [recipient(BOB)], facts: ALL_FACTS });
    const revocation = facts.recipients[0]?.revocation;
    t.equal(revocation?.source, 'remove-mail');
    t.ok(Math.abs((revocation?.at ?? 0) - before) < MINUTE);
  });

  for (const kind of ['list', 'stream'] as const) {
    story(`a revocation is of the ${kind} of the message, where the policy says so`, async (t, { store, second }) => {
      const byPart = () => ({ ...POLICY, revocations: kind });
      const subscribed = { list: 'news.acme.example', stream: 'offers' };
      const name = subscribed[kind];
      await remember(
        store,
        passed('t1', subscribed),
        passed('t2', { account: 'other', ...subscribed }),
        passed('t3', { ...subscribed, [kind]: null }),
      );
      const revoked = { source: 'remove-mail', kind: 'revoked', fault: 'none' } as const;
      const ofAll = async (account: string) =>
        (await reserve(store, newLease(account), [], { recipients: [recipient(BOB)], facts: ALL_FACTS })).recipients[0]
          ?.revocation ?? null;
      await second.report(about('t1', revoked), byPart);
      await store.report(about('t2', revoked), policyOf);
      t.equal(await ofAll('acme'), null, 'other mail of the account goes on');
      t.match(await ofAll('other'), { source: 'remove-mail' }, 'and none where revocations are of all of it');
      t.match(await store.subscriptionRevocationsOf('acme', ['x@example.net', BOB]), [
        [],
        [{ key: BOB, account: 'acme', subscription: { kind, name } }],
      ]);
      t.same(await store.subscriptionRevocationsOf('other', [BOB]), [[]]);
      const subscriptions = { list: 'deals.acme.example', stream: 'feedback-id:deals:acme' };
      const vouched = { account: 'acme', message: 'link 1', subscriptions };
      await store.report(about('', { ...revoked, source: 'one-click', vouched, recipients: [BOB] }), byPart);
      t.same(await partsOf(store, 'acme', BOB), [`${kind} ${subscriptions[kind]}`, `${kind} ${name}`].sort());
      await store.report(about('t3', revoked), byPart);
      t.match(await ofAll('acme'), { source: 'remove-mail' }, 'of an unknown one: of all');
    });
  }

  story(
    'revocations of lists and streams date from the first time, and are lifted by consent or by hand',
    async (t, { store }) => {
      const [key, account] = [BOB, 'acme'];
      const list = { kind: 'list', name: 'a.example' } as const;
      const stream = { kind: 'stream', name: 'a.example' } as const;
      await store.revoke({ key, account, subscription: list, at: 5_000, source: 'cli' });
      await store.revoke({ key, account, subscription: list, at: 9_000, source: 'late' });
      await store.revoke({ key, account, subscription: stream, at: 5_500, source: 'cli' });
      await store.revoke({ key, account, subscription: { ...stream, name: 'b' }, at: 8_000, source: 'cli' });
      await store.revoke({ key, account, subscription: { ...list, name: 'b.example' }, at: 7_000, source: 'cli' });
      await store.revoke({ key, account: 'acme2', subscription: list, at: 1_000, source: 'cli' });
      const [found = []] = await store.subscriptionRevocationsOf(account, [key]);
      t.same(
        found.map(({ subscription: { kind, name }, at }) => `${kind} ${name} ${at}`),
        ['list a.example 5000', 'stream a.example 5500', 'list b.example 7000', 'stream b 8000'],
        'the earliest first; a list and a stream of one name are two',
      );
      const evidence = { ip: '192.0.2.1', url: null, text: null, confirmedAt: null, proof: null };
      await store.recordConsents([{ key, account, at: 6_000, source: 'web-form', evidence }]);
      t.same(await partsOf(store, account, key), ['list b.example', 'stream b'], 'a consent later than the revocation');
      t.equal(await store.liftRevocation(key, account), true);
      t.equal(await store.liftRevocation(key, account), false);
      t.same(await partsOf(store, account, key), []);
      t.match(await store.subscriptionRevocationsOf('acme2', [key]), [[{ at: 1_000 }]]);
    },
  );

  story('who answers for a report needs no passed message', async (t, { store }) => {
    const vouched = { source: 'relay', vouched: { account: 'acme', message: 't1' }, ...named({}) } as const;
    t.match(await store.report(about('', vouched), policyOf), { result: 'counted', account: 'acme', message: 't1' });
    t.equal((await store.report(about('', vouched), policyOf)).result, 'known');
    t.equal(await streak(store), 1);
    t.match(await store.reputationOf('acme'), { mailed: 1, rejected: 1 });
  });

  story(
    'of messages with one name the latest before the report is meant, that had the recipient',
    async (t, { store, advance }) => {
      const same = { messageId: '<same@acme.example>' };
      await remember(store, passed('t1', same), passed('t2', { ...same, recipients: ['ann@example.net'] }));
      const first = await nowOf(store);
      await advance(2 * DAY);
      await remember(store, passed('t3', { ...same, queueId: 'Qt1' }));
      const byId = named({ messageId: same.messageId });
      t.match(await store.report(about('', byId), policyOf), { message: 't3' });
      t.match(await store.report(about('', { ...byId, at: first + MINUTE }), policyOf), { message: 't1' });
      t.match(await store.report(about('', { ...byId, recipients: ['ann@example.net'] }), policyOf), { message: 't2' });
      t.match(
        await store.report(about('t1', { kind: 'revoked', at: first + MINUTE }), policyOf),
        { message: 't1' },
        'a reused queue id',
      );
      t.equal((await store.passedMessage('t3'))?.queueId, 'Qt1');
      t.equal(await store.passedMessage('t4'), null);
    },
  );

  story('an alias is known by the name that was mailed; queue ids after a filter are learnt', async (t, { store }) => {
    await remember(store, passed('t1', { recipients: ['team@acme.example', BOB] }));
    const chain = named({ queueIds: ['Qt1', 'QAFTER'] });
    t.match(
      await store.report(about('', { ...chain, recipients: ['ann@home.example', 'team@acme.example'] }), policyOf),
      {
        key: 'team@acme.example',
      },
    );
    t.match(await store.report(about('', named({ queueIds: ['QAFTER'] })), policyOf), { message: 't1', key: BOB });
  });

  story('messages and what became of them are forgotten after the window', async (t, { store, advance }) => {
    await remember(store, passed('t1'));
    await advance(13 * DAY);
    t.equal((await store.report(about('t1', { kind: 'revoked' }), policyOf)).result, 'counted');
    await advance(2 * DAY);
    t.equal((await store.report(about('t1'), policyOf)).result, 'unmatched');
  });

  story('reputation is of seven days, and keeps its level', async (t, { store, second, advance }) => {
    const zeros = { mailed: 0, rejected: 0, refusedForUs: 0, complained: 0 };
    t.same(await store.reputationOf('acme'), { ...zeros, levels: { rejections: 'good', complaints: 'good' } });
    await remember(store, passed('t1'), passed('t2', { recipients: [BOB, 'ann@example.net'] }));
    await store.report(about('t1'), policyOf);
    await second.setReputationLevel('acme', 'rejections', 'stop');
    t.match(await store.reputationOf('acme'), {
      mailed: 3,
      rejected: 1,
      levels: { rejections: 'stop', complaints: 'good' },
    });
    await advance(6 * DAY + 20 * HOUR);
    t.match(await store.reputationOf('acme'), { mailed: 3, rejected: 1 });
    await store.report(about('t2', { at: (await nowOf(store)) - 8 * DAY }), policyOf);
    t.match(await store.reputationOf('acme'), { rejected: 1 }, 'what is told late counts when it was');
    await advance(12 * HOUR);
    t.match(await store.reputationOf('acme'), zeros);
  });

  story('outcomes are listed by account, recipient, message and kind, in pages', async (t, { store }) => {
    for (let i = 0; i < 7; i += 1) {
      const account = i % 2 === 0 ? 'acme' : 'zenith';
      await remember(store, passed(`t${i}`, { account, recipients: [BOB, `r${i}@example.net`] }));
      await store.report(about(`t${i}`, { recipients: [i < 4 ? BOB : `r${i}@example.net`] }), policyOf);
    }
    const first = await store.outcomes({ limit: 3 });
    t.same(
      first.items.map(({ message }) => message),
      ['t6', 't5', 't4'],
    );
    const rest = await store.outcomes({ limit: 10, cursor: first.next ?? '' });
    t.same(
      rest.items.map(({ message }) => message),
      ['t3', 't2', 't1', 't0'],
    );
    t.equal(rest.next, null);
    const of = async (query: object) =>
      (await store.outcomes({ ...query, limit: 10 })).items.map(({ message }) => message);
    t.same(await of({ account: 'zenith' }), ['t5', 't3', 't1']);
    t.same(await of({ key: BOB }), ['t3', 't2', 't1', 't0']);
    t.same(await of({ key: BOB, account: 'acme' }), ['t2', 't0']);
    t.same(await of({ message: 't4' }), ['t4']);
    t.same(await of({ kind: 'complained' }), []);
    const pages = await store.outcomes({ account: 'acme', limit: 2 });
    t.same(
      (await store.outcomes({ account: 'acme', limit: 2, cursor: pages.next ?? '' })).items.map(
        ({ message }) => message,
      ),
      ['t2', 't0'],
    );
  });

  story('a source is followed by one at a time, from where the last one was', async (t, { store, second, advance }) => {
    t.same(await store.takeTurn('mx:/var/log/mail.log', 'one', MINUTE), { position: null });
    t.equal(await second.takeTurn('mx:/var/log/mail.log', 'two', MINUTE), null);
    t.same(await second.takeTurn('other', 'two', MINUTE), { position: null });
    t.equal(await store.keepPosition('mx:/var/log/mail.log', 'one', '{"offset":7}'), true);
    t.equal(await second.keepPosition('mx:/var/log/mail.log', 'two', '{"offset":0}'), false);
    await advance(MINUTE / 2);
    t.same(await store.takeTurn('mx:/var/log/mail.log', 'one', MINUTE), { position: '{"offset":7}' });
    await advance(MINUTE - 1000);
    t.equal(await second.takeTurn('mx:/var/log/mail.log', 'two', MINUTE), null, 'renewed');
    await advance(2000);
    t.same(await second.takeTurn('mx:/var/log/mail.log', 'two', MINUTE), { position: '{"offset":7}' });
    t.equal(await store.keepPosition('mx:/var/log/mail.log', 'one', '{"offset":9}'), false, 'its turn has passed');
    await second.endTurn('mx:/var/log/mail.log', 'two');
    t.same(await store.takeTurn('mx:/var/log/mail.log', 'one', MINUTE), { position: '{"offset":7}' });
    await second.endTurn('mx:/var/log/mail.log', 'two');
    t.equal(await second.takeTurn('mx:/var/log/mail.log', 'two', MINUTE), null, 'only its own');
  });
}

/** What a reserve tells about each recipient. The store tells; it does not judge by it. */

import { ALL_FACTS, commit, limitOf, newLease, nowOf, recipient, reserve } from './sender.js';
import type { Story } from './story.js';
import { suppressionOf } from './suppressions.js';
import { DAY, HOUR, MINUTE, SECOND } from './times.js';

const policy = { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 365 * DAY } as const;

export function recipientStories(story: Story): void {
  story('facts come with the answer, and a suppressed recipient is granted like any other', async (t, { store }) => {
    await store.suppress([suppressionOf('a@example.net', { account: 'acme', reason: 'complained' })]);
    await store.revoke({ key: 'b@example.net', account: 'acme', at: null, source: 'one-click' });
    const rejected = {
      account: 'acme',
      message: 'm1',
      kind: 'rejected',
      status: '550 5.1.1 no such user',
      at: 5_000,
    } as const;
    await store.recordOutcome({ ...rejected, key: 'c@example.net' }, policy);
    const asked = ['a', 'b', 'c', 'd'].map((local) => recipient(`${local}@example.net`));
    const answer = await reserve(store, newLease(), [limitOf('recipients', 9, HOUR)], {
      recipients: asked,
      facts: ALL_FACTS,
    });
    const [a, b, c, d] = answer.recipients;
    t.match(a, {
      granted: true,
      suppression: { key: 'a@example.net', reason: 'complained' },
      revocation: null,
      rejections: null,
    });
    t.match(b, { granted: true, suppression: null, revocation: { key: 'b@example.net', source: 'one-click' } });
    t.match(c, {
      granted: true,
      rejections: { key: 'c@example.net', account: 'acme', count: 1, firstAt: 5_000, latestAt: 5_000 },
    });
    t.match(d, { granted: true, suppression: null, revocation: null, rejections: null, usage: [{ used: 4 }] });

    const other = await reserve(store, newLease('zenith'), [], { recipients: asked, facts: ALL_FACTS });
    for (const one of other.recipients) t.match(one, { suppression: null, revocation: null, rejections: null });
    const none = await reserve(store, newLease(), [], { recipients: asked });
    for (const one of none.recipients) t.match(one, { suppression: null, revocation: null, rejections: null });
  });

  story('recipients whose account need not be asked are told of one at a time, in any order', async (t, { store }) => {
    const keys = ['new', 'suppressed', 'fresh', 'revoked', 'rejected', 'flooded'].map(
      (local) => `${local}@example.net`,
    );
    const [, suppressed = '', , revoked = '', rejecting = '', flooded = ''] = keys;
    const account = 'acme';
    const floodLimits = { account: [limitOf('messages', 70, HOUR)], everyone: [] };
    await store.suppress([suppressionOf(suppressed, { account })]);
    await store.revoke({ key: revoked, account, at: null, source: 'cli' });
    const rejected = { account, message: 'm1', kind: 'rejected', status: '550 5.1.1 no', at: 5_000 } as const;
    await store.recordOutcome({ ...rejected, key: rejecting }, policy);
    for (let sent = 0; sent < 70; sent += 1)
      await commit(store, newLease(), [], { floodLimits, recipients: [flooded] });
    const expected = [
      { granted: true, held: false, suppression: null, revocation: null, rejections: null, usage: [{ used: 1 }] },
      { granted: true, suppression: { key: suppressed } },
      { granted: true, held: false, suppression: null, revocation: null, rejections: null, usage: [{ used: 1 }] },
      { granted: true, revocation: { key: revoked } },
      { granted: true, rejections: { key: rejecting, count: 1 } },
      { granted: false, usage: [{ used: 70, over: true }] },
    ];
    for (const order of [
      [0, 1, 2, 3, 4, 5],
      [1, 0],
      [5, 4, 3, 2, 1, 0],
      [2, 3],
    ]) {
      const lease = newLease();
      for (const at of order) {
        const asked = { recipients: [recipient(keys[at] ?? '')], floodLimits, facts: ALL_FACTS };
        const { recipients, unheld, ahead } = await reserve(store, lease, [], { ...asked, unheld: { messages: 1 } });
        t.match(recipients, [expected[at]], `${keys[at]} of ${order}`);
        t.strictSame({ unheld, ahead }, { unheld: { messages: 1 }, ahead: 0 });
      }
      await store.release({ lease, recipients: keys });
    }
  });

  story('little room at an address is held though its account need not be asked', async (t, { store }) => {
    const floodLimits = { account: [], everyone: [limitOf('messages', 2, HOUR)] };
    const asked = { recipients: [recipient('a@example.net')], floodLimits };
    const answers = [];
    for (const account of ['acme', 'zenith', 'other']) {
      answers.push(...(await reserve(store, newLease(account), [], asked)).recipients);
    }
    t.match(answers, [{ granted: true, held: true }, { granted: true, held: true }, { granted: false }]);
  });

  story('facts are told of a recipient for whom there is no room, too', async (t, { store }) => {
    await store.suppress([suppressionOf('a@example.net')]);
    const answer = await reserve(store, newLease(), [limitOf('recipients', 0, HOUR)], {
      recipients: [recipient('a@example.net')],
      facts: ALL_FACTS,
    });
    t.match(answer.recipients, [{ granted: false, suppression: { key: 'a@example.net' } }]);
  });

  story('of several suppressions the closest is told', async (t, { store }) => {
    const closest = async (account = 'acme') => {
      const asked = recipient('bob+x@example.net', { untaggedKey: 'bob@example.net' });
      const answer = await reserve(store, newLease(account), [], { recipients: [asked], facts: ALL_FACTS });
      const found = answer.recipients[0]?.suppression;
      return found ? `${found.key} ${found.account ?? '*'}` : null;
    };
    t.equal(await closest(), null);
    await store.suppress([suppressionOf('bob+x@example.net', { account: 'zenith' })]);
    t.equal(await closest(), null, "another account's is not ours");
    await store.suppress([suppressionOf('@example.net')]);
    t.equal(await closest(), '@example.net *');
    await store.suppress([suppressionOf('@example.net', { account: 'acme' })]);
    t.equal(await closest(), '@example.net acme', "the account's own comes before everyone's");
    await store.suppress([suppressionOf('bob@example.net')]);
    t.equal(await closest(), 'bob@example.net *', 'an address before its domain');
    await store.suppress([suppressionOf('bob+x@example.net')]);
    t.equal(await closest(), 'bob+x@example.net *', 'the very address before the one without its tag');
    t.equal(await closest('zenith'), 'bob+x@example.net zenith');
  });

  story('an expired suppression does not hide one that lasts', async (t, { store, advance }) => {
    const expiresAt = (await nowOf(store)) + HOUR;
    await store.suppress([
      suppressionOf('a@example.net', { account: 'acme', expiresAt }),
      suppressionOf('a@example.net'),
    ]);
    await advance(HOUR + SECOND);
    const answer = await reserve(store, newLease(), [], { recipients: [recipient('a@example.net')], facts: ALL_FACTS });
    t.match(answer.recipients[0]?.suppression, { key: 'a@example.net' });
    t.equal(answer.recipients[0]?.suppression?.account, null);
  });

  story('a recipient without a domain is met by no domain suppression', async (t, { store }) => {
    await store.suppress([suppressionOf('@example.net'), suppressionOf('postmaster')]);
    const asked = recipient('postmaster', { domain: '' });
    const answer = await reserve(store, newLease(), [], { recipients: [asked], facts: ALL_FACTS });
    t.match(answer.recipients, [{ suppression: { key: 'postmaster' } }]);
  });

  story('a revocation dates from the first time, until it is lifted', async (t, { store, advance }) => {
    const told = async () => {
      const asked = [recipient('a@example.net')];
      return (await reserve(store, newLease(), [], { recipients: asked, facts: ALL_FACTS })).recipients[0]?.revocation;
    };
    const revocation = { key: 'a@example.net', account: 'acme', source: 'one-click' };
    const before = await nowOf(store);
    await store.revoke({ ...revocation, at: null });
    const first = await told();
    t.match(first, revocation);
    t.ok((first?.at ?? 0) >= before && (first?.at ?? 0) < before + MINUTE);
    await advance(DAY);
    await store.revoke({ ...revocation, source: 'remove-mail', at: null });
    t.same(await told(), first, 'asking again does not start the 48 hours anew');
    await store.revoke({ ...revocation, source: 'cli', at: 1_000 });
    t.match(await told(), { at: 1_000, source: 'cli' }, 'an earlier one does count');
    t.equal(await store.liftRevocation('a@example.net', 'zenith'), false);
    t.equal(await store.liftRevocation('a@example.net', 'acme'), true);
    t.equal(await store.liftRevocation('a@example.net', 'acme'), false);
    t.equal(await told(), null);
  });
}

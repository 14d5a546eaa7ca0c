/** Outcomes and rejection streaks (AUP "E-Mail Requirements", bullet 11). */

import type { Outcome, OutcomePolicy, RejectionStreak, Store } from '../../../src/store/contract.js';
import { ALL_FACTS, newLease, nowOf, recipient, reserve } from './sender.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE } from './times.js';

const key = 'gone@example.net';
const policy: OutcomePolicy = { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 60 * DAY };

/** Reports about `key`, in few words. */
function reporter(store: Store, account = 'acme', by: OutcomePolicy = policy) {
  const report = (kind: Outcome['kind'], message: string, at: number | null = null, status = `status of ${message}`) =>
    store.recordOutcome({ account, key, message, kind, status, at }, by);
  return {
    rejected: (message: string, at: number | null = null, status?: string) => report('rejected', message, at, status),
    accepted: (message: string, at: number | null = null) => report('accepted', message, at),
    delivered: (message: string, at: number | null = null) => report('delivered', message, at),
    streak: async (): Promise<RejectionStreak | null> => (await store.rejectionsOf(key))[0] ?? null,
  };
}

export function outcomeStories(story: Story): void {
  story(
    'rejections in a row make a streak, with first, latest and what the latest said',
    async (t, { store, second }) => {
      const { rejected, streak } = reporter(store);
      t.equal(await streak(), null);
      const start = await nowOf(store);
      await rejected('m1', start - 15 * DAY);
      await reporter(second).rejected('m2', start - DAY);
      await rejected('m3', start, '550 5.1.1 unknown');
      t.same(await store.rejectionsOf(key), [
        {
          key,
          account: 'acme',
          count: 3,
          firstAt: start - 15 * DAY,
          latestAt: start,
          latestStatus: '550 5.1.1 unknown',
        },
      ]);
      t.same(await store.rejectionsOf('other@example.net'), []);
      const facts = await reserve(store, newLease(), [], { recipients: [recipient(key)], facts: ALL_FACTS });
      t.match(facts.recipients[0]?.rejections, { count: 3, latestAt: start });
    },
  );

  story('a rejection without a time is dated now', async (t, { store, advance }) => {
    const { rejected, streak } = reporter(store);
    const before = await nowOf(store);
    await rejected('m1');
    await advance(16 * DAY);
    await rejected('m2');
    const found = await streak();
    t.ok(Math.abs((found?.firstAt ?? 0) - before) < MINUTE);
    t.ok(Math.abs((found?.latestAt ?? 0) - before - 16 * DAY) < MINUTE);
  });

  story('reports of one rejection by several sources count once', async (t, { store, second }) => {
    const { rejected, accepted, delivered, streak } = reporter(store);
    await rejected('m1', 1_000_000, 'relay');
    await reporter(second).rejected('m1', 9_000_000, 'DSN');
    await accepted('m1', 10_000_000);
    await delivered('m1', 11_000_000);
    t.match(await streak(), { count: 1, firstAt: 1_000_000, latestAt: 1_000_000, latestStatus: 'relay' });
    await rejected('m2', 2_000_000);
    t.match(await streak(), { count: 2, latestAt: 2_000_000 });
  });

  story('reports out of order: the earliest is first, the latest is latest', async (t, { store }) => {
    const { rejected, streak } = reporter(store);
    await rejected('m2', 5_000_000, 'middle');
    await rejected('m3', 9_000_000, 'latest');
    await rejected('m1', 1_000_000, 'earliest');
    t.match(await streak(), { count: 3, firstAt: 1_000_000, latestAt: 9_000_000, latestStatus: 'latest' });
  });

  story('a delivery that comes back after all ends nothing', async (t, { store, second }) => {
    const { rejected, delivered, streak } = reporter(store);
    await rejected('m1', 1_000_000);
    await rejected('m2', 2_000_000, 'before');
    await delivered('m3', 3_000_000);
    t.equal(await streak(), null);
    await reporter(second).rejected('m3', 4_000_000, 'came back');
    t.match(await streak(), { count: 3, firstAt: 1_000_000, latestAt: 4_000_000, latestStatus: 'came back' });
    await rejected('m3', 5_000_000);
    await delivered('m3', 6_000_000);
    t.match(await streak(), { count: 3 }, 'once');
    await delivered('m4', 7_000_000);
    await delivered('m5', 8_000_000);
    await rejected('m4', 9_000_000);
    t.match(await streak(), { count: 1, firstAt: 9_000_000 }, 'another was delivered meanwhile');
    await delivered('m6', 10_000_000);
    await store.recordOutcome({ account: 'acme', key, message: 'm6', kind: 'returned', status: '', at: null }, policy);
    t.match(await streak(), { count: 1, latestAt: 9_000_000 }, 'sent back for what it said: no delivery, no rejection');
  });

  story("the relay's 250 does not end a streak", async (t, { store, advance }) => {
    const { rejected, accepted, streak } = reporter(store);
    await rejected('m1');
    await advance(HOUR);
    await accepted('m2');
    await advance(6 * DAY);
    t.match(await streak(), { count: 1 });
    await rejected('m3');
    await advance(6 * DAY);
    t.match(await streak(), { count: 2 }, 'a rejection meanwhile: nothing is presumed of the acceptance before it');
  });

  story(
    'an accepted message that is rejected later counts, once, and presumes nothing',
    async (t, { store, advance }) => {
      const { rejected, accepted, streak } = reporter(store);
      await rejected('m1');
      await advance(HOUR);
      await accepted('m2');
      await accepted('m2');
      await advance(DAY);
      await rejected('m2');
      await rejected('m2');
      t.match(await streak(), { count: 2 });
      await advance(30 * DAY);
      t.match(await streak(), { count: 2 });
    },
  );

  story(
    'a late report that dates the rejection before the acceptance still takes the acceptance back',
    async (t, { store, advance }) => {
      const { rejected, accepted, streak } = reporter(store);
      await rejected('m1');
      await advance(HOUR);
      await accepted('m2');
      const at = (await nowOf(store)) - 20 * MINUTE;
      await rejected('m2', at);
      await advance(10 * DAY);
      t.match(await streak(), { count: 2, latestAt: at });
    },
  );

  story('a message accepted and not rejected for long enough ends the streak', async (t, { store, advance }) => {
    const { rejected, accepted, streak } = reporter(store);
    await rejected('m1');
    await advance(HOUR);
    await accepted('m2');
    await advance(7 * DAY - HOUR);
    t.match(await streak(), { count: 1 }, 'not long enough');
    await advance(HOUR + MINUTE);
    t.equal(await streak(), null);
    const facts = await reserve(store, newLease(), [], { recipients: [recipient(key)], facts: ALL_FACTS });
    t.equal(facts.recipients[0]?.rejections, null);
    await rejected('m3');
    t.match(await streak(), { count: 1 }, 'the next rejection is a first one');
  });

  story('the earliest acceptance after the latest rejection decides', async (t, { store, advance }) => {
    const { rejected, accepted, streak } = reporter(store);
    await rejected('m1');
    await advance(HOUR);
    await accepted('m2');
    await advance(3 * DAY);
    await accepted('m3');
    await advance(4 * DAY + HOUR);
    t.equal(await streak(), null);
  });

  story('an acceptance older than the latest rejection says nothing', async (t, { store, advance }) => {
    const { rejected, accepted, streak } = reporter(store);
    const start = await nowOf(store);
    await rejected('m1', start);
    await accepted('m0', start - DAY);
    await advance(20 * DAY);
    t.match(await streak(), { count: 1 });
  });

  story('a delivery ends the streak at once, an old one does not', async (t, { store }) => {
    const { rejected, delivered, streak } = reporter(store);
    await rejected('m1', 1_000_000);
    await rejected('m2', 5_000_000);
    await delivered('m0', 4_000_000);
    t.match(await streak(), { count: 2 });
    await delivered('m3', 5_000_001);
    t.equal(await streak(), null);
    await rejected('m4', 7_000_000);
    t.match(await streak(), { count: 1, firstAt: 7_000_000 });
  });

  story('a rejection from before the delivery that ended a streak is not part of the next', async (t, { store }) => {
    const { rejected, delivered, streak } = reporter(store);
    await rejected('m1', 1_000_000);
    await delivered('m3', 5_000_000);
    await rejected('m2', 4_000_000);
    t.equal(await streak(), null);
    await rejected('m4', 6_000_000);
    t.match(await streak(), { count: 1, firstAt: 6_000_000 });
  });

  story('accepted, then delivered: the delivery is what counts', async (t, { store }) => {
    const { rejected, accepted, delivered, streak } = reporter(store);
    await rejected('m1', 1_000_000);
    await accepted('m2', 2_000_000);
    await delivered('m2', 3_000_000);
    t.equal(await streak(), null);
    await rejected('m2', 4_000_000);
    t.match(await streak(), { count: 1 }, 'a rejection is heavier than a delivery: it came back after all');
  });

  story('streaks are per account and address, or over all accounts', async (t, { store }) => {
    await reporter(store, 'acme').rejected('m1', 1_000_000);
    await reporter(store, 'zenith').rejected('m2', 2_000_000);
    const streaks = await store.rejectionsOf(key);
    t.same(streaks.map(({ account, count }) => `${account} ${count}`).sort(), ['acme 1', 'zenith 1']);

    const other = { ...policy, scope: 'global' } as const;
    await reporter(store, 'acme', other).rejected('m3', 3_000_000);
    await reporter(store, 'zenith', other).rejected('m4', 4_000_000);
    const global = (await store.rejectionsOf(key)).find(({ account }) => account === null);
    t.match(global, { count: 2, firstAt: 3_000_000, latestAt: 4_000_000 });
    const stranger = await reserve(store, newLease('other'), [], { recipients: [recipient(key)], facts: ALL_FACTS });
    t.match(stranger.recipients[0]?.rejections, { count: 2 });
    t.equal(stranger.recipients[0]?.rejections?.account, null, 'the global one is told to every account');
  });

  story('a streak of which nothing is heard is forgotten', async (t, { store, advance }) => {
    const { rejected, streak } = reporter(store);
    await rejected('m1');
    await advance(50 * DAY);
    await rejected('m2');
    await advance(50 * DAY);
    t.match(await streak(), { count: 2 }, 'the second kept it');
    await advance(11 * DAY);
    t.equal(await streak(), null);
    await rejected('m3');
    t.match(await streak(), { count: 1 });
  });

  story('an operator can forget a streak', async (t, { store, second }) => {
    const { rejected, streak } = reporter(store);
    await rejected('m1', 1_000_000);
    t.equal(await second.forgetRejections(key, null), false);
    t.equal(await second.forgetRejections(key, 'acme'), true);
    t.equal(await second.forgetRejections(key, 'acme'), false);
    t.equal(await streak(), null);
    await rejected('m1', 1_000_000);
    t.equal(await streak(), null, 'a repeated report does not bring it back');
    await rejected('m2', 2_000_000);
    t.match(await streak(), { count: 1 });
  });

  story('what the latest rejection said is kept up to 200 octets', async (t, { store }) => {
    const { rejected, streak } = reporter(store);
    await rejected('m1', 1_000_000, 'x'.repeat(5_000));
    t.equal((await streak())?.latestStatus, 'x'.repeat(200));
    await rejected('m2', 2_000_000, `x${'é'.repeat(5_000)}`);
    t.equal((await streak())?.latestStatus, `x${'é'.repeat(99)}`, 'no character is cut in two');
  });

  story('outcomes of many messages at once are each counted once', async (t, { store, second }) => {
    const reports = Array.from({ length: 60 }, (_, index) =>
      reporter(index % 2 === 0 ? store : second).rejected(`m${index % 20}`, 1_000_000 + (index % 20)),
    );
    await Promise.all(reports);
    t.match(await reporter(store).streak(), { count: 20, firstAt: 1_000_000, latestAt: 1_000_019 });
  });
}

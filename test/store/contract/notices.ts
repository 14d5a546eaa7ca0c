/** Queues of notices: nothing lost, nothing twice, each account told now and then. */

import { type NewNotice, NOTICE_KNOWN_MS } from '../../../src/store/contract.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE } from './times.js';

const notice = (key: string, changes: Partial<NewNotice> = {}): NewNotice => ({
  account: 'acme',
  channel: 'mail',
  key,
  body: `{"about":"${key}, ü"}`,
  ...changes,
});
const TURN = { limit: 10, ttlMs: 5 * MINUTE };
const ACME = { account: 'acme', channel: 'mail' } as const;

export function noticeStories(story: Story): void {
  story('what waits for an account is taken together, by one process', async (t, { store, second, advance }) => {
    t.same(await store.queueNotices([]), { queued: 0, dropped: 0 });
    t.same(await store.queueNotices([notice('b')]), { queued: 1, dropped: 0 });
    await advance(1);
    t.same(await second.queueNotices([notice('a'), notice('b')]), { queued: 1, dropped: 0 }, 'b is known');
    t.match(await second.waitingNotices({ limit: 10 }), [{ key: 'b', account: 'acme' }, { key: 'a' }]);
    t.same(await second.waitingNotices({ account: 'zenith', limit: 10 }), []);
    const turn = await store.takeNotices(TURN);
    t.match(turn, { ...ACME, notices: [notice('b'), notice('a')] });
    t.equal(await second.takeNotices(TURN), null, 'another tells it');
    await store.settleNotices(ACME, ['b', 'a'], 15 * MINUTE);
    t.same(await store.waitingNotices({ limit: 10 }), []);
    t.same(await store.queueNotices([notice('a')]), { queued: 0, dropped: 0 }, 'it was told');
  });

  story(
    'an account is not told again before its time, and then of everything',
    async (t, { store, second, advance }) => {
      await store.queueNotices([notice('1')]);
      await store.takeNotices(TURN);
      await store.settleNotices(ACME, ['1'], HOUR);
      await second.queueNotices([notice('2'), notice('3')]);
      t.equal(await store.takeNotices(TURN), null);
      await second.queueNotices([notice('1', { account: 'ze{n}%ith', channel: 'webhook' })]);
      const other = await store.takeNotices(TURN);
      t.match(other, { account: 'ze{n}%ith', channel: 'webhook', notices: [{ key: '1' }] }, 'others are');
      await store.settleNotices({ account: 'ze{n}%ith', channel: 'webhook' }, ['1'], HOUR);
      await advance(HOUR + MINUTE);
      t.match(await store.takeNotices(TURN), { ...ACME, notices: [{ key: '2' }, { key: '3' }] });
      await store.settleNotices(ACME, ['2', '3'], HOUR);
      await advance(2 * HOUR);
      t.equal(await store.takeNotices(TURN), null);
    },
  );

  story('what was taken and not told comes again', async (t, { store, second, advance }) => {
    await store.queueNotices(['1', '2', '3'].map((key) => notice(key)));
    t.equal((await store.takeNotices({ ...TURN, limit: 2 }))?.notices.length, 2);
    await advance(TURN.ttlMs + MINUTE);
    t.equal((await second.takeNotices(TURN))?.notices.length, 3, 'the process that had it died');
    await second.settleNotices(ACME, ['1'], 10 * MINUTE);
    t.equal(await second.takeNotices(TURN), null, 'the rest could not be told');
    await advance(11 * MINUTE);
    t.match(await second.takeNotices(TURN), { notices: [{ key: '2' }, { key: '3' }] });
  });

  story('what was queued long ago may be queued again', async (t, { store, advance }) => {
    await store.queueNotices([notice('1')]);
    await store.takeNotices(TURN);
    await store.settleNotices(ACME, ['1'], HOUR);
    await advance(NOTICE_KNOWN_MS - DAY);
    t.match(await store.queueNotices([notice('1')]), { queued: 0 });
    await advance(2 * DAY);
    t.match(await store.queueNotices([notice('1')]), { queued: 1 });
  });
}

/** Sessions: how many at once, how many new ones. */

import type { SessionRequest } from '../../../src/store/contract.js';
import { limitOf } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE, SECOND } from './times.js';

const subject = 'client:192.0.2.1';
const ask = (session: string, more: Partial<SessionRequest> = {}): SessionRequest => ({
  session,
  subject,
  concurrent: { count: 2, enforced: true },
  limits: [],
  ...more,
});

export function sessionStories(story: Story): void {
  story('so many sessions at once, and a closed one makes room', async (t, { store, second }) => {
    t.match(await store.openSession(ask('a')), { granted: true, concurrent: 1, usage: [] });
    t.match(await second.openSession(ask('b')), { granted: true, concurrent: 2 });
    t.match(await store.openSession(ask('c')), { granted: false, concurrent: 2 });
    t.match(await store.openSession(ask('d', { subject: 'account:acme' })), { granted: true, concurrent: 1 });
    await second.closeSession({ session: 'a', subject });
    await second.closeSession({ session: 'a', subject });
    await second.closeSession({ session: 'never', subject });
    t.match(await store.openSession(ask('e')), { granted: true, concurrent: 2 });
  });

  story('a concurrency limit that is only observed, or none, refuses nobody', async (t, { store }) => {
    const observed = { count: 0, enforced: false };
    t.match(await store.openSession(ask('a', { concurrent: observed })), { granted: true, concurrent: 1 });
    t.match(await store.openSession(ask('b', { concurrent: null })), { granted: true, concurrent: 2 });
    t.match(await store.openSession(ask('c')), { granted: false, concurrent: 2 });
  });

  story(
    'sessions of a process that died stop counting, renewed ones count on',
    async (t, { store, second, advance }) => {
      await store.openSession(ask('kept'));
      await second.openSession(ask('dead'));
      await advance(2 * MINUTE);
      await store.renewSessions([
        { session: 'kept', subject },
        { session: 'never', subject },
      ]);
      await advance(90 * SECOND);
      t.match(await store.openSession(ask('next')), { granted: true, concurrent: 2 });
      await advance(2 * MINUTE);
      await store.renewSessions([{ session: 'kept', subject }]);
      t.match(await store.openSession(ask('last')), { granted: true, concurrent: 2 }, 'too late to be renewed');
    },
  );

  story('new sessions are counted in windows; a refused one is not', async (t, { store, advance }) => {
    const limits = [limitOf('sessions', 2, HOUR), limitOf('sessions', 1, 3 * HOUR, { enforced: false })];
    const open = (session: string) => store.openSession(ask(session, { limits }));
    t.match(await open('a'), {
      granted: true,
      usage: [
        { used: 1, over: false },
        { used: 1, over: false },
      ],
    });
    await store.closeSession({ session: 'a', subject });
    t.match(await open('b'), {
      granted: true,
      usage: [
        { used: 2, over: false },
        { used: 2, over: true },
      ],
    });
    const refused = await open('c');
    t.match(refused, {
      granted: false,
      concurrent: 1,
      usage: [
        { used: 2, over: true },
        { used: 2, over: true },
      ],
    });
    t.ok((refused.usage[0]?.freesUpInMs ?? 0) > HOUR - MINUTE);
    await advance(HOUR + 2 * MINUTE);
    t.match(await open('d'), { granted: true, concurrent: 1, usage: [{ used: 1 }, { used: 3, over: true }] });
    await store.openSession(ask('e'));
    t.match(await open('f'), {
      granted: false,
      concurrent: 2,
      usage: [
        { used: 1, over: false },
        { used: 3, over: true },
      ],
    });
    await store.closeSession({ session: 'e', subject });
    t.match(await open('g'), { granted: true, usage: [{ used: 2 }, { used: 4 }] });
  });
}

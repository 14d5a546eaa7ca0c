/** Meters of clients and usernames: charged whatever their limits say. */

import { limitOf } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE, SECOND } from './times.js';

const limits = [limitOf('failures', 3, 10 * MINUTE), limitOf('failures', 5, 10 * HOUR)];

export function meterStories(story: Story): void {
  story('a meter counts beyond its limits and says so', async (t, { store }) => {
    t.match(await store.charge('client:192.0.2.1', limits, 3), [
      { used: 3, over: false, freesUpInMs: null },
      { used: 3, over: false, freesUpInMs: null },
    ]);
    const [short, long] = await store.charge('client:192.0.2.1', limits, 1);
    t.match(short, { used: 4, over: true });
    t.match(long, { used: 4, over: false });
    t.ok((short?.freesUpInMs ?? 0) > 10 * MINUTE - 5 * SECOND);
  });

  story('reading a meter asks for one more: a full one is over', async (t, { store, advance }) => {
    await store.charge('username:bob', limits, 3);
    const asked = [
      { subject: 'username:bob', limits },
      { subject: 'client:192.0.2.1', limits },
      { subject: 'client-username:192.0.2.1 bob', limits: [] },
    ] as const;
    const [bob, client, none] = await store.meters(asked);
    t.match(bob, [
      { used: 3, over: true },
      { used: 3, over: false, freesUpInMs: null },
    ]);
    t.match(client, [{ used: 0, over: false }, { used: 0 }]);
    t.same(none, []);
    t.match(
      await store.meters(asked),
      [[{ used: 3 }, { used: 3 }], [{ used: 0 }, { used: 0 }], []],
      'it changes nothing',
    );
    await advance((bob?.[0]?.freesUpInMs ?? 0) + SECOND);
    t.match((await store.meters(asked))[0], [{ used: 0, over: false }, { used: 3 }]);
  });
}

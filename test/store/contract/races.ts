/** Several processes at once: two calls never both get the last place. */

import { commit, limitOf, newLease, recipient, recipients, reserve, send } from './sender.js';
import type { Story } from './story.js';
import { HOUR } from './times.js';

export function raceStories(story: Story): void {
  story('two processes racing for the last places never exceed the limit', async (t, { store, second }) => {
    const limits = [limitOf('recipients', 40, HOUR), limitOf('recipients', 45, 24 * HOUR)];
    const sent = await Promise.all(
      Array.from({ length: 60 }, (_, index) => send(index % 2 === 0 ? store : second, limits, 1 + (index % 3))),
    );
    t.equal(
      sent.reduce((sum, { accepted }) => sum + accepted, 0),
      40,
    );
    t.match(await second.usage('acme', limits), [{ used: 40 }, { used: 40 }]);
  });

  story('of promises beyond the room that is left only as many are kept as fit', async (t, { store, second }) => {
    const limits = [limitOf('recipients', 200, HOUR)];
    const processOf = (index: number) => (index % 2 === 0 ? store : second);
    const slow = await Promise.all(
      Array.from({ length: 40 }, async (_, index) => {
        const lease = newLease();
        const { held, unheld } = await reserve(processOf(index), lease, limits, { recipients: recipients(2) });
        t.notOk(held, 'there is ample room for each alone');
        return { lease, unheld };
      }),
    );
    t.equal((await send(store, limits, 150)).accepted, 150);
    const charged = await Promise.all(
      slow.map(async ({ lease, unheld }, index) => {
        const more = await reserve(processOf(index), lease, limits, { recipients: recipients(1, 'b'), unheld });
        const amount = more.recipients[0]?.granted ? 3 : 2;
        const { granted } = await commit(processOf(index), lease, limits, { amounts: { recipients: amount } });
        return granted ? amount : 0;
      }),
    );
    const sum = charged.reduce<number>((one, other) => one + other, 0);
    t.ok(sum > 0 && sum <= 50, `${sum} of 50`);
    t.match(await second.usage('acme', limits), [{ used: 150 + sum }]);
  });

  story('holds, give-backs and refunds that race leave nothing behind', async (t, { store, second }) => {
    const limits = [limitOf('recipients', 30, HOUR), limitOf('messages', 12, HOUR)];
    const floodLimits = { account: [limitOf('messages', 9, HOUR)], everyone: [limitOf('messages', 10, HOUR)] };
    let most = 0;
    await Promise.all(
      Array.from({ length: 48 }, async (_, index) => {
        const process = index % 2 === 0 ? store : second;
        const lease = newLease();
        const asked = recipients(3);
        const held = await reserve(process, lease, limits, {
          amounts: { messages: 1 },
          floodLimits,
          recipients: asked,
        });
        for (const { granted, usage } of held.recipients) {
          if (granted) for (const { used, limit } of usage) t.ok(used <= limit.count);
          most = Math.max(most, ...usage.map(({ used }) => used));
        }
        const keys = asked.filter((_, each) => held.recipients[each]?.granted).map(({ key }) => key);
        if (keys.length === 0) return;
        if (index % 3 === 0) return process.release({ lease, recipients: keys });
        if (index % 3 === 1) {
          return process.giveBack({ lease, amounts: { messages: 1, recipients: keys.length }, recipients: keys });
        }
        const amounts = { messages: 1, recipients: keys.length };
        const { charge } = await commit(process, lease, limits, { amounts, floodLimits, recipients: keys });
        t.ok(charge, 'what was held is charged');
        if (charge !== null) await process.refund(charge);
      }),
    );
    t.ok(most > 3, 'they did meet');
    t.match(await store.usage('acme', limits), [{ used: 0 }, { used: 0 }]);
    const all = await reserve(store, newLease(), limits, {
      recipients: Array.from({ length: 9 }, () => recipient('r0@example.net')),
      floodLimits,
    });
    t.ok(
      all.recipients.every(({ granted }) => granted),
      'no flood hold is left',
    );
  });

  story('meters lose no charge to a race', async (t, { store, second }) => {
    const limits = [limitOf('failures', 10, HOUR)];
    await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? store : second).charge('client:192.0.2.7', limits, 1),
      ),
    );
    t.match(await store.meters([{ subject: 'client:192.0.2.7', limits }]), [[{ used: 50, over: true }]]);
  });

  story('sessions that race never exceed their limits', async (t, { store, second }) => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, (_, index) =>
        (index % 2 === 0 ? store : second).openSession({
          session: `s${index}`,
          subject: 'account:acme',
          concurrent: { count: 7, enforced: true },
          limits: [limitOf('sessions', 30, HOUR)],
        }),
      ),
    );
    t.equal(answers.filter(({ granted }) => granted).length, 7);
  });
}

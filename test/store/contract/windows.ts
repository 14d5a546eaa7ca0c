/** How windows count: src/store/window.ts. */

import { slotWidth } from '../../../src/store/window.js';
import { commit, grantedOf, limitOf, newLease, nowOf, recipients, reserve, send } from './sender.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE, SECOND } from './times.js';

const PER = 64 * MINUTE;

export function windowStories(story: Story): void {
  story('a window grants what it has room for, in order', async (t, { store }) => {
    const limits = [limitOf('recipients', 3, PER)];
    const answer = await reserve(store, newLease(), limits, { recipients: recipients(5) });
    t.same(grantedOf(answer), [true, true, true, false, false]);
    const uses = answer.recipients.map(({ usage }) => usage[0]);
    t.same(
      uses.map((use) => use?.used),
      [1, 2, 3, 3, 3],
      'what was refused is not counted, what was granted is',
    );
    t.same(
      uses.map((use) => use?.over),
      [false, false, false, true, true],
    );
    t.same(uses[4]?.limit, limits[0], 'the limit is told as it was asked');
    t.equal(uses[4]?.freesUpInMs, null, 'only holds are in the way: nobody knows when they end');
    t.equal(answer.recipients[0]?.suppression, null, 'facts not asked for are null');
  });

  story('accounts do not share windows', async (t, { store }) => {
    const limits = [limitOf('recipients', 2, PER)];
    t.equal((await send(store, limits, 2, 'acme')).accepted, 2);
    t.equal((await send(store, limits, 1, 'acme')).accepted, 0);
    t.equal((await send(store, limits, 2, 'zenith')).accepted, 2);
  });

  story('a limit of 0 lets nothing pass, and no wait helps', async (t, { store }) => {
    const answer = await reserve(store, newLease(), [limitOf('recipients', 0, PER)], { recipients: recipients(1) });
    t.match(answer.recipients[0], { granted: false, usage: [{ used: 0, over: true, freesUpInMs: null }] });
  });

  story('without limits everything passes', async (t, { store }) => {
    const lease = newLease();
    t.same(grantedOf(await reserve(store, lease, [], { amounts: { messages: 1 }, recipients: recipients(2) })), [
      true,
      true,
    ]);
    const done = await commit(store, lease, [], { amounts: { messages: 1, recipients: 2 } });
    t.match(done, { granted: true, usage: [], charge: { lease, entries: [] } });
  });

  story('a charge counts until its slot has wholly left the window', async (t, { store, advance }) => {
    const limits = [limitOf('recipients', 2, PER)];
    await advance(slotWidth(PER) - ((await nowOf(store)) % slotWidth(PER)) + 20 * SECOND);
    const sent = await send(store, limits, 2);
    const denied = await reserve(store, newLease(), limits, { recipients: recipients(1) });
    const wait = denied.recipients[0]?.usage[0]?.freesUpInMs ?? 0;
    const leaves = (Math.floor(sent.now / slotWidth(PER)) + 1) * slotWidth(PER) + PER;
    t.equal(denied.now + wait, leaves, 'it tells when');
    await advance(PER);
    t.equal((await send(store, limits, 1)).accepted, 0, 'the slot has only partly left');
    await advance(wait - PER - 10 * SECOND);
    t.equal((await send(store, limits, 1)).accepted, 0, 'shortly before');
    await advance(15 * SECOND);
    t.equal((await send(store, limits, 3)).accepted, 2, 'and there is all the room again');
  });

  story('freesUpInMs is when enough slots have left for what was asked', async (t, { store, advance }) => {
    const limits = [limitOf('bytes', 100, PER)];
    const times: number[] = [];
    for (const bytes of [30, 20, 50]) {
      const lease = newLease();
      times.push((await commit(store, lease, limits, { amounts: { bytes } })).now);
      await advance(10 * MINUTE);
    }
    const leaves = (index: number) => (Math.floor((times[index] ?? 0) / MINUTE) + 1) * MINUTE + PER;
    const ask = async (bytes: number) => {
      const answer = await reserve(store, newLease(), limits, { amounts: { bytes }, recipients: recipients(1) });
      const use = answer.recipients[0]?.usage[0];
      t.equal(use?.over, true);
      return use?.freesUpInMs === null || use === undefined ? null : answer.now + use.freesUpInMs;
    };
    t.equal(await ask(1), leaves(0));
    t.equal(await ask(30), leaves(0));
    t.equal(await ask(31), leaves(1));
    t.equal(await ask(51), leaves(2));
    t.equal(await ask(100), leaves(2));
    t.equal(await ask(101), null, 'more than the window ever allows');
  });

  story(
    'in no interval of the length of a window is more than its count accepted',
    async (t, { store, second, advance }) => {
      const limits = [limitOf('recipients', 7, PER)];
      const accepted: number[] = [];
      // Uneven steps, so that sends fall anywhere in the slots.
      const steps = [1, 11, 170, 400, 3, 59, 60, 61, 1500, 7, 37, 840, 90, 120, 13].map((seconds) => seconds * SECOND);
      for (let turn = 0; turn < 90; turn += 1) {
        const sent = await send(turn % 2 === 0 ? store : second, limits, 1 + (turn % 4));
        for (let each = 0; each < sent.accepted; each += 1) accepted.push(sent.now);
        await advance(steps[turn % steps.length] ?? 0);
      }
      const tooClose = accepted.filter((at, index) => (accepted[index + 7] ?? Number.POSITIVE_INFINITY) - at <= PER);
      t.same(tooClose, []);
      t.ok(accepted.length > 20, `the window moves on: ${accepted.length} accepted`);
    },
  );

  story(
    'every window of an account has a say, and the refusal names those without room',
    async (t, { store, advance }) => {
      const limits = [limitOf('recipients', 2, 10 * MINUTE), limitOf('recipients', 3, DAY)];
      t.equal((await send(store, limits, 2)).accepted, 2);
      const early = await reserve(store, newLease(), limits, { recipients: recipients(1) });
      t.same(
        early.recipients[0]?.usage.map(({ over }) => over),
        [true, false],
      );
      await advance(12 * MINUTE);
      t.equal((await send(store, limits, 2)).accepted, 1, 'the short one is empty again, the long one is not');
      const late = await reserve(store, newLease(), limits, { recipients: recipients(1) });
      t.same(
        late.recipients[0]?.usage.map(({ used, over }) => ({ used, over })),
        [
          { used: 1, over: false },
          { used: 3, over: true },
        ],
      );
    },
  );

  story('two limits on one window share its history, charged once', async (t, { store }) => {
    const limits = [limitOf('recipients', 5, PER), limitOf('recipients', 3, PER, { rule: 'volume.warm-up' })];
    t.equal((await send(store, limits, 4)).accepted, 3);
    t.same(
      (await store.usage('acme', limits)).map(({ used, over }) => ({ used, over })),
      [
        { used: 3, over: false },
        { used: 3, over: true },
      ],
    );
  });

  story('changing a threshold keeps the counts', async (t, { store }) => {
    t.equal((await send(store, [limitOf('recipients', 10, PER)], 6)).accepted, 6);
    t.equal((await send(store, [limitOf('recipients', 4, PER)], 1)).accepted, 0);
    t.equal((await send(store, [limitOf('recipients', 8, PER)], 9)).accepted, 2);
  });

  story('a limit that is only observed counts and reports, and refuses nothing', async (t, { store }) => {
    const observed = [limitOf('recipients', 2, PER, { enforced: false })];
    const lease = newLease();
    const answer = await reserve(store, lease, observed, { recipients: recipients(3) });
    t.same(grantedOf(answer), [true, true, true]);
    t.same(
      answer.recipients.map(({ usage }) => usage[0]?.over),
      [false, false, true],
    );
    const done = await commit(store, lease, observed, { amounts: { recipients: 3 } });
    t.match(done, { granted: true, usage: [{ used: 3, over: false }] }, 'held already, so not asked again');
    t.equal((await send(store, [limitOf('recipients', 3, PER)], 1)).accepted, 0, 'enforced later, it has the counts');
  });

  story('messages and bytes are asked once for all recipients: no room, nobody is granted', async (t, { store }) => {
    const limits = [limitOf('messages', 1, PER), limitOf('bytes', 1000, PER), limitOf('recipients', 10, PER)];
    const first = newLease();
    const amounts = { messages: 1, bytes: 600 };
    t.same(grantedOf(await reserve(store, first, limits, { amounts, recipients: recipients(2) })), [true, true]);
    t.same(grantedOf(await reserve(store, first, limits, { recipients: recipients(2, 'more') })), [true, true]);
    t.same(
      (await store.usage('acme', limits)).map(({ used }) => used),
      [1, 600, 4],
    );
    const other = await reserve(store, newLease(), limits, { amounts, recipients: recipients(2) });
    t.same(grantedOf(other), [false, false]);
    t.same(
      other.recipients[1]?.usage.map(({ limit, used, over }) => [limit.resource, used, over]),
      [
        ['messages', 1, true],
        ['bytes', 600, true],
        ['recipients', 4, false],
      ],
      'every limit that was met is told',
    );
    t.same(
      (await store.usage('acme', limits)).map(({ used }) => used),
      [1, 600, 4],
      'and nothing of it is held',
    );
  });

  story('amounts are held only if a recipient is granted', async (t, { store }) => {
    const limits = [limitOf('messages', 5, PER), limitOf('recipients', 0, PER)];
    const answer = await reserve(store, newLease(), limits, { amounts: { messages: 1 }, recipients: recipients(2) });
    t.same(grantedOf(answer), [false, false]);
    t.match(answer.recipients[0]?.usage, [
      { limit: { resource: 'messages' }, used: 0, over: false },
      { limit: { resource: 'recipients' }, used: 0, over: true },
    ]);
    t.match(await store.usage('acme', limits), [{ used: 0 }, { used: 0 }]);
  });

  story('only limits of what is asked for are met', async (t, { store }) => {
    const limits = [
      limitOf('messages', 5, PER),
      limitOf('bytes', 5, PER),
      limitOf('recipients', 5, PER),
      limitOf('exempt-recipients', 5, PER),
    ];
    const asked = recipients(2).map((one, index) =>
      index === 0 ? one : { ...one, resource: 'exempt-recipients' as const },
    );
    const answer = await reserve(store, newLease(), limits, { amounts: { messages: 1, bytes: 0 }, recipients: asked });
    t.same(
      answer.recipients.map(({ usage }) => usage.map(({ limit }) => limit.resource)),
      [
        ['messages', 'recipients'],
        ['messages', 'exempt-recipients'],
      ],
    );
  });

  story(
    'reading an account changes nothing, and a full window says when it frees up',
    async (t, { store, advance }) => {
      const limits = [limitOf('recipients', 2, HOUR), limitOf('recipients', 9, DAY), limitOf('messages', 0, DAY)];
      t.match(await store.usage('acme', limits), [
        { used: 0, over: false, freesUpInMs: null },
        { used: 0, over: false, freesUpInMs: null },
        { used: 0, over: true, freesUpInMs: null },
      ]);
      await send(store, [limits[0] ?? limitOf('recipients', 2, HOUR), limitOf('recipients', 9, DAY)], 2);
      const [short, long] = await store.usage('acme', limits);
      t.match(short, { used: 2, over: true });
      t.ok((short?.freesUpInMs ?? 0) >= HOUR - 5 * SECOND && (short?.freesUpInMs ?? 0) <= HOUR + slotWidth(HOUR));
      t.match(long, { used: 2, over: false, freesUpInMs: null });
      await advance(HOUR + 2 * MINUTE);
      t.match(await store.usage('acme', limits), [{ used: 0 }, { used: 2 }, { used: 0 }]);
    },
  );
}

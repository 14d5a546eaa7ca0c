/** Looking tells what reserving would go by, and leaves no trace. */

import type { LookRequest, Store } from '../../../src/store/contract.js';
import { ALL_FACTS, commit, limitOf, NO_FACTS, newLease, recipient, reserve, send } from './sender.js';
import type { Story } from './story.js';
import { suppressionOf } from './suppressions.js';
import { HOUR, SECOND } from './times.js';

const limits = [limitOf('recipients', 10, HOUR), limitOf('messages', 10, HOUR)];
const floodLimits = {
  account: [limitOf('messages', 3, HOUR, { rule: 'flood.recipient' })],
  everyone: [limitOf('messages', 5, HOUR, { rule: 'flood.recipient' })],
};

function look(store: Store, request: Partial<LookRequest> = {}) {
  return store.look({
    account: 'acme',
    accountLimits: limits,
    floodLimits,
    recipients: [recipient('r0@example.net')],
    facts: NO_FACTS,
    ...request,
  });
}

function total(slots: readonly (readonly [number, number])[] | undefined): number {
  return (slots ?? []).reduce((sum, [, amount]) => sum + amount, 0);
}

export function lookStories(story: Story): void {
  story('a look tells what was charged and what is held', async (t, { store, second }) => {
    await send(store, [limitOf('recipients', 10, HOUR)], 3);
    await reserve(store, newLease(), limits, {
      amounts: { messages: 1 },
      floodLimits,
      recipients: [recipient('r0@example.net'), recipient('r1@example.net')],
    });
    const other = newLease('zenith');
    await reserve(store, other, limits, {
      amounts: { messages: 1 },
      floodLimits,
      recipients: [recipient('r0@example.net')],
    });
    await commit(store, other, limits, {
      amounts: { messages: 1, recipients: 1 },
      floodLimits,
      recipients: ['r0@example.net'],
    });
    const { account, recipients, now } = await look(second);
    t.match(account, [
      { resource: 'recipients', perMs: HOUR, held: 2 },
      { resource: 'messages', perMs: HOUR, held: 1, slots: [] },
    ]);
    t.equal(total(account[0]?.slots), 3);
    t.ok((account[0]?.slots[0]?.[0] ?? 0) * (HOUR / 64) <= now);
    const [own, everyone] = recipients[0]?.windows ?? [];
    t.match(own, { held: 1, slots: [] }, 'this account to the address');
    t.equal(everyone?.held, 1);
    t.equal(total(everyone?.slots), 1, 'everyone to the address');
  });

  story('a look holds nothing and charges nothing', async (t, { store }) => {
    for (let turn = 0; turn < 20; turn += 1) await look(store);
    const { account, recipients } = await look(store);
    t.match([...account, ...(recipients[0]?.windows ?? [])], Array(4).fill({ held: 0, slots: [] }));
    t.equal((await send(store, limits, 10)).accepted, 10, 'all is there still');
  });

  story('what has left its window is not seen', async (t, { store, advance }) => {
    await send(store, [limitOf('recipients', 10, HOUR)], 3);
    await advance(HOUR + 2 * Math.ceil(HOUR / 64) + SECOND);
    t.same((await look(store)).account[0]?.slots, []);
  });

  story('a look knows of a recipient what a reserve knows', async (t, { store }) => {
    await store.suppress([suppressionOf('@example.net', { reason: 'complained' })]);
    await store.revoke({ key: 'b@example.net', account: 'acme', at: null, source: 'one-click' });
    const asked = {
      recipients: [recipient('a@example.net'), recipient('b@example.net'), recipient('c@example.org')],
      facts: ALL_FACTS,
    };
    const reserved = await reserve(store, newLease(), [], asked);
    const seen = await look(store, { ...asked, accountLimits: [], floodLimits: { account: [], everyone: [] } });
    t.same(
      seen.recipients.map(({ windows, ...facts }) => facts),
      reserved.recipients.map(({ granted, held, usage, ...facts }) => facts),
    );
    t.match(seen.recipients, [{ suppression: { key: '@example.net' } }, { revocation: {} }, { suppression: null }]);
    const unasked = await look(store, { ...asked, facts: NO_FACTS });
    for (const one of unasked.recipients) t.match(one, { suppression: null, revocation: null, rejections: null });
  });
}

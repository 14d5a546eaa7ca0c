/** Recipients that are charged for at once. */

import type { RecipientChargeRequest, ReserveRequest, Store } from '../../../src/store/contract.js';
import { ALL_FACTS, limitOf, NO_FLOOD, newLease, recipient, recipients, reserve } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE } from './times.js';

const PER = 8 * HOUR;
const limits = [limitOf('recipients', 2, PER), limitOf('messages', 5, PER), limitOf('bytes', 1000, PER)];
const flood: ReserveRequest['floodLimits'] = {
  account: [limitOf('messages', 2, PER, { rule: 'flood.recipient' })],
  everyone: [limitOf('messages', 3, PER, { rule: 'flood.recipient' })],
};
const usedBy = async (store: Store, account = 'acme') => (await store.usage(account, limits)).map(({ used }) => used);

function charge(store: Store, key: string, request: Partial<RecipientChargeRequest> = {}) {
  return store.chargeRecipient({
    lease: newLease(),
    accountLimits: limits,
    amounts: {},
    floodLimits: NO_FLOOD,
    recipient: recipient(key),
    facts: ALL_FACTS,
    ...request,
  });
}

export function recipientChargeStories(story: Story): void {
  story('a recipient is charged at once, with what its message takes', async (t, { store, advance }) => {
    const first = await charge(store, 'a@example.net', { amounts: { messages: 1, bytes: 700 } });
    t.match(first, {
      recipient: { granted: true, usage: [{ used: 1 }, { used: 1 }, { used: 700 }] },
      charge: { entries: { length: 3 } },
    });
    t.match(await charge(store, 'b@example.net'), { recipient: { granted: true, usage: [{ used: 2 }] } });
    await advance(30 * MINUTE);
    t.strictSame(await usedBy(store), [2, 1, 700], 'it does not run out like a hold');
    t.match((await store.stateOf('acme')).firstAcceptedAt, first.now);
  });

  story('what is denied is not charged, and says why', async (t, { store }) => {
    t.match(await charge(store, 'a@example.net', { amounts: { messages: 1, bytes: 1001 } }), {
      charge: null,
      recipient: { granted: false, usage: [{ over: false }, { over: false }, { over: true, freesUpInMs: null }] },
    });
    t.strictSame(await usedBy(store), [0, 0, 0]);
    t.equal((await store.stateOf('acme')).firstAcceptedAt, null);
  });

  story('room that others hold is theirs', async (t, { store }) => {
    await reserve(store, newLease(), limits, { recipients: recipients(2) });
    t.match(await charge(store, 'a@example.net'), { recipient: { granted: false, usage: [{ used: 2, over: true }] } });
  });

  story('an address that has had enough costs its account nothing', async (t, { store }) => {
    const toVictim = (account: string) =>
      charge(store, 'victim@example.net', { lease: newLease(account), floodLimits: flood });
    for (const account of ['acme', 'zenith', 'zenith']) t.ok((await toVictim(account)).charge);
    t.match(await toVictim('other'), {
      charge: null,
      recipient: { granted: false, usage: [{ used: 0 }, { used: 0 }, { used: 3, over: true }] },
    });
    t.strictSame(await usedBy(store, 'other'), [0, 0, 0]);
    t.equal((await store.stateOf('other')).firstAcceptedAt, null);
  });

  story('an account that has no room leaves no trace at the address', async (t, { store }) => {
    for (const key of ['a@example.net', 'b@example.net']) await charge(store, key);
    t.match(await charge(store, 'victim@example.net', { floodLimits: flood }), {
      recipient: { granted: false, usage: [{ used: 2, over: true }, { used: 0 }, { used: 0 }] },
    });
    const again = { lease: newLease('zenith'), floodLimits: flood };
    t.match(await charge(store, 'victim@example.net', again), { recipient: { usage: [{}, { used: 1 }, { used: 1 }] } });
  });

  story('a charge that something else refused is taken back', async (t, { store, advance }) => {
    const { charge: made } = await charge(store, 'a@example.net', { amounts: { messages: 1 }, floodLimits: flood });
    if (made === null) return void t.fail('not granted');
    await advance(20 * MINUTE);
    await store.refund(made);
    t.strictSame(await usedBy(store), [0, 0, 0]);
    const again = await charge(store, 'a@example.net', { floodLimits: flood });
    t.match(again.recipient.usage, [{ used: 1 }, { used: 1 }, { used: 1 }]);
  });

  story('it tells what is known of the recipient', async (t, { store }) => {
    const suppression = { account: null, reason: 'manual', at: 1, by: 'ann', note: '', expiresAt: null } as const;
    await store.suppress([
      { ...suppression, key: 'a@example.net' },
      { ...suppression, key: '@example.org' },
    ]);
    t.match((await charge(store, 'a@example.net')).recipient, { suppression: { key: 'a@example.net' } });
    t.match((await charge(store, 'b@example.org')).recipient, { suppression: { key: '@example.org' } });
    const neither = { facts: { suppression: false, revocation: false, rejections: false } };
    t.match((await charge(store, 'a@example.net', { ...neither, lease: newLease('zenith') })).recipient, {
      suppression: null,
    });
  });
}

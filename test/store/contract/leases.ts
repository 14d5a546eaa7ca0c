/** Holds: how they are added to, given back, expire, and become charges. */

import type { HeldLease, Lease, ReserveRequest } from '../../../src/store/contract.js';
import { commit, grantedOf, limitOf, newLease, recipient, recipients, reserve, send } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE } from './times.js';

const PER = 8 * HOUR;
const limits = [limitOf('recipients', 4, PER)];
const flood: ReserveRequest['floodLimits'] = {
  account: [limitOf('messages', 2, PER, { rule: 'flood.recipient' })],
  everyone: [limitOf('messages', 3, PER, { rule: 'flood.recipient' })],
};

/** With the recipients that tests ask for. */
function heldBy(lease: Lease): HeldLease {
  return { lease, recipients: recipients(4).map(({ key }) => key) };
}

export function leaseStories(story: Story): void {
  story('calls for one lease add up', async (t, { store }) => {
    const lease = newLease();
    t.same(grantedOf(await reserve(store, lease, limits, { recipients: recipients(2, 'a') })), [true, true]);
    t.same(grantedOf(await reserve(store, lease, limits, { recipients: recipients(3, 'b') })), [true, true, false]);
    t.match(await store.usage('acme', limits), [{ used: 4 }]);
  });

  story('where there is ample room nothing is held', async (t, { store }) => {
    const wide = [limitOf('recipients', 200, PER), limitOf('messages', 65, PER)];
    const lease = newLease();
    const first = await reserve(store, lease, wide, { amounts: { messages: 1 }, recipients: recipients(3) });
    t.match(first, { held: false, unheld: { recipients: 3, messages: 1 } }, '64 messages are left beside one');
    t.match(
      first.recipients.map(({ usage }) => usage.map(({ used }) => used)),
      [
        [1, 1],
        [2, 1],
        [3, 1],
      ],
      'its own answer counts them',
    );
    t.match(await store.usage('acme', wide), [{ used: 0 }, { used: 0 }], 'others see nothing of them');
    const done = await commit(store, lease, wide, { amounts: { recipients: 3, messages: 1 } });
    t.match(done, { granted: true, usage: [{ used: 3 }, { used: 1 }] });
    const second = await reserve(store, newLease(), wide, { amounts: { messages: 1 }, recipients: recipients(1) });
    t.match(second, { held: true, unheld: {} }, '63 are left');
    t.match(await store.usage('acme', wide), [{ used: 4 }, { used: 2 }], 'then all that is asked for is held');
  });

  story('what was promised is held once there is little room beside it', async (t, { store }) => {
    const wide = [limitOf('recipients', 200, PER)];
    const lease = newLease();
    const { unheld } = await reserve(store, lease, wide, { recipients: recipients(3) });
    const more = await reserve(store, lease, wide, { recipients: recipients(1, 'b'), unheld });
    t.match(more, { held: true, unheld: {}, recipients: [{ usage: [{ used: 4 }] }] }, 'of 200 a 64th is 3');
    t.match(await store.usage('acme', wide), [{ used: 4 }]);
    await store.giveBack({ lease, amounts: { recipients: 3 }, recipients: [] });
    const last = await reserve(store, lease, wide, { recipients: recipients(1, 'c') });
    t.match(last, { held: true, unheld: {} }, 'who holds something goes on to');
    t.match(await store.usage('acme', wide), [{ used: 2 }]);
  });

  story('a commit denies what was promised and others took meanwhile', async (t, { store }) => {
    const wide = [limitOf('recipients', 200, PER)];
    const slow = newLease();
    const { unheld } = await reserve(store, slow, wide, { recipients: recipients(3) });
    t.match(unheld, { recipients: 3 });
    t.equal((await send(store, wide, 198)).accepted, 198);
    const denied = await commit(store, slow, wide, { amounts: { recipients: 3 } });
    t.match(denied, { granted: false, charge: null, usage: [{ used: 198, over: true }] });
    t.match(await store.usage('acme', wide), [{ used: 198 }]);
  });

  story('what was promised and others took meanwhile is not held by asking for more', async (t, { store }) => {
    const wide = [limitOf('recipients', 200, PER), limitOf('messages', 1000, PER)];
    const slow = newLease();
    const asked = { amounts: { messages: 1 }, recipients: recipients(2) };
    const { unheld } = await reserve(store, slow, wide, asked);
    t.match(unheld, { recipients: 2, messages: 1 });
    t.equal((await send(store, wide.slice(0, 1), 199)).accepted, 199);
    const more = await reserve(store, slow, wide, { recipients: recipients(1, 'b'), unheld });
    t.match(more, { held: false, unheld: { recipients: 2, messages: 1 }, recipients: [{ granted: false }] });
    t.match(await store.usage('acme', wide), [{ used: 199 }, {}], 'the one that is left is anybody’s');
    const denied = await commit(store, slow, wide, { amounts: { recipients: 2, messages: 1 } });
    t.match(denied, { granted: false, charge: null });
    t.match(await store.usage('acme', wide), [{ used: 199 }, {}]);
  });

  story('an address with ample room holds nothing, and is judged again', async (t, { store }) => {
    const wide = { account: [limitOf('messages', 65, PER)], everyone: [limitOf('messages', 66, PER)] };
    const [a] = recipients(1);
    if (a === undefined) throw new Error('a recipient');
    const ask = (account: string) => {
      const lease = newLease(account);
      return {
        answer: reserve(store, lease, [], { recipients: [a], floodLimits: wide }),
        commit: () => commit(store, lease, [], { floodLimits: wide, recipients: [a.key] }),
      };
    };
    const slow = ask('acme');
    t.match(await slow.answer, {
      held: false,
      recipients: [{ granted: true, held: false, usage: [{ used: 1 }, { used: 1 }] }],
    });
    const others = Array.from({ length: 66 }, () => ask('zenith'));
    for (const { answer } of others) t.match(await answer, { recipients: [{ held: false }] });
    const done = await Promise.all(others.map((other) => other.commit()));
    t.equal(done.filter(({ granted }) => granted).length, 65, 'of an account’s own limit');
    const scarce = ask('summit');
    t.match(await scarce.answer, { recipients: [{ granted: true, held: true, usage: [{ used: 1 }, { used: 66 }] }] });
    t.match(await slow.commit(), { granted: false, usage: [{ limit: { count: 66 }, used: 66, over: true }] });
    t.match(await scarce.commit(), { granted: true }, 'what is held is kept');
  });

  story('who holds a place at an address goes on to, whatever room there is', async (t, { store }) => {
    const wide = { account: [], everyone: [limitOf('messages', 66, PER)] };
    const asked = { recipients: recipients(1), floodLimits: wide };
    const [key] = ['r0@example.net'];
    const first = await commit(store, newLease(), [], { floodLimits: wide, recipients: [key] });
    const second = await commit(store, newLease(), [], { floodLimits: wide, recipients: [key] });
    const lease = newLease();
    t.match(await reserve(store, lease, [], asked), { recipients: [{ held: true, usage: [{ used: 3 }] }] });
    if (first.charge === null || second.charge === null) return void t.fail('not granted');
    await store.refund(first.charge);
    await store.refund(second.charge);
    // As after a call whose answer never came.
    t.match(await reserve(store, lease, [], asked), { recipients: [{ held: true, usage: [{ used: 2 }] }] });
  });

  story('who only looks leaves windows as they are, and without what has left them', async (t, { store, advance }) => {
    const wide = [limitOf('recipients', 1000, PER)];
    const floodLimits = { account: [limitOf('messages', 100, PER)], everyone: [] };
    const asked = { recipients: recipients(1), floodLimits };
    const mail = async () => {
      const sent = { amounts: { recipients: 2 }, floodLimits, recipients: ['r0@example.net'] };
      t.match(await commit(store, newLease(), wide, sent), { granted: true });
    };
    await mail();
    await advance(HOUR);
    await mail();
    await mail();
    await advance(PER - HOUR / 2);
    for (let looks = 0; looks < 3; looks += 1) {
      const { held, recipients } = await reserve(store, newLease(), wide, asked);
      t.match({ held, recipients }, { held: false, recipients: [{ held: false, usage: [{ used: 5 }, { used: 3 }] }] });
    }
    t.match(await store.usage('acme', wide), [{ used: 4 }]);
  });

  story('of recipients to come it is said for how many there is ample room', async (t, { store }) => {
    const wide = [limitOf('recipients', 400, PER)];
    const lease = newLease();
    const first = await reserve(store, lease, wide, { recipients: recipients(1), ahead: 9 });
    t.equal(first.ahead, 5, '399 are left: 6 of 64 of them, of which one is taken');
    t.match(await store.usage('acme', wide), [{ used: 0 }]);
    const covered = await reserve(store, lease, [], { recipients: recipients(1, 'b'), floodLimits: flood });
    t.match(covered, { ahead: 0, held: false, recipients: [{ granted: true, usage: [{ used: 1 }, { used: 1 }] }] });
    t.ok(Math.abs(covered.now - first.now) < MINUTE, 'whoever is asked tells the time');
    const narrow = await reserve(store, newLease(), [...wide, ...limits], { recipients: recipients(1), ahead: 9 });
    t.match(narrow, { ahead: 0, held: true }, 'the narrowest limit decides');
  });

  story('there is no room ahead for nobody', async (t, { store }) => {
    const none = [limitOf('recipients', 0, PER), limitOf('messages', 999, PER)];
    const denied = await reserve(store, newLease(), none, { recipients: recipients(1), ahead: 5 });
    t.match(denied, { ahead: 0, held: false, recipients: [{ granted: false }] });
    const unlimited = await reserve(store, newLease(), [limitOf('messages', 999, PER)], {
      recipients: recipients(1),
      ahead: 5,
    });
    t.equal(unlimited.ahead, 5, 'where nothing counts them there is room for all');
  });

  story('a commit turns the hold into a charge, dated when it happens', async (t, { store, advance }) => {
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(3) });
    await advance(5 * MINUTE);
    const done = await commit(store, lease, limits, { amounts: { recipients: 2 }, recipients: ['r0@example.net'] });
    t.match(done, { granted: true, usage: [{ used: 2, over: false, freesUpInMs: null }] });
    t.match(done.charge, { lease, entries: [{ resource: 'recipients', perMs: PER, amount: 2 }] });
    t.match(await store.usage('acme', limits), [{ used: 2 }], 'what was held too much is free again');
    await advance(30 * MINUTE);
    t.match(await store.usage('acme', limits), [{ used: 2 }], 'a charge does not run out like a hold');
  });

  story('a commit tells the state of its account, and nothing when it is denied', async (t, { store }) => {
    const one = { amounts: { recipients: 1 } };
    const first = await commit(store, newLease(), limits, one);
    t.match(first.state, { account: 'acme', standing: 'good', firstAcceptedAt: first.now });
    await store.changeStanding({ account: 'acme', standing: 'warned', reason: 'r', by: 'ann', until: null });
    const { state } = await commit(store, newLease(), limits, one);
    t.strictSame(state, await store.stateOf('acme'));
    t.match(await commit(store, newLease(), limits, { amounts: { recipients: 9 } }), { granted: false, state: null });
  });

  story('what exceeds the hold is judged at the commit', async (t, { store }) => {
    const bytes = [limitOf('bytes', 1000, PER), limitOf('recipients', 4, PER)];
    const fits = newLease();
    await reserve(store, fits, bytes, { amounts: { bytes: 100 }, recipients: recipients(1) });
    t.match(await commit(store, fits, bytes, { amounts: { bytes: 700, recipients: 1 } }), {
      granted: true,
      usage: [
        { used: 700, over: false },
        { used: 1, over: false },
      ],
    });
    const exceeds = newLease();
    await reserve(store, exceeds, bytes, { amounts: { bytes: 100 }, recipients: recipients(2) });
    const refused = await commit(store, exceeds, bytes, { amounts: { bytes: 301, recipients: 2 } });
    t.match(refused, {
      granted: false,
      charge: null,
      usage: [
        { used: 700, over: true },
        { used: 1, over: false },
      ],
    });
    t.ok((refused.usage[0]?.freesUpInMs ?? 0) > PER - MINUTE);
    t.match(await store.usage('acme', bytes), [{ used: 700 }, { used: 1 }], 'the whole lease was given back');
    t.match(await commit(store, newLease(), bytes, { amounts: { bytes: 1001 } }), {
      granted: false,
      usage: [{ over: true, freesUpInMs: null }],
    });
  });

  story('what is held is not judged again, even if the limit has shrunk', async (t, { store }) => {
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(4) });
    const done = await commit(store, lease, [limitOf('recipients', 1, PER)], { amounts: { recipients: 4 } });
    t.match(done, { granted: true, usage: [{ used: 4, over: false }] });
  });

  story('a hold is gone after its commit', async (t, { store }) => {
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(4) });
    await commit(store, lease, limits, { amounts: { recipients: 1 } });
    await store.giveBack({ lease, amounts: { recipients: 9 }, recipients: [] });
    await store.release({ lease, recipients: [] });
    t.match(await store.usage('acme', limits), [{ used: 1 }]);
    t.match(await commit(store, lease, limits, { amounts: { recipients: 4 } }), { granted: false });
  });

  story('a process that dies gives its holds back by expiry', async (t, { store, second, advance }) => {
    const dead = newLease();
    await reserve(second, dead, limits, { recipients: recipients(4), floodLimits: flood });
    t.equal((await send(store, limits, 1)).accepted, 0);
    await advance(9 * MINUTE);
    t.equal((await send(store, limits, 1)).accepted, 0, 'not before the time');
    await advance(2 * MINUTE);
    t.match(await store.usage('acme', limits), [{ used: 0 }]);
    const next = newLease();
    const twice = [recipient('r0@example.net'), recipient('r0@example.net')];
    const answer = await reserve(store, next, [], { recipients: twice, floodLimits: flood });
    t.same(grantedOf(answer), [true, true], 'flood holds too');
    await store.release({ lease: next, recipients: ['r0@example.net'] });
    t.equal((await send(store, limits, 4)).accepted, 4);
  });

  story('every reserve of a lease renews what its account holds', async (t, { store, advance }) => {
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(2, 'a') });
    await advance(7 * MINUTE);
    await reserve(store, lease, limits, { recipients: recipients(1, 'b') });
    await advance(7 * MINUTE);
    t.match(await store.usage('acme', limits), [{ used: 3 }]);
    await advance(4 * MINUTE);
    t.match(await store.usage('acme', limits), [{ used: 0 }]);
  });

  story('long transactions are renewed; what has run out stays so', async (t, { store, advance }) => {
    const [kept, lost] = [newLease(), newLease('zenith')];
    await reserve(store, kept, limits, { recipients: recipients(3) });
    await reserve(store, lost, limits, { recipients: recipients(2) });
    for (let turn = 0; turn < 4; turn += 1) {
      await advance(6 * MINUTE);
      await store.renew((turn < 1 ? [kept] : [kept, lost, newLease('nobody')]).map(heldBy));
      if (turn === 0) await advance(3 * MINUTE);
      if (turn === 0) await store.renew([heldBy(kept)]);
    }
    t.match(await store.usage('acme', limits), [{ used: 3 }]);
    t.match(await store.usage('zenith', limits), [{ used: 0 }], 'it had expired before it was renewed');
    t.match(await store.usage('nobody', limits), [{ used: 0 }]);
    t.match(await commit(store, kept, limits, { amounts: { recipients: 3 } }), { granted: true });
  });

  story('a renewed hold at an address lasts as long as that of its account', async (t, { store, advance }) => {
    const strict = { account: [], everyone: [limitOf('messages', 1, PER)] };
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(2), floodLimits: strict });
    await advance(9 * MINUTE);
    await store.renew([heldBy(lease)]);
    await advance(9 * MINUTE);
    const held = await reserve(store, newLease('zenith'), [], { recipients: recipients(2), floodLimits: strict });
    t.same(grantedOf(held), [false, false]);
    t.match(await store.usage('acme', limits), [{ used: 2 }]);
  });

  story('a commit ends holds of recipients that get no mail', async (t, { store }) => {
    const strict = { account: [], everyone: [limitOf('messages', 1, PER)] };
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(3), floodLimits: strict });
    await commit(store, lease, limits, {
      amounts: { recipients: 1 },
      floodLimits: strict,
      recipients: ['r0@example.net'],
      unmailed: ['r1@example.net', 'r2@example.net'],
    });
    const next = await reserve(store, newLease('zenith'), [], { recipients: recipients(3), floodLimits: strict });
    t.same(grantedOf(next), [false, true, true]);
  });

  story('after its lease ran out a commit is judged from nothing', async (t, { store, advance }) => {
    const [late, lucky] = [newLease(), newLease('zenith')];
    await reserve(store, late, limits, { recipients: recipients(3) });
    await reserve(store, lucky, limits, { recipients: recipients(3) });
    await advance(11 * MINUTE);
    t.equal((await send(store, limits, 2)).accepted, 2);
    t.match(await commit(store, late, limits, { amounts: { recipients: 3 } }), {
      granted: false,
      usage: [{ used: 2, over: true }],
      charge: null,
    });
    t.match(await commit(store, lucky, limits, { amounts: { recipients: 3 } }), { granted: true });
    t.match(await store.usage('zenith', limits), [{ used: 3 }]);
  });

  story('parts of a hold are given back, never more than was held', async (t, { store }) => {
    const lease = newLease();
    const both = [...limits, limitOf('bytes', 1000, PER)];
    await reserve(store, newLease(), both, { recipients: recipients(1) });
    await reserve(store, lease, both, { amounts: { bytes: 500 }, recipients: recipients(3) });
    await store.giveBack({ lease, amounts: { recipients: 1, bytes: 200 }, recipients: [] });
    t.match(await store.usage('acme', both), [{ used: 3 }, { used: 300 }]);
    await store.giveBack({ lease, amounts: { recipients: 50, messages: 1 }, recipients: ['nobody@example.net'] });
    t.match(await store.usage('acme', both), [{ used: 1 }, { used: 300 }]);
    await store.giveBack({ lease: newLease(), amounts: { recipients: 1 }, recipients: [] });
    t.match(await store.usage('acme', both), [{ used: 1 }, { used: 300 }], 'a stranger gives nothing back');
  });

  story('a released lease holds nothing', async (t, { store }) => {
    const lease = newLease();
    await reserve(store, lease, limits, { recipients: recipients(2), floodLimits: flood });
    const held = { lease, recipients: ['r0@example.net', 'r1@example.net'] };
    await store.release(held);
    await store.release(held);
    t.match(await store.usage('acme', limits), [{ used: 0 }]);
    const again = recipients(3).map(() => recipient('r0@example.net'));
    t.same(grantedOf(await reserve(store, newLease(), [], { recipients: again, floodLimits: flood })), [
      true,
      true,
      false,
    ]);
  });

  story('a refused message is refunded to the slots it was charged to', async (t, { store, advance }) => {
    const lease = newLease();
    await send(store, limits, 1);
    await reserve(store, lease, limits, { recipients: recipients(3), floodLimits: flood });
    const { charge } = await commit(store, lease, limits, {
      amounts: { recipients: 3 },
      floodLimits: flood,
      recipients: recipients(3).map(({ key }) => key),
    });
    if (charge === null) return void t.fail('not granted');
    await advance(20 * MINUTE);
    await store.refund(charge);
    t.match(await store.usage('acme', limits), [{ used: 1 }]);
    await store.refund(charge);
    const [use] = await store.usage('acme', limits);
    t.ok((use?.used ?? -1) >= 0, 'never below nothing');
    const again = recipients(3).map(() => recipient('r0@example.net'));
    t.same(grantedOf(await reserve(store, newLease(), [], { recipients: again, floodLimits: flood })), [
      true,
      true,
      false,
    ]);
  });

  story('a refund of slots that have left the window changes nothing', async (t, { store, advance }) => {
    const { charge } = await commit(store, newLease(), limits, { amounts: { recipients: 2 } });
    if (charge === null) return void t.fail('not granted');
    await advance(PER + HOUR);
    t.equal((await send(store, limits, 3)).accepted, 3);
    await store.refund(charge);
    t.match(await store.usage('acme', limits), [{ used: 3 }]);
  });

  story('one address is protected from an account, and from all of them together', async (t, { store }) => {
    const victim = 'victim@example.net';
    const toVictim = async (account: string) => {
      const lease = newLease(account);
      const held = await reserve(store, lease, limits, { recipients: [recipient(victim)], floodLimits: flood });
      if (!held.recipients[0]?.granted) return held.recipients[0];
      const done = await commit(store, lease, limits, {
        amounts: { recipients: 1 },
        floodLimits: flood,
        recipients: [victim],
      });
      return { ...held.recipients[0], granted: done.granted };
    };
    t.match(await toVictim('acme'), { granted: true, usage: [{ used: 1 }, { used: 1 }, { used: 1 }] });
    t.match(await toVictim('acme'), { granted: true, usage: [{ used: 2 }, { used: 2 }, { used: 2 }] });
    t.match(await toVictim('acme'), {
      granted: false,
      usage: [
        { limit: { resource: 'recipients' }, used: 2, over: false },
        { limit: { resource: 'messages', count: 2 }, used: 2, over: true },
        { limit: { resource: 'messages', count: 3 }, used: 2, over: false },
      ],
    });
    t.match(await toVictim('zenith'), { granted: true });
    t.match(await toVictim('zenith'), { granted: false, usage: [{ used: 1 }, { used: 1 }, { used: 3, over: true }] });
    t.match(await store.usage('zenith', limits), [{ used: 1 }], 'who is refused holds nothing of the account either');
  });

  story('giving a recipient back ends its flood holds', async (t, { store }) => {
    const lease = newLease();
    const asked = [recipient('a@example.net'), recipient('b@example.net')];
    const strict = { account: [], everyone: [limitOf('messages', 1, PER)] };
    await reserve(store, lease, limits, { recipients: asked, floodLimits: strict });
    await store.giveBack({ lease, amounts: { recipients: 1 }, recipients: ['a@example.net'] });
    const answer = await reserve(store, newLease('zenith'), limits, { recipients: asked, floodLimits: strict });
    t.same(grantedOf(answer), [true, false]);
  });

  story('a commit judges flood limits of recipients that are no longer held', async (t, { store, advance }) => {
    const strict = { account: [], everyone: [limitOf('messages', 1, PER, { rule: 'flood.recipient' })] };
    const lease = newLease();
    const asked = [recipient('a@example.net')];
    await reserve(store, lease, [], { recipients: asked, floodLimits: strict });
    await advance(11 * MINUTE);
    const other = newLease('zenith');
    await reserve(store, other, [], { recipients: asked, floodLimits: strict });
    t.match(await commit(store, other, [], { floodLimits: strict, recipients: ['a@example.net'] }), {
      granted: true,
      usage: [],
    });
    const refused = await commit(store, lease, [], { floodLimits: strict, recipients: ['a@example.net'] });
    t.match(refused, { granted: false, usage: [{ limit: { rule: 'flood.recipient' }, used: 1, over: true }] });
  });
}

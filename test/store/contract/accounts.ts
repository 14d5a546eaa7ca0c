/** Accounts: standing, first acceptance, credentials. */

import { commit, limitOf, newLease, nowOf, recipients, reserve } from './sender.js';
import type { Story } from './story.js';
import { HOUR, MINUTE, SECOND } from './times.js';

export function accountStories(story: Story): void {
  story('an account never seen is in good standing', async (t, { store }) => {
    t.same(await store.stateOf('acme'), {
      account: 'acme',
      standing: 'good',
      changed: null,
      until: null,
      firstAcceptedAt: null,
    });
  });

  story('a standing is changed for every process, with who, why and when', async (t, { store, second }) => {
    const before = await nowOf(store);
    const change = { account: 'acme', standing: 'terminated', reason: 'spam', by: 'ann', until: null } as const;
    const changed = await store.changeStanding(change);
    t.match(changed, {
      account: 'acme',
      standing: 'terminated',
      changed: { reason: 'spam', by: 'ann' },
      until: null,
      firstAcceptedAt: null,
    });
    t.ok((changed.changed?.at ?? 0) >= before && (changed.changed?.at ?? 0) < before + MINUTE);
    t.same(await second.stateOf('acme'), changed);
    await second.changeStanding({ ...change, standing: 'good', reason: 'appeal' });
    t.match(await store.stateOf('acme'), { standing: 'good', changed: { reason: 'appeal' } });
  });

  story('a suspension ends by itself', async (t, { store, advance }) => {
    const until = (await nowOf(store)) + HOUR;
    const change = { account: 'acme', standing: 'suspended', reason: 'bounces', by: 'bob', until } as const;
    t.match(await store.changeStanding(change), { standing: 'suspended', until });
    await advance(HOUR - MINUTE);
    t.match(await store.stateOf('acme'), { standing: 'suspended', until });
    await advance(MINUTE + SECOND);
    const after = await store.stateOf('acme');
    t.match(after, { standing: 'good', changed: { reason: 'bounces', by: 'bob' } });
    t.equal(after.until, null);
    t.match((await store.accounts({ limit: 10 })).items, [{ account: 'acme', standing: 'good' }]);
    await store.changeStanding({ ...change, until: null });
    await advance(1_000 * HOUR);
    t.match(await store.stateOf('acme'), { standing: 'suspended' }, 'without an end somebody ends it');
  });

  story('the first acceptance is remembered, a refused one is none', async (t, { store, advance }) => {
    const limits = [limitOf('recipients', 1, HOUR)];
    await reserve(store, newLease(), limits, { recipients: recipients(1) });
    t.match(await commit(store, newLease(), limits, { amounts: { recipients: 2 } }), { granted: false });
    t.equal((await store.stateOf('acme')).firstAcceptedAt, null);
    await advance(HOUR);
    const { now } = await commit(store, newLease(), limits, { amounts: { recipients: 1 } });
    await advance(2 * HOUR);
    await commit(store, newLease(), limits, { amounts: { recipients: 1 } });
    t.equal((await store.stateOf('acme')).firstAcceptedAt, now);
    await store.changeStanding({ account: 'acme', standing: 'warned', reason: 'r', by: 'b', until: null });
    t.match(await store.stateOf('acme'), { standing: 'warned', firstAcceptedAt: now });
  });

  story('accounts are paged by id, each once', async (t, { store }) => {
    const ids = Array.from({ length: 25 }, (_, index) => `account-${String((index * 7) % 25).padStart(2, '0')}`);
    for (const account of ids) {
      await store.changeStanding({ account, standing: 'warned', reason: 'r', by: 'b', until: null });
    }
    await commit(store, newLease('a-sender'), [], { amounts: { messages: 1 } });
    const seen: string[] = [];
    let cursor: string | null | undefined;
    do {
      const page = await store.accounts(cursor ? { cursor, limit: 10 } : { limit: 10 });
      t.ok(page.items.length <= 10);
      seen.push(...page.items.map(({ account }) => account));
      cursor = page.next;
    } while (cursor !== null);
    t.same(seen, ['a-sender', ...ids].sort());
    t.same((await store.accounts({ limit: 100 })).next, null);
  });

  story('credentials are set, replaced and removed', async (t, { store, second }) => {
    t.equal(await store.credentialOf('ann@example.com'), null);
    await store.setCredential({ username: 'ann@example.com', account: 'acme', hash: '$scrypt$1' });
    await store.setCredential({ username: 'ann@example.com', account: 'zenith', hash: '$scrypt$2' });
    t.same(await second.credentialOf('ann@example.com'), {
      username: 'ann@example.com',
      account: 'zenith',
      hash: '$scrypt$2',
    });
    t.equal(await second.credentialOf('Ann@example.com'), null, 'usernames are compared as they are');
    t.equal(await second.removeCredential('ann@example.com'), true);
    t.equal(await store.removeCredential('ann@example.com'), false);
    t.equal(await store.credentialOf('ann@example.com'), null);
  });
}

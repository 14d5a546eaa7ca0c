/** Suppressions: by address and domain, for one account and for all. */

import type { NewSuppression, Store, Suppression, SuppressionQuery } from '../../../src/store/contract.js';
import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { DAY, HOUR, MINUTE, SECOND } from './times.js';

export const suppressionOf = (key: string, more: Partial<NewSuppression> = {}): NewSuppression => ({
  key,
  account: null,
  reason: 'manual',
  at: null,
  by: 'ann',
  note: '',
  expiresAt: null,
  ...more,
});

async function listed(store: Store, query: Omit<SuppressionQuery, 'cursor'>): Promise<Suppression[]> {
  const items: Suppression[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.suppressions(cursor ? { ...query, cursor } : query);
    if (page.items.length > query.limit)
      throw new Error(`a page of ${page.items.length} for a limit of ${query.limit}`);
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items;
}

const named = (suppressions: readonly Suppression[]) =>
  suppressions.map(({ key, account }) => `${key} ${account ?? '*'}`).sort();

export function suppressionStories(story: Story): void {
  story('a suppression is added, replaced by the latest writer, and removed', async (t, { store, second }) => {
    const before = await nowOf(store);
    await store.suppress([suppressionOf('bob@example.net', { note: 'asked by phone, "please"; ünïcode' })]);
    const request = { key: 'bob@example.net', domain: 'example.net', untaggedKey: null };
    const [first] = await second.suppressionsOf(request);
    t.match(first, { key: 'bob@example.net', account: null, reason: 'manual', by: 'ann', expiresAt: null });
    t.equal(first?.note, 'asked by phone, "please"; ünïcode');
    t.ok((first?.at ?? 0) >= before && (first?.at ?? 0) < before + MINUTE);
    await second.suppress([suppressionOf('bob@example.net', { reason: 'bounced', at: 1_000, by: 'eve' })]);
    t.same(await store.suppressionsOf(request), [
      { key: 'bob@example.net', account: null, reason: 'bounced', at: 1_000, by: 'eve', note: '', expiresAt: null },
    ]);
    t.equal(await store.unsuppress('bob@example.net', 'acme'), false, 'an account has none of its own');
    t.equal(await store.unsuppress('bob@example.net', null), true);
    t.equal(await store.unsuppress('bob@example.net', null), false);
    t.same(await second.suppressionsOf(request), []);
  });

  story('everything that would stop mail to an address is told', async (t, { store }) => {
    await store.suppress([
      suppressionOf('bob+news@example.net', { account: 'acme' }),
      suppressionOf('bob+news@example.net'),
      suppressionOf('bob@example.net', { account: 'zenith' }),
      suppressionOf('@example.net', { account: 'acme' }),
      suppressionOf('@example.net'),
      suppressionOf('@example.org'),
      suppressionOf('rob@example.net'),
    ]);
    const tagged = { key: 'bob+news@example.net', domain: 'example.net', untaggedKey: 'bob@example.net' };
    t.same(named(await store.suppressionsOf(tagged)), [
      '@example.net *',
      '@example.net acme',
      'bob+news@example.net *',
      'bob+news@example.net acme',
      'bob@example.net zenith',
    ]);
    t.same(named(await store.suppressionsOf({ ...tagged, untaggedKey: null })), [
      '@example.net *',
      '@example.net acme',
      'bob+news@example.net *',
      'bob+news@example.net acme',
    ]);
    t.equal(await store.unsuppress('@example.net', null), true);
    t.equal((await store.suppressionsOf(tagged)).length, 4);
  });

  story('an expired suppression is none', async (t, { store, advance }) => {
    const expiresAt = (await nowOf(store)) + HOUR;
    await store.suppress([
      suppressionOf('bob@example.net', { expiresAt }),
      suppressionOf('ann@example.net', { expiresAt }),
    ]);
    const request = { key: 'bob@example.net', domain: 'example.net', untaggedKey: null };
    await advance(HOUR - MINUTE);
    t.match(await store.suppressionsOf(request), [{ expiresAt }]);
    await advance(MINUTE + SECOND);
    t.same(await store.suppressionsOf(request), []);
    t.same(await listed(store, { limit: 10 }), []);
    t.equal(await store.unsuppress('bob@example.net', null), false);
    await store.suppress([suppressionOf('bob@example.net', { expiresAt: expiresAt + DAY })]);
    t.match(await store.suppressionsOf(request), [{ expiresAt: expiresAt + DAY }], 'it can be set anew');
    await store.suppress([suppressionOf('bob@example.net')]);
    await advance(2 * DAY);
    t.match(await store.suppressionsOf(request), [{ expiresAt: null }], 'and made to last');
  });

  story('more than a thousand are paged, each exactly once, while others change', async (t, { store, second }) => {
    const many = Array.from({ length: 1_205 }, (_, index) => suppressionOf(`r${index}@example.net`));
    await store.suppress(many);
    await store.suppress(many.slice(0, 30).map((one) => ({ ...one, account: 'acme' })));
    const all = await listed(second, { limit: 100 });
    t.equal(all.length, 1_235);
    t.equal(new Set(named(all)).size, 1_235);
    t.equal((await listed(second, { account: null, limit: 500 })).length, 1_205);
    t.equal((await listed(second, { account: 'acme', limit: 7 })).length, 30);
    t.equal((await listed(second, { account: 'zenith', limit: 7 })).length, 0);

    const first = await store.suppressions({ limit: 200, account: null });
    await second.unsuppress('r7@example.net', null);
    await second.suppress([suppressionOf('new@example.net')]);
    const seen = new Set(first.items.map(({ key }) => key));
    for (let cursor = first.next; cursor !== null; ) {
      const page = await store.suppressions({ limit: 200, account: null, cursor });
      for (const { key } of page.items) {
        t.notOk(seen.has(key), `${key} comes once`);
        seen.add(key);
      }
      cursor = page.next;
    }
    const lost = many.filter(({ key }) => key !== 'r7@example.net' && !seen.has(key));
    t.same(lost, [], 'what was there all the time is listed');
  });

  story('the list can be asked for one key', async (t, { store }) => {
    await store.suppress([
      suppressionOf('bob@example.net'),
      suppressionOf('bob@example.net', { account: 'acme' }),
      suppressionOf('ann@example.net'),
      suppressionOf('@example.net'),
    ]);
    const key = 'bob@example.net';
    t.same(named(await listed(store, { key, limit: 1 })), ['bob@example.net *', 'bob@example.net acme']);
    t.same(named(await listed(store, { key, account: 'acme', limit: 9 })), ['bob@example.net acme']);
    t.same(named(await listed(store, { key, account: null, limit: 9 })), ['bob@example.net *']);
    t.same(named(await listed(store, { key: '@example.net', limit: 9 })), ['@example.net *']);
    t.same(await listed(store, { key: 'nobody@example.net', limit: 9 }), []);
  });
}

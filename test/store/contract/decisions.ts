/** Decisions: appended, filtered, paged, followed, bounded. */

import type { DecisionQuery, Store, StoredDecision } from '../../../src/store/contract.js';
import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { DAY, HOUR } from './times.js';

const bounds = { maxAgeMs: 30 * DAY, maxCount: 10_000 };

const decision = (id: number, at: number, more: Partial<StoredDecision> = {}): StoredDecision => ({
  id: `d${id}`,
  at,
  account: 'acme',
  verdict: 'pass',
  rules: [],
  body: JSON.stringify({ id, text: 'é "quoted"' }),
  ...more,
});

async function ids(store: Store, query: DecisionQuery): Promise<string[]> {
  const found: string[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.decisions(cursor ? { ...query, cursor } : query);
    if (page.items.length > query.limit)
      throw new Error(`a page of ${page.items.length} for a limit of ${query.limit}`);
    found.push(...page.items.map(({ id }) => id));
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

export function decisionStories(story: Story): void {
  story('decisions come back as they were, newest first', async (t, { store, second }) => {
    t.match(await store.decisions({ limit: 5 }), { items: [], next: null });
    const now = await nowOf(store);
    const written = [
      decision(1, now, { rules: ['volume.recipients', 'recipient.suppressed'], verdict: 'reject' }),
      decision(2, now, { account: null, verdict: 'defer' }),
    ];
    await store.appendDecisions(written, bounds);
    await store.appendDecisions([], bounds);
    t.same((await second.decisions({ limit: 5 })).items, [...written].reverse());
  });

  story('decisions are filtered by account, rule, verdict and time', async (t, { store }) => {
    const now = await nowOf(store);
    await store.appendDecisions(
      [
        decision(1, now - 3 * HOUR, { rules: ['flood.recipient'], verdict: 'defer' }),
        decision(2, now - 2 * HOUR, { account: 'zenith' }),
        decision(3, now - HOUR, {
          account: 'zenith',
          rules: ['flood.recipient', 'recipient.revoked'],
          verdict: 'reject',
        }),
        decision(4, now, { rules: ['flood'], verdict: 'reject' }),
      ],
      bounds,
    );
    t.same(await ids(store, { limit: 9 }), ['d4', 'd3', 'd2', 'd1']);
    t.same(await ids(store, { account: 'zenith', limit: 1 }), ['d3', 'd2']);
    t.same(await ids(store, { rule: 'flood.recipient', limit: 9 }), ['d3', 'd1']);
    t.same(await ids(store, { verdict: 'reject', limit: 9 }), ['d4', 'd3']);
    t.same(await ids(store, { since: now - 2 * HOUR, limit: 9 }), ['d4', 'd3', 'd2']);
    t.same(await ids(store, { account: 'acme', verdict: 'reject', since: now - HOUR, limit: 9 }), ['d4']);
    t.same(await ids(store, { account: 'zenith', rule: 'recipient.revoked', verdict: 'reject', limit: 9 }), ['d3']);
    t.same(await ids(store, { account: 'nobody', limit: 9 }), []);
    t.same(await ids(store, { id: 'd2', limit: 9 }), ['d2']);
    t.same(await ids(store, { id: 'd2', since: now - HOUR, limit: 9 }), []);
  });

  story('thousands are paged, each once, while new ones arrive', async (t, { store, second }) => {
    const now = await nowOf(store);
    const all = Array.from({ length: 1_500 }, (_, index) => decision(index, now));
    for (let start = 0; start < all.length; start += 250) {
      await store.appendDecisions(all.slice(start, start + 250), bounds);
    }
    const first = await second.decisions({ limit: 400 });
    await store.appendDecisions([decision(9_999, now)], bounds);
    const seen = first.items.map(({ id }) => id);
    for (let cursor = first.next; cursor !== null; ) {
      const page = await second.decisions({ limit: 400, cursor });
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.next;
    }
    t.same(seen, all.map(({ id }) => id).reverse());
  });

  story('whoever follows sees every new decision once, oldest first', async (t, { store, second }) => {
    const now = await nowOf(store);
    const empty = await store.decisions({ limit: 10 });
    await store.appendDecisions([decision(1, now), decision(2, now)], bounds);
    let { position } = await second.decisions({ limit: 1 });
    t.same(
      (await second.decisions({ after: empty.position, limit: 10 })).items.map(({ id }) => id),
      ['d1', 'd2'],
    );
    t.same((await second.decisions({ after: position, limit: 10 })).items, []);
    const seen: string[] = [];
    const follow = async (query: Partial<DecisionQuery> = {}) => {
      for (;;) {
        const page = await second.decisions({ ...query, after: position, limit: 3 });
        seen.push(...page.items.map(({ id }) => id));
        position = page.position;
        if (page.items.length === 0) return;
      }
    };
    await store.appendDecisions(
      Array.from({ length: 7 }, (_, index) => decision(10 + index, now)),
      bounds,
    );
    await follow();
    await follow();
    await store.appendDecisions(
      [decision(20, now), decision(21, now, { account: 'zenith' }), decision(22, now)],
      bounds,
    );
    await follow({ account: 'zenith' });
    await follow();
    t.same(seen, ['d10', 'd11', 'd12', 'd13', 'd14', 'd15', 'd16', 'd21']);
  });

  story('surplus and old decisions go', async (t, { store, advance }) => {
    const now = await nowOf(store);
    const few = { maxAgeMs: DAY, maxCount: 5 };
    for (let index = 0; index < 12; index += 1) await store.appendDecisions([decision(index, now)], few);
    t.same(await ids(store, { limit: 100 }), ['d11', 'd10', 'd9', 'd8', 'd7']);
    await store.appendDecisions(
      Array.from({ length: 8 }, (_, index) => decision(20 + index, now)),
      few,
    );
    t.same(await ids(store, { limit: 100 }), ['d27', 'd26', 'd25', 'd24', 'd23']);
    t.same(await ids(store, { account: 'acme', limit: 2 }), ['d27', 'd26', 'd25', 'd24', 'd23']);
    await advance(DAY + HOUR);
    await store.appendDecisions([decision(30, now + DAY + HOUR)], few);
    t.same(await ids(store, { limit: 100 }), ['d30']);
  });
}

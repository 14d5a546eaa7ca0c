/** Consents of recipients to an account's mail. */

import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { MINUTE } from './times.js';

const EVIDENCE = {
  ip: '2001:db8::1',
  url: 'https://acme.example/join',
  text: 'Yes, send me the “News”',
  confirmedAt: 1_500,
  proof: 'a'.repeat(64),
};

export function consentStories(story: Story): void {
  story('a consent is recorded, replaced and withdrawn', async (t, { store, second }) => {
    const before = await nowOf(store);
    const bob = { key: 'bob@example.net', account: 'acme', evidence: null };
    const ann = { key: 'ann@example.net', account: 'acme', source: 'import, ünïcode', at: 1_000, evidence: EVIDENCE };
    await store.recordConsents([{ ...bob, source: 'web-form', at: null }, ann]);
    const keys = ['ann@example.net', 'eve@example.net', 'bob@example.net'];
    const [first, eve, found] = await second.consentsOf('acme', keys);
    t.same(first, ann);
    t.equal(eve, null);
    t.match(found, { ...bob, source: 'web-form' });
    t.ok((found?.at ?? 0) >= before && (found?.at ?? 0) < before + MINUTE);
    t.same(await second.consentsOf('zenith', keys), [null, null, null], 'to the account that has it');
    await second.recordConsents([{ ...bob, source: 'double-opt-in', at: 2_000 }]);
    t.same(await store.consentsOf('acme', ['bob@example.net']), [{ ...bob, source: 'double-opt-in', at: 2_000 }]);
    t.equal(await store.withdrawConsent('bob@example.net', 'acme'), true);
    t.equal(await store.withdrawConsent('bob@example.net', 'acme'), false);
    t.same(await second.consentsOf('acme', ['bob@example.net']), [null]);
    t.same(await second.consentsOf('acme', []), []);
    await second.recordConsents([]);
  });

  story('consents of an account, page by page', async (t, { store, second }) => {
    const rows = Array.from({ length: 25 }, (_, row) => ({
      key: `r${String(row).padStart(2, '0')}@example.net`,
      account: 'acme',
      source: 'import',
      at: row,
      evidence: null,
    }));
    await store.recordConsents(rows);
    await store.recordConsents(rows.map((row) => ({ ...row, account: 'acme2' })));
    const listed = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query = { account: 'acme', limit: 7, ...(cursor === '' ? {} : { cursor }) };
      const page: Awaited<ReturnType<typeof store.consents>> = await second.consents(query);
      t.ok(page.items.length <= 7);
      listed.push(...page.items);
      cursor = page.next;
    }
    t.same(listed, rows);
    t.same(await store.consents({ account: 'nobody', limit: 7 }), { items: [], next: null });
  });

  story('a later consent lifts a revocation, if it is proven', async (t, { store }) => {
    const bob = { key: 'bob@example.net', account: 'acme' };
    const isRevoked = async () => {
      const sight = await store.look({
        account: 'acme',
        accountLimits: [],
        floodLimits: { account: [], everyone: [] },
        recipients: [{ key: bob.key, domain: 'example.net', untaggedKey: null, resource: 'recipients' }],
        facts: { suppression: false, revocation: true, rejections: false },
      });
      return sight.recipients[0]?.revocation !== null;
    };
    await store.revoke({ ...bob, at: 5_000, source: 'cli' });
    await store.recordConsents([{ ...bob, at: 6_000, source: 'word of mouth', evidence: null }]);
    t.equal(await isRevoked(), true, 'nothing proves it');
    await store.recordConsents([{ ...bob, at: 4_000, source: 'web-form', evidence: EVIDENCE }]);
    t.equal(await isRevoked(), true, 'it was given before');
    await store.recordConsents([{ ...bob, account: 'zenith', at: 6_000, source: 'web-form', evidence: EVIDENCE }]);
    t.equal(await isRevoked(), true, 'to another account');
    await store.recordConsents([{ ...bob, at: 6_000, source: 'web-form', evidence: EVIDENCE }]);
    t.equal(await isRevoked(), false);
  });
}

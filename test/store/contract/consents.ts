/** Consents of recipients to an account's mail. */

import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { MINUTE } from './times.js';

export function consentStories(story: Story): void {
  story('a consent is recorded, replaced and withdrawn', async (t, { store, second }) => {
    const before = await nowOf(store);
    const bob = { key: 'bob@example.net', account: 'acme' };
    await store.recordConsent({ ...bob, source: 'web-form', at: null });
    await store.recordConsent({ key: 'ann@example.net', account: 'acme', source: 'import, ünïcode', at: 1_000 });
    const keys = ['ann@example.net', 'eve@example.net', 'bob@example.net'];
    const [ann, eve, found] = await second.consentsOf('acme', keys);
    t.same(ann, { key: 'ann@example.net', account: 'acme', source: 'import, ünïcode', at: 1_000 });
    t.equal(eve, null);
    t.match(found, { ...bob, source: 'web-form' });
    t.ok((found?.at ?? 0) >= before && (found?.at ?? 0) < before + MINUTE);
    t.same(await second.consentsOf('zenith', keys), [null, null, null], 'to the account that has it');
    await second.recordConsent({ ...bob, source: 'double-opt-in', at: 2_000 });
    t.same(await store.consentsOf('acme', ['bob@example.net']), [{ ...bob, source: 'double-opt-in', at: 2_000 }]);
    t.equal(await store.withdrawConsent('bob@example.net', 'acme'), true);
    t.equal(await store.withdrawConsent('bob@example.net', 'acme'), false);
    t.same(await second.consentsOf('acme', ['bob@example.net']), [null]);
    t.same(await second.consentsOf('acme', []), []);
  });
}

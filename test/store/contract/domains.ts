/** From domains that accounts registered, and what was found of their policy page and complaint address. */

import type { DomainRegistration, RegisteredDomain, Store } from '../../../src/store/contract.js';
import { nowOf } from './sender.js';
import type { Story } from './story.js';
import { MINUTE } from './times.js';

const registrationOf = (domain: string, more: Partial<DomainRegistration> = {}): DomainRegistration => ({
  account: 'acme',
  domain,
  privacyPolicy: `https://${domain}/privacy`,
  complaintAddress: `abuse@${domain}`,
  postalAddress: 'Acme, 1 Main Street',
  by: 'ann',
  ...more,
});

async function listed(store: Store, account?: string): Promise<string[]> {
  const items: RegisteredDomain[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await store.registeredDomains({
      limit: 2,
      ...(account === undefined ? {} : { account }),
      ...(cursor ? { cursor } : {}),
    });
    items.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return items.map((one) => `${one.account} ${one.domain}`);
}

const FINE = { outcome: 'ok', detail: 'answers 200' } as const;
const BROKEN = { outcome: 'failed', detail: 'answers 404' } as const;

export function domainStories(story: Story): void {
  story('a domain is registered, replaced and removed', async (t, { store, second }) => {
    const before = await nowOf(store);
    const registered = await store.registerDomain(registrationOf('acme.example'));
    t.match(registered, { ...registrationOf('acme.example'), check: null });
    t.ok(registered.registeredAt >= before && registered.registeredAt < before + MINUTE);
    t.same(await second.registeredDomain('acme', ['acme.example']), registered);
    t.same(await second.registeredDomain('acme', ['mail.acme.example', 'acme.example']), registered, 'the first found');
    t.equal(await second.registeredDomain('zenith', ['acme.example']), null, 'for the account that registered it');
    t.equal(await second.registeredDomain('acme', []), null);
    await second.registerDomain(registrationOf('acme.example', { postalAddress: null }));
    t.match(await store.registeredDomain('acme', ['acme.example']), { postalAddress: null });
    t.equal(await store.removeDomain('acme', 'acme.example'), true);
    t.equal(await store.removeDomain('acme', 'acme.example'), false);
    t.equal(await second.registeredDomain('acme', ['acme.example']), null);
    t.same(await listed(store), []);
  });

  story('they are listed by account and domain', async (t, { store }) => {
    for (const domain of ['c.example', 'a.example', 'b.example']) await store.registerDomain(registrationOf(domain));
    await store.registerDomain(registrationOf('a.example', { account: 'acm' }));
    t.same(await listed(store), ['acm a.example', 'acme a.example', 'acme b.example', 'acme c.example']);
    t.same(await listed(store, 'acme'), ['acme a.example', 'acme b.example', 'acme c.example']);
    t.same(await listed(store, 'zenith'), []);
  });

  story('checks are kept with it, and troubles in a row are counted', async (t, { store, second }) => {
    await store.registerDomain(registrationOf('acme.example'));
    const findings = { privacyPolicy: BROKEN, complaintAddress: FINE };
    t.match(await second.recordDomainCheck('acme', 'acme.example', findings), { check: { ...findings, troubles: 1 } });
    t.match(await store.recordDomainCheck('acme', 'acme.example', findings), { check: { troubles: 2 } });
    t.match(await second.registeredDomain('acme', ['acme.example']), { check: { troubles: 2 } });
    const fine = { privacyPolicy: FINE, complaintAddress: FINE };
    t.match(await store.recordDomainCheck('acme', 'acme.example', fine), { check: { troubles: 0 } });
    t.equal(await store.recordDomainCheck('acme', 'other.example', fine), null);
    await store.registerDomain(registrationOf('acme.example'));
    t.match(await store.registeredDomain('acme', ['acme.example']), { check: null }, 'registered anew, checked anew');
  });
}

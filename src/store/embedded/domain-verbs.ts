import type { DomainStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Domains } from './domains.js';

export function domainVerbs(calls: Calls, domains: Domains): DomainStore {
  return {
    registerDomain: (registration) => calls.write('registerDomain', (now) => domains.register(registration, now)),
    removeDomain: (account, domain) => calls.write('removeDomain', () => domains.remove(account, domain)),
    registeredDomain: (account, names) => calls.read('registeredDomain', () => domains.first(account, names)),
    registeredDomains: (query) => calls.read('registeredDomains', () => domains.page(query)),
    recordDomainCheck: (account, domain, findings) =>
      calls.write('recordDomainCheck', (now) => domains.recordCheck(account, domain, findings, now)),
  };
}

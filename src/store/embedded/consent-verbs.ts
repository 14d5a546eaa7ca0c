import type { ConsentStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Consents } from './consents.js';

export function consentVerbs(calls: Calls, consents: Consents): ConsentStore {
  return {
    recordConsents: (recorded) =>
      calls.write('recordConsents', (now) => {
        for (const consent of recorded) consents.put({ ...consent, at: consent.at ?? now });
      }),
    withdrawConsent: (key, account) => calls.write('withdrawConsent', () => consents.remove(key, account)),
    consentsOf: (account, keys) => calls.read('consentsOf', () => consents.of(account, keys)),
    consents: (query) => calls.read('consents', () => consents.list(query)),
  };
}

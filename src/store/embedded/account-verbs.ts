import type { AccountStore } from '../contract.js';
import type { Accounts } from './accounts.js';
import type { Calls } from './calls.js';

export function accountVerbs(calls: Calls, accounts: Accounts): AccountStore {
  return {
    stateOf: (account) => calls.read('stateOf', (now) => accounts.stateOf(account, now)),
    changeStanding: (change) =>
      calls.write('changeStanding', (now) => {
        accounts.changeStanding(change, now);
        return accounts.stateOf(change.account, now);
      }),
    accounts: (query) => calls.read('accounts', (now) => accounts.page(query, now)),
    credentialOf: (username) => calls.read('credentialOf', () => accounts.credentialOf(username)),
    setCredential: (credential) => calls.write('setCredential', () => accounts.setCredential(credential)),
    removeCredential: (username) => calls.write('removeCredential', () => accounts.removeCredential(username)),
  };
}

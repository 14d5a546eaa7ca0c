/** Whose windows: the subjects that charges and holds are kept under. */

import type { AccountId, AddressKey } from './contract/values.js';

export function ofAccount(account: AccountId): string {
  return `account:${account}`;
}

/** Messages of one account to one address. An account has no space in it. */
export function ofAccountTo(account: AccountId, key: AddressKey): string {
  return `flood:${account} ${key}`;
}

/** Messages of everyone to one address. */
export function ofEveryoneTo(key: AddressKey): string {
  return `flood: ${key}`;
}

import type { AccountId, AddressKey, Instant } from './values.js';

export interface Revocation {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** Where it came from: `one-click`, `remove-mail`, `cli` … */
  readonly source: string;
}

export interface RevocationStore {
  /** Asking again does not start the time anew: of two, the earlier stays. */
  revoke(revocation: Omit<Revocation, 'at'> & { readonly at: Instant | null }): Promise<void>;
  /** True if there was one. */
  liftRevocation(key: AddressKey, account: AccountId): Promise<boolean>;
}

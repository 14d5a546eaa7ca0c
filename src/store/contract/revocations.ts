import type { AccountId, AddressKey, Instant } from './values.js';

/** Of all mail of the account. */
export interface Revocation {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** Where it came from: `one-click`, `remove-mail`, `cli` … */
  readonly source: string;
}

/** Of one list of the account: its identifier (RFC 2919) in lower case. */
export interface ListRevocation extends Revocation {
  readonly list: string;
}

export interface NewRevocation extends Omit<Revocation, 'at'> {
  /** Null: now. */
  readonly at: Instant | null;
  /** Absent or null: all mail of the account. */
  readonly list?: string | null;
}

export interface RevocationStore {
  /** Asking again does not start the time anew: of two, the earlier stays. */
  revoke(revocation: NewRevocation): Promise<void>;
  /** Single lists' as well. True if there was one. */
  liftRevocation(key: AddressKey, account: AccountId): Promise<boolean>;
  /** For each address in order: the single lists that it revoked, the earliest first. */
  listRevocationsOf(account: AccountId, keys: readonly AddressKey[]): Promise<readonly (readonly ListRevocation[])[]>;
}

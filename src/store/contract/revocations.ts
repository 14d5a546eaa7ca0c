import type { AccountId, AddressKey, Instant } from './values.js';

/** Of all mail of the account. */
export interface Revocation {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** Where it came from: `one-click`, `remove-mail`, `cli` … */
  readonly source: string;
}

/** What mail belongs to that a recipient can leave by itself; null: to none, or it is not known. */
export interface Subscriptions {
  /** Identifier of the list (RFC 2919) in lower case. */
  readonly list: string | null;
  /** Name of the stream of campaigns: the same from one mailing to the next. */
  readonly stream: string | null;
}

/** All mail of the account, or nobody knows which part of it. */
export const NO_SUBSCRIPTIONS: Subscriptions = { list: null, stream: null };

export interface Subscription {
  readonly kind: keyof Subscriptions;
  readonly name: string;
}

/** Of one list or one stream of the account, its other mail is still wanted. */
export interface SubscriptionRevocation extends Revocation {
  readonly subscription: Subscription;
}

export interface NewRevocation extends Omit<Revocation, 'at'> {
  /** Null: now. */
  readonly at: Instant | null;
  /** Absent or null: all mail of the account. */
  readonly subscription?: Subscription | null;
}

export interface RevocationStore {
  /** Asking again does not start the time anew: of two, the earlier stays. */
  revoke(revocation: NewRevocation): Promise<void>;
  /** Single lists' and streams' as well. True if there was one. */
  liftRevocation(key: AddressKey, account: AccountId): Promise<boolean>;
  /** For each address in order: the single lists and streams that it revoked, the earliest first. */
  subscriptionRevocationsOf(
    account: AccountId,
    keys: readonly AddressKey[],
  ): Promise<readonly (readonly SubscriptionRevocation[])[]>;
}

import type { AccountId, AddressKey, Instant, Page } from './values.js';

export interface RecipientRequest {
  readonly key: AddressKey;
  /** The domain part of `key`, for suppressions of whole domains. */
  readonly domain: string;
  /** Also look for suppressions of the address without its `+tag`; null when it has none. */
  readonly untaggedKey: AddressKey | null;
  /** Which of `accountLimits` it needs one place in: exempt recipients have limits of their own and no others. */
  readonly resource: 'recipients' | 'exempt-recipients';
}

export type SuppressionReason = 'unsubscribed' | 'complained' | 'bounced' | 'manual';

export interface Suppression {
  /** Address, or `@domain`. */
  readonly key: AddressKey;
  /** Null: for all accounts. */
  readonly account: AccountId | null;
  readonly reason: SuppressionReason;
  readonly at: Instant;
  readonly by: string;
  readonly note: string;
  readonly expiresAt: Instant | null;
}

export type NewSuppression = Omit<Suppression, 'at'> & {
  /** Null: now. */
  readonly at: Instant | null;
};

export interface SuppressionQuery {
  /** Undefined: every account's and the global ones; null: the global ones only. */
  readonly account?: AccountId | null;
  readonly key?: AddressKey;
  /** From a previous page's `next`. */
  readonly cursor?: string;
  readonly limit: number;
}

export interface SuppressionStore {
  /** Adds or replaces; the latest writer wins. */
  suppress(suppressions: readonly NewSuppression[]): Promise<void>;
  /** True if there was one that had not expired. */
  unsuppress(key: AddressKey, account: AccountId | null): Promise<boolean>;
  /** Every suppression that would stop mail to this address: its own, its domain's, global ones and each account's. */
  suppressionsOf(request: Pick<RecipientRequest, 'key' | 'domain' | 'untaggedKey'>): Promise<readonly Suppression[]>;
  /** In an order of the store's own; what is there all the time comes exactly once. */
  suppressions(query: SuppressionQuery): Promise<Page<Suppression>>;
}

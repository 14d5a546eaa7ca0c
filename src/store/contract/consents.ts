import type { AccountId, AddressKey, Instant } from './values.js';

/** That a recipient consented to mail of an account (AUP "E-Mail Requirements", bullets 1 to 3). */
export interface Consent {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** How it was given: `web-form`, `double-opt-in`, `import` …; at most 64 octets. */
  readonly source: string;
}

export interface ConsentStore {
  /** Adds or replaces: the latest consent counts. */
  recordConsent(consent: Omit<Consent, 'at'> & { readonly at: Instant | null }): Promise<void>;
  /** True if there was one. */
  withdrawConsent(key: AddressKey, account: AccountId): Promise<boolean>;
  /** For each address in order: its consent, or null. */
  consentsOf(account: AccountId, keys: readonly AddressKey[]): Promise<readonly (Consent | null)[]>;
}

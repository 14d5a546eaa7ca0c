import type { AccountId, AddressKey, Instant, Page } from './values.js';

/** What proves a consent. The policy asks for it within 72 hours of a request. */
export interface ConsentEvidence {
  /** Address that the recipient came from; null when it is not known. */
  readonly ip: string | null;
  /** Page of the form; null when it was none. */
  readonly url: string | null;
  /** What the recipient was shown and agreed to; at most 2,000 octets. */
  readonly text: string | null;
  /** When the recipient confirmed by a link (double opt-in); null: not confirmed. */
  readonly confirmedAt: Instant | null;
  /** SHA-256 in hex of a file that proves it, which the account keeps; null when there is none. */
  readonly proof: string | null;
}

/** That a recipient consented to mail of an account (AUP "E-Mail Requirements", bullets 1 to 3). */
export interface Consent {
  readonly key: AddressKey;
  readonly account: AccountId;
  readonly at: Instant;
  /** How it was given: `web-form`, `double-opt-in`, `import` …; at most 64 octets. */
  readonly source: string;
  /** Null: only that it was given is on record. */
  readonly evidence: ConsentEvidence | null;
}

export type NewConsent = Omit<Consent, 'at'> & {
  /** Null: now. */
  readonly at: Instant | null;
};

export interface ConsentQuery {
  readonly account: AccountId;
  readonly cursor?: string;
  readonly limit: number;
}

export interface ConsentStore {
  /**
   * Adds or replaces: the latest written counts. One with evidence that was given
   * after a revocation lifts it.
   */
  recordConsents(consents: readonly NewConsent[]): Promise<void>;
  /** True if there was one. */
  withdrawConsent(key: AddressKey, account: AccountId): Promise<boolean>;
  /** For each address in order: its consent, or null. */
  consentsOf(account: AccountId, keys: readonly AddressKey[]): Promise<readonly (Consent | null)[]>;
  /** All of an account, by address; what is there all the time comes exactly once. */
  consents(query: ConsentQuery): Promise<Page<Consent>>;
}

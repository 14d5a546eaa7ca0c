import type { AccountId, Instant, Page } from './values.js';

/** What a check of one thing found. `unreachable` says nothing against the customer: the network, their server or ours was down. */
export interface DomainFinding {
  readonly outcome: 'ok' | 'failed' | 'unreachable';
  /** What was found, in words; at most 200 octets. */
  readonly detail: string;
}

export interface DomainCheck {
  readonly at: Instant;
  readonly privacyPolicy: DomainFinding;
  readonly complaintAddress: DomainFinding;
  /** Checks in a row, this one included, in which something was not `ok`. */
  readonly troubles: number;
}

/** A From domain that an account registered (AUP "E-Mail Requirements", bullets 6 and 7). */
export interface RegisteredDomain {
  readonly account: AccountId;
  /** A-labels in lower case. */
  readonly domain: string;
  readonly privacyPolicy: string | null;
  readonly complaintAddress: string | null;
  readonly postalAddress: string | null;
  readonly registeredAt: Instant;
  readonly by: string;
  /** The latest check; null before the first. */
  readonly check: DomainCheck | null;
}

export type DomainRegistration = Omit<RegisteredDomain, 'registeredAt' | 'check'>;

export interface DomainStore {
  /** Adds or replaces; what a check found is forgotten, since it was found about something else. */
  registerDomain(registration: DomainRegistration): Promise<RegisteredDomain>;
  /** True if there was one. */
  removeDomain(account: AccountId, domain: string): Promise<boolean>;
  /** The first of these domains that the account registered. At most some ten are asked about. */
  registeredDomain(account: AccountId, domains: readonly string[]): Promise<RegisteredDomain | null>;
  /** By account and domain. */
  registeredDomains(query: {
    readonly account?: AccountId;
    readonly cursor?: string;
    readonly limit: number;
  }): Promise<Page<RegisteredDomain>>;
  /** Adds the findings to what is registered; null if it is not registered (any more). */
  recordDomainCheck(
    account: AccountId,
    domain: string,
    findings: Pick<DomainCheck, 'privacyPolicy' | 'complaintAddress'>,
  ): Promise<RegisteredDomain | null>;
}

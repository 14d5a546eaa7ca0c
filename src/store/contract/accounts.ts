import type { AccountId, Instant, Page } from './values.js';

export type Standing = 'good' | 'warned' | 'suspended' | 'terminated';

export interface AccountState {
  readonly account: AccountId;
  readonly standing: Standing;
  /** Why, by whom and when the standing last changed; null for an account that was never touched. */
  readonly changed: { readonly reason: string; readonly by: string; readonly at: Instant } | null;
  /** When a suspension ends by itself; null: when somebody ends it. */
  readonly until: Instant | null;
  /** When its first message was accepted; null before that. The warm-up ramp counts from here. */
  readonly firstAcceptedAt: Instant | null;
}

export interface StandingChange {
  readonly account: AccountId;
  readonly standing: Standing;
  readonly reason: string;
  readonly by: string;
  readonly until: Instant | null;
}

export interface Credential {
  readonly username: string;
  readonly account: AccountId;
  /** PHC string or modular crypt format; see account/password.ts. */
  readonly hash: string;
}

export interface AccountStore {
  /** An account never seen is in good standing. A suspension past `until` reads as good. */
  stateOf(account: AccountId): Promise<AccountState>;
  changeStanding(change: StandingChange): Promise<AccountState>;
  /** Accounts with any state, by id. */
  accounts(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<AccountState>>;
  credentialOf(username: string): Promise<Credential | null>;
  setCredential(credential: Credential): Promise<void>;
  removeCredential(username: string): Promise<boolean>;
}

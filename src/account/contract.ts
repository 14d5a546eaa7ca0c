/** Who is answerable for the mail of a session: what the doors ask of `account/`. */

import type { AccountId } from '../store/contract.js';

export interface Identity {
  readonly account: AccountId;
  /** What the client authenticated as; null when it did not. */
  readonly username: string | null;
  /** Which kind of entry of `accounts.identify` matched. */
  readonly by:
    | 'users'
    | 'store'
    | 'http'
    | 'relay'
    | 'address'
    | 'certificate'
    | 'xclient'
    | 'mta'
    | 'daemon'
    | 'unknown';
}

/** What is known of a client without its credentials. */
export interface Connection {
  /** IP address in text form, or `unix`. After PROXY or XCLIENT: the original client's. */
  readonly address: string;
  /** Verified TLS client certificate, if one was shown. */
  readonly certificate: {
    readonly fingerprint256: string;
    readonly subject: string;
    readonly emails: readonly string[];
  } | null;
  /** XCLIENT LOGIN of a trusted peer. */
  readonly login: string | null;
  /** What an MTA that asks us says of its client; null where the client itself speaks to us. */
  readonly mta: {
    /** What the client authenticated as at the MTA; null when it did not. */
    readonly login: string | null;
    /** Which of the MTA's services the client is at, as the MTA calls it; null: not said. */
    readonly daemon: string | null;
  } | null;
  readonly listener: string;
}

export type Authentication =
  | { readonly kind: 'accepted'; readonly identity: Identity }
  | { readonly kind: 'refused' }
  /** The backend did not answer: 454 4.7.0, never 535. */
  | { readonly kind: 'unavailable'; readonly cause: unknown };

/** An account's settings: config's, with the plan's defaults not yet applied. */
export interface AccountProfile {
  readonly id: AccountId;
  readonly plan: string;
  /** Patterns `a@example.com`, `example.com`, `*.example.com`; null: any. */
  readonly senders: readonly string[] | null;
  /** Language of reply texts (`replies.texts`), e.g. `de`; null: the default. */
  readonly language: string | null;
}

export interface Accounts {
  /** The first entry of `accounts.identify` that matches the connection; null: none does, AUTH may. */
  identify(connection: Connection): Identity | null;
  /** Tries the password backends in order; the first that knows the username decides. */
  authenticate(username: string, password: string, connection: Connection): Promise<Authentication>;
  /** Whether any backend takes passwords, so that AUTH is worth announcing. */
  readonly takesPasswords: boolean;
  /** The identity of clients that nothing matched; null: they are refused. */
  readonly unknown: Identity | null;
  /** An account that no list names has the default plan. */
  profileOf(account: AccountId): AccountProfile;
}

/**
 * What a rule is: one clause of the policy, its parameters, what it needs to
 * know, and pure functions that judge. A rule asks nobody anything; the facts
 * are gathered before it runs, so the same rule serves the doors, the tests and
 * any replay of recorded facts.
 */

import type { z } from 'zod';
import type { Address } from '../smtp/address.js';
import type { PermanentCode, PermanentStatus, TransientCode, TransientStatus } from '../smtp/reply.js';
import type {
  AccountId,
  AccountState,
  Instant,
  RejectionStreak,
  Reputation,
  Revocation,
  SessionAnswer,
  Suppression,
} from '../store/contract.js';
import type { Resource, WindowUsage } from '../store/window.js';
import type { MessageFindings, MessageNeed } from './message-facts.js';

/**
 * When a rule judges. `connect`: a client connected. `auth`: credentials were
 * sent and not yet checked. `account`: the account became known (after AUTH; at
 * the first MAIL where the client did not authenticate). `mail`: MAIL.
 * `recipient`: each RCPT. `message`: the end of data, before the final dot is
 * relayed.
 */
export type Stage = 'connect' | 'auth' | 'account' | 'mail' | 'recipient' | 'message';

/** The most lenient of the modes that apply wins: the global one, the plan's, the account's, and the rule's own. */
export type Mode = 'off' | 'observe' | 'enforce';

export type RuleId = `${string}.${string}`;

// ---------------------------------------------------------------- facts

export interface ClientFacts {
  /** IPv4 or IPv6 in text form, or `unix` for a local socket. */
  readonly address: string;
  readonly listener: string;
}

export interface AccountFacts {
  readonly id: AccountId;
  readonly plan: string;
  /** Patterns of the addresses that it may use: `a@example.com`, `example.com`, `*.example.com`. Null: not restricted. */
  readonly senders: readonly string[] | null;
  readonly state: AccountState;
}

export interface ConnectFacts {
  readonly client: ClientFacts;
  readonly now: Instant;
  /** Null when no limit on the client's sessions is on. */
  readonly sessions: SessionAnswer | null;
  readonly failures: readonly WindowUsage[];
}

export interface AuthFacts {
  readonly client: ClientFacts;
  readonly now: Instant;
  readonly username: string;
  /**
   * Windows of `account.auth-guessing`, in this order: the client's, those of the
   * client with this username, the username's over all clients; within each, in
   * the order of the rule's limits.
   */
  readonly failures: readonly WindowUsage[];
}

export interface AccountStageFacts {
  readonly client: ClientFacts;
  readonly now: Instant;
  readonly account: AccountFacts;
  /** Null when no limit on the account's sessions is on. */
  readonly sessions: SessionAnswer | null;
}

export interface MailFacts {
  readonly client: ClientFacts;
  readonly now: Instant;
  readonly account: AccountFacts;
  /** Null: the null reverse-path `<>`. */
  readonly reversePath: Address | null;
  /** The SIZE parameter, octets; null when not declared. */
  readonly declaredSize: number | null;
  /** What became of the account's mail of 7 days. Absent: no rule asks, or nobody hears of it (no `feedback`). */
  readonly reputation?: Reputation | undefined;
}

export interface RecipientFacts extends MailFacts {
  readonly recipient: Address;
  /** Distinct recipients accepted in this message so far, this one included: 1 for the first. */
  readonly position: number;
  /** A bounce's recipient, or postmaster/abuse of an own domain: exempt from rules that say `exemptible`. */
  readonly exempt: boolean;
  readonly usage: readonly WindowUsage[];
  readonly suppression: Suppression | null;
  readonly revocation: Revocation | null;
  readonly rejections: RejectionStreak | null;
}

export interface MessageFacts extends MailFacts {
  readonly recipients: readonly Address[];
  /** Octets as RFC 1870 counts them (after dot-unstuffing). */
  readonly size: number;
  /** Every recipient is an address that the account may send as. */
  readonly selfMail: boolean;
  readonly usage: readonly WindowUsage[];
  /** Null when no rule asks to know anything of the message itself. */
  readonly message: MessageFindings | null;
}

export interface FactsOf {
  connect: ConnectFacts;
  auth: AuthFacts;
  account: AccountStageFacts;
  mail: MailFacts;
  recipient: RecipientFacts;
  message: MessageFacts;
}

/** Facts beyond those always at hand, that must be fetched for a rule. */
export type Need = 'suppression' | 'revocation' | 'rejections';

/** Whose windows a rule's limits count in. */
export type LimitScope =
  | 'account'
  | 'flood-account'
  | 'flood-everyone'
  | 'client-sessions'
  | 'account-sessions'
  | 'client-failures'
  | 'username-failures'
  | 'client-username-failures';

export interface RuleLimit {
  readonly scope: LimitScope;
  readonly resource: Resource;
  readonly perMs: number;
  readonly count: number;
}

/** At most so many sessions at once. */
export interface ConcurrencyLimit {
  readonly scope: 'client-sessions' | 'account-sessions';
  readonly count: number;
}

// ---------------------------------------------------------------- verdicts

export type Verdict = 'pass' | 'defer' | 'reject';

export type JsonValue = string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue };

/** A rule's objection: which of its situations, and the values for its sentence. */
export interface Objection {
  /** A key of the rule's `replies`. */
  readonly situation: string;
  /** Values for the `{placeholders}` of the sentence, ready for a person. */
  readonly values: Readonly<Record<string, string | number>>;
  /** What the rule saw, to explain the decision later. */
  readonly evidence: { readonly [key: string]: JsonValue };
}

/** An objection as it is kept in the decision. */
export interface RecordedObjection {
  readonly rule: RuleId;
  readonly stage: Stage;
  readonly mode: Exclude<Mode, 'off'>;
  readonly verdict: Exclude<Verdict, 'pass'>;
  readonly situation: string;
  /** What the client heard, or would have heard in observe mode. */
  readonly reply: string;
  readonly evidence: { readonly [key: string]: JsonValue };
}

/** One sentence that a customer may hear. */
export interface ReplyTemplate {
  /** One code for all stages, or one a stage (450 at RCPT, 451 at the end of data). */
  readonly code: TransientCode | PermanentCode | Partial<Readonly<Record<Stage, TransientCode | PermanentCode>>>;
  readonly status: TransientStatus | PermanentStatus;
  /** One sentence with `{placeholders}`; rule id, reference and URL are added around it. */
  readonly text: string;
  /** For docs/replies.md: when it is said. */
  readonly when: string;
  /** For docs/replies.md: what the customer can do. */
  readonly remedy: string;
}

export interface Rule<P = unknown> {
  readonly id: RuleId;
  /** What it checks, in a sentence. */
  readonly summary: string;
  /** The part of the policy that it serves: its section's name, and its words. */
  readonly clause: { readonly section: string; readonly text: string };
  /** Schema of the parameters, each with a default and a description. */
  readonly parameters: z.ZodType<P>;
  readonly replies: Readonly<Record<string, ReplyTemplate>>;
  readonly needs: readonly Need[];
  /** What it wants to know of the message itself, by its parameters. Pure. */
  readonly messageNeeds?: (parameters: P) => readonly MessageNeed[];
  /** Its mode where nothing is set. Default `enforce`: rules that look into messages begin as `off`. */
  readonly defaultMode?: Mode;
  /** Not judged for exempt recipients (design: mail operations must not break). */
  readonly exemptible: boolean;
  /** The windows that it limits, for this account as it is now. Pure. */
  readonly limits?: (parameters: P, account: AccountState | null, now: Instant) => readonly RuleLimit[];
  /** Do they change with the account's state or the time? Those that do not are worked out once. Default: they do not. */
  readonly limitsVary?: (parameters: P) => boolean;
  readonly concurrency?: (parameters: P) => readonly ConcurrencyLimit[];
  readonly judge: { readonly [S in Stage]?: (facts: FactsOf[S], parameters: P) => Objection | null };
}

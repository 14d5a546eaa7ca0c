/**
 * A decision: the record of what was judged about one transaction (or one
 * refused session or AUTH), with everything needed to explain it later and to
 * judge it again by another config. Holds no message text.
 */

import type { MessageFindings, MessageNeed } from '../policy/message-facts.js';
import type { FactsOf, Need, RecordedObjection, Stage, Verdict } from '../policy/rule.js';
import type { AccountId, Instant, Reputation } from '../store/contract.js';

export type { RecordedObjection };

export interface RecipientDecision {
  /** As the client spelled it. */
  readonly address: string;
  readonly verdict: Verdict;
  /** What the client heard at RCPT. */
  readonly reply: string;
  /** Who said it. */
  readonly by: 'sluice' | 'relay';
  readonly objections: readonly RecordedObjection[];
  /** Null: it could not be judged. */
  readonly facts: RecordedRecipientFacts | null;
}

export interface RecordedRecipientFacts
  extends Pick<FactsOf['recipient'], 'position' | 'exempt' | 'usage' | 'suppression' | 'revocation' | 'rejections'> {
  /** When it was judged; null in decisions of Sluice 0.1. */
  readonly now: Instant | null;
  /**
   * How many of `usage`, at its end, are windows of messages to this address: by
   * the account, then by everyone. Null in decisions of Sluice 0.1.
   */
  readonly flood: { readonly account: number; readonly everyone: number } | null;
}

/** What was asked about recipients and message: what was not asked for is null or empty among the facts, which says nothing. */
export interface AskedOfStore {
  readonly facts: readonly Need[];
  readonly streakScope: 'account' | 'global';
  readonly matchSubaddress: boolean;
  /** What the message itself was looked at for. */
  readonly message: readonly MessageNeed[];
}

/**
 * How the message ended. `accepted`: the relay said 250. `refused`: by us or by
 * the relay. `aborted`: the client went away or reset. `unknown`: the final dot
 * was sent and the relay's reply was lost, so that the relay may have the
 * message although the client heard 451. `passed`: we agreed, and the MTA that
 * asked us has the last word, which it does not tell (milter, policy
 * delegation). `quarantined`: a rule refused the message, and the MTA keeps it
 * instead of refusing it.
 */
export type Ending = 'accepted' | 'refused' | 'aborted' | 'unknown' | 'passed' | 'quarantined';

export interface Decision {
  /** The transaction id, `ref=` in replies. */
  readonly id: string;
  readonly at: Instant;
  readonly stage: Stage;
  readonly session: string;
  readonly listener: string;
  readonly client: string;
  readonly account: AccountId | null;
  readonly plan: string | null;
  readonly username: string | null;
  /** As the client spelled it; null before MAIL, '' for the null reverse-path. */
  readonly reversePath: string | null;
  readonly recipients: readonly RecipientDecision[];
  /** Objections at connect, auth, account, mail and message stages. */
  readonly objections: readonly RecordedObjection[];
  readonly verdict: Verdict;
  readonly ending: Ending;
  /** The last reply to the transaction, and whose it was. Empty where the MTA had the last word. */
  readonly reply: string;
  readonly by: 'sluice' | 'relay';
  readonly queueId: string | null;
  /** Octets of the message; null if it never came. */
  readonly size: number | null;
  /** The SIZE parameter of MAIL; null when not declared. */
  readonly declaredSize: number | null;
  /** When MAIL and the message were judged; null: they were not, or by Sluice 0.1. */
  readonly mailAt: Instant | null;
  readonly messageAt: Instant | null;
  /** Null: no transaction, or one of Sluice 0.1. */
  readonly asked: AskedOfStore | null;
  readonly messageUsage: FactsOf['message']['usage'];
  /** What was known of the message itself, its texts left out unless `decisions.texts` keeps them; null: it was not looked at. */
  readonly message: MessageFindings | null;
  readonly accountState: FactsOf['mail']['account']['state'] | null;
  /** What had become of the account's mail, as it was known at MAIL; null: no rule asked, or nobody hears of it. */
  readonly reputation: Reputation | null;
  /** Rules that could not be judged since the store was away (`onStoreFailure: pass`). */
  readonly skipped: boolean;
  readonly durationMs: number;
}

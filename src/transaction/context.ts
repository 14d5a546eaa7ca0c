import type { AccountProfile, Accounts } from '../account/contract.js';
import type { Decision } from '../ledger/decision.js';
import type { Lookups } from '../lookup/contract.js';
import type { Words } from '../message/words.js';
import type { EffectivePolicy, ReplyWords } from '../policy/engine.js';
import type { BounceAddressSettings } from '../smtp/bounce-address.js';
import type {
  AccountId,
  AddressKey,
  OutcomePolicy,
  ReportPolicy,
  ReputationLevel,
  ReputationMeasure,
  Store,
  Subscriptions,
} from '../store/contract.js';
import type { KeepAlive } from './keep-alive.js';
import type { KnownRoom } from './known-room.js';
import type { StoreClock } from './store-clock.js';

/** What may change at a reload. A transaction keeps the settings that it began with. */
export interface PolicyContext {
  readonly accounts: Accounts;
  /** The policy for clients whose account is not known yet. */
  readonly anonymous: EffectivePolicy;
  policyOf(profile: AccountProfile): EffectivePolicy;
  /** How replies are worded for an account (its language), with the reference to quote. */
  wordsFor(profile: AccountProfile | null, ref: string): ReplyWords;
  /** What is asked of others about a message. */
  readonly lookups: Lookups;
  /** Words by which texts are understood. */
  readonly words: Words;
  readonly onStoreFailure: 'defer' | 'pass';
  readonly outcomes: Pick<OutcomePolicy, 'presumeDeliveredAfterMs' | 'keepMs'>;
  /** How reports of what became of mail are taken in; null: nobody brings any. */
  readonly feedback: FeedbackSettings | null;
  /** Does the relay's 250 mean delivered (LMTP, direct), or only queued? */
  readonly finality: 'queues' | 'delivers';
  isOwnDomain(domain: string): boolean;
}

export interface FeedbackSettings {
  readonly policyOf: (account: AccountId) => ReportPolicy;
  /** Null: reverse-paths are left as they are. */
  readonly reversePath: BounceAddressSettings | null;
  /** The unsubscribe link that bulk mail without one gets; null: it gets none. */
  readonly addedLink: ((account: AccountId, key: AddressKey, of: Subscriptions) => string) | null;
}

/** What sessions and transactions ask of the store. */
export type TransactionStore = Pick<
  Store,
  | 'reserve'
  | 'chargeRecipient'
  | 'giveBack'
  | 'commit'
  | 'refund'
  | 'release'
  | 'stateOf'
  | 'recordOutcome'
  | 'rememberPassed'
  | 'report'
  | 'reputationOf'
  | 'setReputationLevel'
  | 'openSession'
  | 'closeSession'
  | 'charge'
  | 'meters'
  | 'sightCampaign'
  | 'registeredDomain'
  | 'consentsOf'
  | 'subscriptionRevocationsOf'
>;

/** What all sessions and transactions of a process share. */
export interface TransactionContext {
  readonly store: TransactionStore;
  readonly clock: StoreClock;
  readonly keepAlive: KeepAlive;
  readonly knownRoom: KnownRoom;
  /** The policy as it is now. */
  policy(): PolicyContext;
  /** Takes the record; must not throw and never waits. */
  decided(decision: Decision): void;
  /**
   * A client was turned away that no rule objected to: wrong password, no
   * account. For log and metrics only, or guessers could fill the ledger.
   */
  turnedAway(decision: Decision): void;
  /** What becomes of an account's mail has got better or worse: somebody may have to look at it. */
  reputationChanged(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): void;
  /** A store call, or the check of a password, failed: nothing can be done but say so. */
  backgroundFailure(what: string, account: AccountId | null, error: unknown): void;
}

import type { EffectivePolicy } from '../policy/engine.js';
import type {
  AccountState,
  CommitAnswer,
  Lease,
  RecipientAnswer,
  RecipientRequest,
  ReserveRequest,
} from '../store/contract.js';
import type { TransactionContext } from './context.js';
import type { RecipientEntry } from './recipient-entry.js';

/**
 * When a transaction is charged for. `end-of-message`: room is held from RCPT
 * on, and charged before the final dot. `recipient`: as recipients are let
 * through, where nobody may hear of the message's end.
 */
export type Charging = 'end-of-message' | 'recipient';

/** What one transaction takes of the limits of its account and recipients. Giving back never delays a reply. */
export interface Room {
  /** Asks for room for each recipient; the answers in order. */
  reserve(
    entries: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]>;
  /** Recipients that will not be mailed. */
  giveBack(entries: readonly RecipientEntry[]): void;
  /** Charges for a whole message, if it was not before. */
  commit(
    accepted: readonly RecipientEntry[],
    state: AccountState | null,
    size: number,
    selfMail: boolean,
  ): Promise<Pick<CommitAnswer, 'granted' | 'usage' | 'state'>>;
  /** What was charged for did not go out. */
  refund(): void;
  /** The transaction is over: what was held and not charged comes back. */
  end(): void;
}

/** What a transaction asks the store for, in the words of the store. */
export class RoomAsked {
  constructor(
    private readonly context: TransactionContext,
    private readonly rules: EffectivePolicy,
    readonly lease: Lease,
  ) {}

  limits(state: AccountState | null): Pick<ReserveRequest, 'accountLimits' | 'floodLimits'> {
    return {
      accountLimits: this.#limits('account', state),
      floodLimits: this.floodLimits(state),
    };
  }

  floodLimits(state: AccountState | null): ReserveRequest['floodLimits'] {
    return { account: this.#limits('flood-account', state), everyone: this.#limits('flood-everyone', state) };
  }

  /** @param octets of the message, if it asks with these recipients; null: it has asked before, or they are exempt */
  room(state: AccountState | null, octets: number | null): Omit<ReserveRequest, 'recipients' | 'unheld' | 'ahead'> {
    const { needs } = this.rules;
    // Spelled out here and where it is used: a spread among other members takes a slow path of V8's, at each RCPT.
    const { accountLimits, floodLimits } = this.limits(state);
    return {
      lease: this.lease,
      accountLimits,
      floodLimits,
      amounts: octets === null ? {} : { messages: 1, bytes: octets },
      facts: {
        suppression: needs.has('suppression'),
        revocation: needs.has('revocation'),
        rejections: needs.has('rejections'),
      },
    };
  }

  recipient({ address, resource }: RecipientEntry): RecipientRequest {
    const untaggedKey = this.rules.matchSubaddress ? address.untaggedKey : null;
    return { key: address.key, domain: address.domain, untaggedKey, resource };
  }

  #limits(scope: 'account' | 'flood-account' | 'flood-everyone', state: AccountState | null) {
    return this.rules.limitsOf(scope, state, this.context.clock.now());
  }
}

import type { Amounts, WindowLimit, WindowUsage } from '../window.js';
import type { AccountState } from './accounts.js';
import type { RejectionStreak } from './outcomes.js';
import type { Revocation } from './revocations.js';
import type { RecipientRequest, Suppression } from './suppressions.js';
import type { AccountId, AddressKey, Instant } from './values.js';

/** One transaction's hold on its account's windows. */
export interface Lease {
  /** Unique over all processes and time (the transaction id). */
  readonly transaction: string;
  readonly account: AccountId;
}

/** A lease, and whose places it holds beside its account's. */
export interface HeldLease {
  readonly lease: Lease;
  readonly recipients: readonly AddressKey[];
}

export interface ReserveRequest {
  readonly lease: Lease;
  /** Limits of the account; `messages`, `bytes` are asked for once per transaction, each recipient's `resource` once. */
  readonly accountLimits: readonly WindowLimit[];
  /** What the transaction asks for beside its recipients (messages: 1 and bytes: the declared SIZE, on the first call that has a recipient which is not exempt). */
  readonly amounts: Amounts;
  /** Limits of messages to one address, by this account and by all accounts. Empty: not counted. */
  readonly floodLimits: { readonly account: readonly WindowLimit[]; readonly everyone: readonly WindowLimit[] };
  readonly recipients: readonly RecipientRequest[];
  /** What of the account's limits the lease was granted before and does not hold (`ReserveAnswer.unheld`). */
  readonly unheld: Amounts;
  /** For how many more recipients (resource `recipients`) it is to be said whether there is ample room. 0: none. */
  readonly ahead: number;
  /** Which facts about each recipient are wanted. */
  readonly facts: { readonly suppression: boolean; readonly revocation: boolean; readonly rejections: boolean };
}

export interface RecipientAnswer {
  /** False when an enforced limit has no room for this recipient: nothing of it is held then. */
  readonly granted: boolean;
  /**
   * The limits that this recipient met: of the account's, those whose resource
   * is asked for here (in `amounts`, more than 0, or as its own), then flood's,
   * this account's before everyone's. Those over their count with `over: true`.
   */
  readonly usage: readonly WindowUsage[];
  /**
   * The closest of those that apply to the account: the very address, then the
   * one without its tag, then the domain; for each, the account's own before
   * everyone's.
   */
  readonly suppression: Suppression | null;
  readonly revocation: Revocation | null;
  /** The account's own or the global streak; if there are both, the one with the latest rejection. */
  readonly rejections: RejectionStreak | null;
}

export interface ReservedRecipient extends RecipientAnswer {
  /** Whether the lease holds a place at the address. Where there is ample room it does not. */
  readonly held: boolean;
}

export interface ReserveAnswer {
  readonly now: Instant;
  /** In the order of the request. */
  readonly recipients: readonly ReservedRecipient[];
  /** Whether the lease holds something in those of the account's limits that were asked for here. */
  readonly held: boolean;
  /** What of the account's limits the lease was granted by now and does not hold: for the next call. */
  readonly unheld: Amounts;
  /**
   * For so many more recipients there is ample room, too: they need not ask, and
   * their calls may leave the account's limits out. None unless a recipient was
   * granted.
   */
  readonly ahead: number;
}

export interface CommitRequest {
  readonly lease: Lease;
  readonly accountLimits: readonly WindowLimit[];
  /** The message's final amounts, whatever was held: messages, recipients and exempt-recipients that were accepted, bytes, self-bytes. */
  readonly amounts: Amounts;
  readonly floodLimits: ReserveRequest['floodLimits'];
  /** Accepted recipients. */
  readonly recipients: readonly AddressKey[];
  /** Others for whom the lease may hold places; with no `floodLimits` left, all whom it held some for. */
  readonly unmailed: readonly AddressKey[];
}

export interface CommitAnswer {
  readonly now: Instant;
  /** False when an enforced limit has no room for what exceeds the hold; the whole lease is given back then. */
  readonly granted: boolean;
  /** The account's limits whose resource is in `amounts` (more than 0), then those flood limits that are over. */
  readonly usage: readonly WindowUsage[];
  /** To undo the charge with `refund` if the relay refuses the message; null when not granted. */
  readonly charge: Charge | null;
  /** The account as it is afterwards, so that the next message need not ask; null when not granted. */
  readonly state: AccountState | null;
}

/** Opaque to callers: which sub-intervals were charged, and with what. */
export interface Charge {
  readonly lease: Lease;
  readonly entries: readonly {
    readonly subject: string;
    readonly resource: string;
    readonly perMs: number;
    readonly slot: number;
    readonly amount: number;
  }[];
}

/** One recipient of a message of whose end nobody will hear. */
export interface RecipientChargeRequest extends Omit<ReserveRequest, 'recipients' | 'unheld' | 'ahead'> {
  readonly recipient: RecipientRequest;
}

export interface RecipientChargeAnswer {
  readonly now: Instant;
  readonly recipient: RecipientAnswer;
  /** To undo it with `refund` if something else refuses the recipient; null when not granted. */
  readonly charge: Charge | null;
}

/** What of a held lease is no longer needed. */
export interface GiveBackRequest {
  readonly lease: Lease;
  /** Amounts off the account's hold. */
  readonly amounts: Amounts;
  /** Recipients whose flood holds end. */
  readonly recipients: readonly AddressKey[];
}

/** Holds, charges and what is known of recipients (see window.ts for how a window counts). */
export interface LimitStore {
  /**
   * Asks for room for a batch of recipients and tells what is known about each, in
   * one round trip. Recipients are granted in order; when `messages` or `bytes` has
   * no room, none is; when none is, they are not held.
   *
   * What is granted is held, so that two calls never both get the last place,
   * except where there is ample room (`isAmple` in window.ts) in all limits on what is
   * asked for, and the lease holds nothing of it: such room is only promised, and
   * `commit` judges it again. Calling again for the same lease adds to it, and once
   * the room is no longer ample for all of it, all is held. The account's hold lasts
   * `reservationTtl` from the latest call that names limits of it, a recipient's at
   * least as long from the call that named it.
   */
  reserve(request: ReserveRequest): Promise<ReserveAnswer>;
  /** Keeps what long transactions hold alive for another `reservationTtl`. Unknown leases are left alone. */
  renew(held: readonly HeldLease[]): Promise<void>;
  /** Gives part of a hold back; more than is held gives all. */
  giveBack(request: GiveBackRequest): Promise<void>;
  /**
   * Turns the hold into a charge dated now, before the final dot goes to the
   * relay. What exceeds the hold (bytes, what was not held, or everything if the lease
   * ran out) is judged against the limits again. The hold is gone afterwards, either way.
   * Sets `firstAcceptedAt` if it was null.
   */
  commit(request: CommitRequest): Promise<CommitAnswer>;
  /**
   * `reserve` and `commit` in one, for one recipient: what is granted is charged
   * at once, and nothing is held. Sets `firstAcceptedAt` if it was null.
   */
  chargeRecipient(request: RecipientChargeRequest): Promise<RecipientChargeAnswer>;
  /** Takes a charge back that the relay refused, from the sub-intervals that it went to, if they still count. */
  refund(charge: Charge): Promise<void>;
  /** Gives the whole hold back. */
  release(held: HeldLease): Promise<void>;
  /** Reads an account's windows without changing anything, as if one more were asked for: a full one is `over`. */
  usage(account: AccountId, limits: readonly WindowLimit[]): Promise<readonly WindowUsage[]>;
}

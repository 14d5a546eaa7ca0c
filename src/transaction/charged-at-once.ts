import type { AccountState, AddressKey, Charge, RecipientAnswer } from '../store/contract.js';
import type { TransactionContext } from './context.js';
import { inBackground } from './in-background.js';
import type { RecipientEntry } from './recipient-entry.js';
import type { Room, RoomAsked } from './room.js';

/** Charges for recipients as they are let through, and for the message with the first that is not exempt. */
export class ChargedAtOnce implements Room {
  readonly #charges = new Map<AddressKey, Charge>();
  /** The recipient with which the message was charged for; null: it is not yet. */
  #withMessage: AddressKey | null = null;

  constructor(
    private readonly context: TransactionContext,
    private readonly asked: RoomAsked,
  ) {}

  /** One at a time: whether one is let through decides with whom the message is charged. */
  async reserve(
    entries: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const [entry, ...others] = entries;
    if (entry === undefined) return [];
    if (others.length > 0) throw new RangeError('recipients are charged one by one');
    const asksForMessage = !entry.exempt && this.#withMessage === null;
    const room = this.asked.room(state, asksForMessage ? (declaredSize ?? 0) : null);
    const { lease, accountLimits, floodLimits, amounts, facts } = room;
    const { now, recipient, charge } = await this.context.store.chargeRecipient({
      lease,
      accountLimits,
      floodLimits,
      amounts,
      facts,
      recipient: this.asked.recipient(entry),
    });
    this.context.clock.heard(now);
    entry.granted = charge !== null;
    if (charge !== null) {
      this.#charges.set(entry.address.key, charge);
      if (asksForMessage) this.#withMessage = entry.address.key;
    }
    return [recipient];
  }

  giveBack(entries: readonly RecipientEntry[]): void {
    for (const entry of entries) {
      entry.granted = false;
      this.#takeBack(entry.address.key);
    }
  }

  async commit() {
    return { granted: true, usage: [], state: null };
  }

  refund(): void {
    for (const key of [...this.#charges.keys()]) this.#takeBack(key);
  }

  end(): void {}

  #takeBack(key: AddressKey): void {
    const charge = this.#charges.get(key);
    if (charge === undefined) return;
    this.#charges.delete(key);
    if (this.#withMessage === key) this.#withMessage = null;
    inBackground(this.context, 'refund', this.asked.lease.account, this.context.store.refund(charge));
  }
}

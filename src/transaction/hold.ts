import type {
  AccountState,
  AddressKey,
  Charge,
  CommitAnswer,
  RecipientAnswer,
  WindowLimit,
} from '../store/contract.js';
import type { TransactionContext } from './context.js';
import { inBackground } from './in-background.js';
import { messageAmounts } from './message-amounts.js';
import { PlacesAhead } from './places-ahead.js';
import type { RecipientEntry } from './recipient-entry.js';
import type { Room, RoomAsked } from './room.js';

/** The account's limits, where the places in them are held already. */
const NONE: readonly WindowLimit[] = [];

/** Room that is held from RCPT on, charged before the final dot, and given back whenever the mail does not go out. */
export class Hold implements Room {
  #messageHeld = false;
  #committed = false;
  /** Recipients that the store may hold room for: also those of a call that failed, whose effect nobody knows. */
  readonly #perhapsHeld = new Set<AddressKey>();
  readonly #ahead = new PlacesAhead();
  #charge: Charge | null = null;

  constructor(
    private readonly context: TransactionContext,
    private readonly asked: RoomAsked,
  ) {}

  async reserve(
    entries: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const exempt = entries.filter((entry) => entry.exempt);
    const answers =
      exempt.length === 0
        ? await this.#reserveAlike(entries, state, declaredSize)
        : await this.#reserveMixed(entries, exempt, state, declaredSize);
    entries.forEach((entry, index) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('the store left a recipient unanswered');
      entry.held = answer.granted;
      if (!answer.granted) this.#perhapsHeld.delete(entry.address.key);
    });
    return answers;
  }

  giveBack(entries: readonly RecipientEntry[]): void {
    const held = entries.filter((entry) => entry.held);
    if (held.length === 0) return;
    for (const entry of held) entry.held = false;
    const exempt = held.filter((entry) => entry.exempt).length;
    const amounts = { recipients: held.length - exempt, 'exempt-recipients': exempt };
    const recipients = held.map((entry) => entry.address.key);
    for (const key of recipients) this.#perhapsHeld.delete(key);
    this.#inBackground('giveBack', this.context.store.giveBack({ lease: this.asked.lease, amounts, recipients }));
  }

  async commit(
    accepted: readonly RecipientEntry[],
    state: AccountState | null,
    size: number,
    selfMail: boolean,
  ): Promise<CommitAnswer> {
    const { accountLimits, floodLimits } = this.asked.limits(state);
    const answer = await this.context.store.commit({
      lease: this.asked.lease,
      accountLimits,
      floodLimits,
      amounts: messageAmounts(accepted, size, selfMail),
      recipients: accepted.map((entry) => entry.address.key),
      unmailed: this.#heldBeside(accepted),
    });
    this.context.clock.heard(answer.now);
    this.#committed = true;
    this.#charge = answer.charge;
    return answer;
  }

  refund(): void {
    if (this.#charge === null) return;
    this.#inBackground('refund', this.context.store.refund(this.#charge));
    this.#charge = null;
  }

  end(): void {
    const { lease } = this.asked;
    this.context.keepAlive.letGo(lease);
    if (this.#committed || (this.#perhapsHeld.size === 0 && !this.#messageHeld)) return;
    this.#inBackground('release', this.context.store.release({ lease, recipients: [...this.#perhapsHeld] }));
  }

  #heldBeside(accepted: readonly RecipientEntry[]): readonly AddressKey[] {
    if (accepted.length === this.#perhapsHeld.size) return [];
    const mailed = new Set(accepted.map((entry) => entry.address.key));
    return [...this.#perhapsHeld].filter((key) => !mailed.has(key));
  }

  /** Exempt recipients ask for themselves: the message's own limits are not theirs. */
  async #reserveMixed(
    entries: readonly RecipientEntry[],
    exempt: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const counted = entries.filter((entry) => !entry.exempt);
    const [ofCounted, ofExempt] = await Promise.all([
      this.#reserveAlike(counted, state, declaredSize),
      this.#reserveAlike(exempt, state, null),
    ]);
    const answers = [ofCounted.values(), ofExempt.values()] as const;
    return entries.map((entry) => answers[entry.exempt ? 1 : 0].next().value as RecipientAnswer);
  }

  async #reserveAlike(
    alike: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const first = alike[0];
    if (first === undefined) return [];
    const asksForMessage = !first.exempt && !this.#messageHeld;
    const covered = !first.exempt && this.#ahead.covers(alike.length);
    for (const entry of alike) this.#perhapsHeld.add(entry.address.key);
    const room = this.asked.room(state, asksForMessage ? (declaredSize ?? 0) : null);
    const { lease, accountLimits, floodLimits, amounts, facts } = room;
    const answer = await this.context.store.reserve({
      lease,
      accountLimits: covered ? NONE : accountLimits,
      floodLimits,
      amounts,
      facts,
      recipients: alike.map((entry) => this.asked.recipient(entry)),
      ahead: covered || first.exempt ? 0 : this.#ahead.wanted,
    });
    this.context.clock.heard(answer.now);
    const granted = answer.recipients.some((recipient) => recipient.granted);
    if (granted) this.context.keepAlive.hold(this.asked.lease, this.#perhapsHeld);
    if (granted && asksForMessage) this.#messageHeld = true;
    if (covered) return this.#ahead.taken(answer);
    if (!first.exempt) this.#ahead.asked(answer);
    return answer.recipients;
  }

  #inBackground(what: string, call: Promise<unknown>): void {
    inBackground(this.context, what, this.asked.lease.account, call);
  }
}

import type {
  AccountState,
  AddressKey,
  Amounts,
  Charge,
  CommitAnswer,
  RecipientAnswer,
  ReserveAnswer,
  WindowLimit,
} from '../store/contract.js';
import type { TransactionContext } from './context.js';
import { inBackground } from './in-background.js';
import { messageAmounts } from './message-amounts.js';
import { PlacesAhead } from './places-ahead.js';
import type { RecipientEntry } from './recipient-entry.js';
import type { Room, RoomAsked } from './room.js';

/** The account's limits, where it is known that there is ample room in them. */
const NONE: readonly WindowLimit[] = [];

/**
 * Room that is asked for from RCPT on, charged before the final dot, and given
 * back whenever the mail does not go out. Where the store has ample room it holds
 * nothing, and nothing has to come back.
 */
export class Hold implements Room {
  #askedForMessage = false;
  #messageGranted = false;
  #committed = false;
  #accountHeld = false;
  /** Recipients that the store may hold room for: also those of a call that failed, whose effect nobody knows. */
  readonly #perhapsHeld = new Set<AddressKey>();
  /** What was granted of the account's limits and is not held: exempt recipients ask at the same time as others. */
  readonly #unheld: Record<RecipientEntry['resource'], Amounts> = { recipients: {}, 'exempt-recipients': {} };
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
      entry.granted = answer.granted;
    });
    return answers;
  }

  giveBack(entries: readonly RecipientEntry[]): void {
    const granted = entries.filter((entry) => entry.granted);
    for (const entry of granted) entry.granted = false;
    const exempt = granted.filter((entry) => entry.exempt).length;
    const amounts = {
      recipients: this.#heldOf('recipients', granted.length - exempt),
      'exempt-recipients': this.#heldOf('exempt-recipients', exempt),
    };
    const recipients = granted.map((entry) => entry.address.key).filter((key) => this.#perhapsHeld.delete(key));
    if (recipients.length === 0 && amounts.recipients === 0 && amounts['exempt-recipients'] === 0) return;
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
    if (answer.granted) this.context.knownRoom.heard(this.asked.lease.account, answer.usage, answer.now);
    else this.context.knownRoom.forget(this.asked.lease.account);
    this.#committed = true;
    this.#charge = answer.charge;
    return answer;
  }

  refund(): void {
    if (this.#charge === null) return;
    this.context.knownRoom.forget(this.asked.lease.account);
    this.#inBackground('refund', this.context.store.refund(this.#charge));
    this.#charge = null;
  }

  end(): void {
    const { lease } = this.asked;
    this.context.keepAlive.letGo(lease);
    if (this.#committed || (this.#perhapsHeld.size === 0 && !this.#accountHeld)) return;
    this.#inBackground('release', this.context.store.release({ lease, recipients: [...this.#perhapsHeld] }));
  }

  #heldBeside(accepted: readonly RecipientEntry[]): readonly AddressKey[] {
    if (this.#perhapsHeld.size === 0) return [];
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
    const asksForMessage = !first.exempt && !this.#messageGranted;
    const room = this.asked.room(state, asksForMessage ? (declaredSize ?? 0) : null);
    const { lease, accountLimits, floodLimits, amounts, facts } = room;
    const covered = !first.exempt && this.#isCovered(alike.length, accountLimits, amounts);
    for (const entry of alike) this.#perhapsHeld.add(entry.address.key);
    const answer = await this.context.store.reserve({
      lease,
      accountLimits: covered ? NONE : accountLimits,
      floodLimits,
      amounts: covered ? {} : amounts,
      facts,
      recipients: alike.map((entry) => this.asked.recipient(entry)),
      unheld: covered ? {} : this.#unheld[first.resource],
      ahead: covered || first.exempt ? 0 : this.#ahead.wanted,
    });
    this.context.clock.heard(answer.now);
    this.#noteHeld(alike, answer);
    const granted = answer.recipients.filter((recipient) => recipient.granted).length;
    if (granted > 0 && asksForMessage) this.#messageGranted = true;
    if (covered) {
      if (granted > 0) this.#promised(granted, amounts);
      return this.#ahead.taken(answer);
    }
    this.#unheld[first.resource] = answer.unheld;
    if (!first.exempt) this.#ahead.asked(answer);
    return answer.recipients;
  }

  #noteHeld(alike: readonly RecipientEntry[], { held, recipients }: ReserveAnswer): void {
    let any = held;
    alike.forEach((entry, index) => {
      if (recipients[index]?.held) any = true;
      else this.#perhapsHeld.delete(entry.address.key);
    });
    if (held) this.#accountHeld = true;
    if (any) this.context.keepAlive.hold(this.asked.lease, this.#perhapsHeld);
  }

  /** Whether there is ample room in the account's limits by what was said before. */
  #isCovered(recipients: number, limits: readonly WindowLimit[], amounts: Amounts): boolean {
    const { clock, knownRoom } = this.context;
    const now = clock.now();
    if (!this.#askedForMessage) {
      this.#askedForMessage = true;
      const room = knownRoom.of(this.asked.lease.account, limits, amounts, now);
      if (room !== null) this.#ahead.known(room, amounts);
    }
    return this.#ahead.covers(recipients, now);
  }

  /** Recipients that took places ahead count with what the account is asked for next, and so does what went with the first. */
  #promised(recipients: number, amounts: Amounts): void {
    const unheld = this.#unheld.recipients;
    this.#unheld.recipients = { ...unheld, ...amounts, recipients: (unheld.recipients ?? 0) + recipients };
  }

  /** How many of so many that are given back the store holds. */
  #heldOf(resource: RecipientEntry['resource'], recipients: number): number {
    const unheld = this.#unheld[resource];
    const promised = Math.min(recipients, unheld[resource] ?? 0);
    if (promised > 0) this.#unheld[resource] = { ...unheld, [resource]: (unheld[resource] ?? 0) - promised };
    return recipients - promised;
  }

  #inBackground(what: string, call: Promise<unknown>): void {
    inBackground(this.context, what, this.asked.lease.account, call);
  }
}

import type { Amounts, Instant, RecipientAnswer, ReserveAnswer, WindowUsage } from '../store/contract.js';
import type { AmpleRoom } from './known-room.js';

/** So many at once, and for no longer: what is known of the room grows old. */
const MOST = 64;
const KNOWN_FOR_MS = 5_000;

/**
 * Recipients to come for whom the account's limits have ample room: a client
 * that names many, one at a time, makes us ask about the account at the first of
 * them, and for the others only about their addresses. Not even at the first
 * where it is known from the message before.
 */
export class PlacesAhead {
  #places = 0;
  #knownAt: Instant = 0;
  /** What the account's limits on recipients said to the latest of them. */
  #usage: readonly WindowUsage[] = [];
  /** What goes with the first of them, beside themselves. */
  #withFirst: Amounts = {};

  /** How many to ask for beyond those that are here. */
  readonly wanted = MOST;

  covers(recipients: number, now: Instant): boolean {
    return recipients <= this.#places && now - this.#knownAt <= KNOWN_FOR_MS;
  }

  /** @param amounts that the transaction takes with the first recipient */
  known({ usage, places, at }: AmpleRoom, amounts: Amounts): void {
    this.#places = Math.min(places, MOST);
    this.#knownAt = at;
    this.#usage = usage;
    this.#withFirst = amounts;
  }

  /** What the store said to recipients that asked for their places. */
  asked({ now, recipients, ahead }: ReserveAnswer): void {
    this.#places = ahead;
    this.#knownAt = now;
    const last = recipients.findLast((answer) => answer.granted);
    this.#usage = last?.usage.filter(isOfRecipients) ?? this.#usage;
  }

  /** The same of those for whom there was room ahead: what the account's limits say is added to it. */
  taken({ recipients }: ReserveAnswer): readonly RecipientAnswer[] {
    const places = this.#places;
    const answers = recipients.map((answer) => {
      if (answer.granted) this.#takeOne();
      return { ...answer, usage: [...this.#usage, ...answer.usage] };
    });
    // Limits on what went with the first say nothing to those that come later.
    if (this.#places < places) this.#usage = this.#usage.filter(isOfRecipients);
    return answers;
  }

  #takeOne(): void {
    const amounts = this.#withFirst;
    this.#withFirst = {};
    this.#places -= 1;
    this.#usage = this.#usage.map(({ limit, used, over, freesUpInMs }) => {
      const taken = limit.resource === 'recipients' ? 1 : (amounts[limit.resource] ?? 0);
      return { limit, used: used + taken, over, freesUpInMs };
    });
  }
}

function isOfRecipients({ limit }: WindowUsage): boolean {
  return limit.resource === 'recipients';
}

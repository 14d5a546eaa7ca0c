import type { Instant, RecipientAnswer, ReserveAnswer, WindowUsage } from '../store/contract.js';

/** So many at once, and for no longer: what is known of the room grows old. */
const MOST = 64;
const KNOWN_FOR_MS = 5_000;

/**
 * Recipients to come for whom the account's limits have ample room: a client
 * that names many, one at a time, makes us ask about the account at the first of
 * them, and for the others only about their addresses.
 */
export class PlacesAhead {
  #places = 0;
  #askedAt: Instant = 0;
  /** What the account's limits on recipients said to the latest of them. */
  #usage: readonly WindowUsage[] = [];

  /** How many to ask for beyond those that are here. */
  readonly wanted = MOST;

  covers(recipients: number, now: Instant): boolean {
    return recipients <= this.#places && now - this.#askedAt <= KNOWN_FOR_MS;
  }

  /** What the store said to recipients that asked for their places. */
  asked({ now, recipients, ahead }: ReserveAnswer): void {
    this.#places = ahead;
    this.#askedAt = now;
    const last = recipients.findLast((answer) => answer.granted);
    this.#usage = last?.usage.filter(({ limit }) => limit.resource === 'recipients') ?? this.#usage;
  }

  /** The same of those for whom there was room ahead: what the account's limits say is added to it. */
  taken({ recipients }: ReserveAnswer): readonly RecipientAnswer[] {
    return recipients.map((answer) => {
      if (answer.granted) this.#takeOne();
      return { ...answer, usage: [...this.#usage, ...answer.usage] };
    });
  }

  #takeOne(): void {
    this.#places -= 1;
    this.#usage = this.#usage.map((usage) => ({ ...usage, used: usage.used + 1 }));
  }
}

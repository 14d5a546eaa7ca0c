import type { RecipientAnswer, ReserveAnswer, WindowUsage } from '../store/contract.js';

/** So many at once: the further ahead, the older is what is known of the room. */
const MOST = 64;

/**
 * Recipients to come for whom the account's limits have ample room: a client
 * that names many, one at a time, makes us ask about the account at the 1st, 2nd,
 * 4th, 8th …, and for the others only about their addresses.
 */
export class PlacesAhead {
  #places = 0;
  /** Recipients that were let have a place. */
  #granted = 0;
  /** What the account's limits on recipients said to the latest of them. */
  #usage: readonly WindowUsage[] = [];

  /** How many to ask for beyond those that are here: as many as came before, of which the first alone says nothing. */
  get wanted(): number {
    return Math.min(MOST, this.#granted);
  }

  covers(recipients: number): boolean {
    return recipients <= this.#places;
  }

  /** What the store said to recipients that asked for their places. */
  asked({ recipients, ahead }: ReserveAnswer): void {
    this.#places = ahead;
    const granted = recipients.filter((answer) => answer.granted);
    this.#granted += granted.length;
    this.#usage = granted.at(-1)?.usage.filter(({ limit }) => limit.resource === 'recipients') ?? this.#usage;
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
    this.#granted += 1;
    this.#usage = this.#usage.map((usage) => ({ ...usage, used: usage.used + 1 }));
  }
}

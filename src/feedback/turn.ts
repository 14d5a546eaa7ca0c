import { randomUUID } from 'node:crypto';
import type { FollowerPosition, Store } from '../store/contract.js';

export type TurnStore = Pick<Store, 'takeTurn' | 'keepPosition' | 'endTurn'>;

/** Another process takes over so long after this one died. */
const TURN_MS = 15_000;
const RENEW_MS = TURN_MS / 3;

/** The turn to read a source: of all processes one has it. Every verb rejects with StoreUnavailable. */
export class Turn {
  readonly #holder = randomUUID();
  #takenAt = 0;

  constructor(
    private readonly store: TurnStore,
    private readonly source: string,
  ) {}

  /** Where to go on from; null: the turn is another's. */
  async take(): Promise<{ readonly position: FollowerPosition | null } | null> {
    const turn = await this.store.takeTurn(this.source, this.#holder, TURN_MS);
    this.#takenAt = performance.now();
    return turn;
  }

  /** To be called now and then while reading. False: it is another's by now. */
  async renew(): Promise<boolean> {
    if (performance.now() - this.#takenAt < RENEW_MS) return true;
    return (await this.take()) !== null;
  }

  /** Remembers how far it came. False: it is another's by now, and nothing was written. */
  keep(position: FollowerPosition): Promise<boolean> {
    return this.store.keepPosition(this.source, this.#holder, position);
  }

  /** Gives it to whoever asks next. */
  async end(): Promise<void> {
    await this.store.endTurn(this.source, this.#holder);
  }
}

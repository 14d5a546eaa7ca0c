import type { MacroStage } from './command.js';

/** What is asked of the macros of one packet. */
type OfStage = Pick<ReadonlyMap<string, string>, 'get'>;

/** In the order in which an SMTP session meets them. */
const ORDER: readonly MacroStage[] = ['C', 'H', 'M', 'R', 'T', 'L', 'N', 'B', 'E', 'U'];
const MAIL = ORDER.indexOf('M');

/**
 * The macros that hold at the moment. New ones of a stage end those of the same
 * stage and of all that come after it; the latest value of a name counts.
 */
export class Macros {
  readonly #stages: (OfStage | null)[] = ORDER.map(() => null);

  set(stage: MacroStage, macros: OfStage): void {
    const index = ORDER.indexOf(stage);
    this.#stages.fill(null, index);
    this.#stages[index] = macros;
  }

  /** Null: not told, or empty. */
  get(name: string): string | null {
    for (let i = this.#stages.length - 1; i >= 0; i -= 1) {
      const value = this.#stages[i]?.get(name);
      if (value !== undefined) return value === '' ? null : value;
    }
    return null;
  }

  /** The transaction is over. */
  endTransaction(): void {
    this.#stages.fill(null, MAIL);
  }

  /** The client is gone. */
  endSession(): void {
    this.#stages.fill(null);
  }
}

import type { Store } from '../contract.js';
import type { Database } from './database.js';
import { Sweep } from './sweep.js';

/**
 * How every verb runs: its work sees one moment of the clock, inside one
 * transaction of the file. `Database` has the time limit, and says which errors
 * become StoreUnavailable.
 */
export class Calls {
  readonly #sweep: Sweep;

  constructor(
    private readonly database: Database,
    private readonly clock: () => number,
  ) {
    this.#sweep = new Sweep(database);
  }

  /** `work` may run twice, if its first transaction was undone. */
  write<T>(verb: keyof Store, work: (now: number) => T): Promise<T> {
    return this.database.write(verb, () => {
      const now = this.clock();
      const answer = work(now);
      this.#sweep.run(now);
      return answer;
    });
  }

  /** `work` only reads. */
  read<T>(verb: keyof Store, work: (now: number) => T): Promise<T> {
    return this.database.read(verb, () => work(this.clock()));
  }
}

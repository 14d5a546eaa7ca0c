import type { Instant } from '../store/contract.js';

/**
 * The store's time between two of its answers. Rules must not see this
 * process's wall clock: machines disagree, and it may step.
 */
export class StoreClock {
  #offset = Date.now() - performance.now();

  /** Tells what time the store said it was. */
  heard(now: Instant): void {
    this.#offset = now - performance.now();
  }

  now(): Instant {
    return Math.round(performance.now() + this.#offset);
  }
}

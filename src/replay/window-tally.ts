import { oldestSlot, slotAt } from '../store/window.js';

/**
 * What was charged to one window, by the arithmetic of store/window.ts: so many
 * sub-intervals at most, each counting wholly until all of it has left. A tally
 * of differences has negative amounts too.
 */
export class WindowTally {
  readonly #slots = new Map<number, number>();
  #total = 0;
  #oldest = Number.NEGATIVE_INFINITY;

  constructor(private readonly perMs: number) {}

  charge(amount: number, at: number): void {
    const slot = slotAt(at, this.perMs);
    this.#slots.set(slot, (this.#slots.get(slot) ?? 0) + amount);
    this.#total += amount;
  }

  used(now: number): number {
    const oldest = oldestSlot(now, this.perMs);
    if (oldest > this.#oldest) this.#forgetBefore(oldest);
    return this.#total;
  }

  #forgetBefore(oldest: number): void {
    this.#oldest = oldest;
    for (const [slot, amount] of this.#slots) {
      if (slot >= oldest) continue;
      this.#total -= amount;
      this.#slots.delete(slot);
    }
  }
}

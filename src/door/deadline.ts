/**
 * A time limit that is set anew all the time and rarely runs out. A timer that
 * is due too early is left to run and looks again then: cheaper than a new one
 * for each command.
 */
export class Deadline {
  #timer: NodeJS.Timeout | null = null;
  #timerDue = Number.POSITIVE_INFINITY;
  #due = Number.POSITIVE_INFINITY;

  constructor(private readonly passed: () => void) {}

  /** Runs out so many ms from now; what was set before no longer counts. */
  set(limitMs: number): void {
    this.#due = performance.now() + limitMs;
    if (this.#timer === null || this.#timerDue > this.#due) this.#arm();
  }

  /** Nothing runs out until it is set again; the timer is kept for then. */
  rest(): void {
    this.#due = Number.POSITIVE_INFINITY;
  }

  clear(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #arm(): void {
    this.clear();
    this.#timerDue = this.#due;
    this.#timer = setTimeout(() => this.#look(), Math.max(1, Math.ceil(this.#due - performance.now())));
    this.#timer.unref();
  }

  #look(): void {
    this.#timer = null;
    if (this.#due === Number.POSITIVE_INFINITY) return;
    if (performance.now() < this.#due) this.#arm();
    else this.passed();
  }
}

const PERIOD_MS = 60_000;
/** Beyond so many clients the counts begin anew: a flood of addresses must not fill memory. */
const MOST_CLIENTS = 10_000;

/**
 * How often each client came with something that was not genuine, in the present
 * minute. Whoever has a genuine link or key is never held back by it.
 */
export class BadAttempts {
  #counts = new Map<string, number>();
  #since = 0;

  constructor(
    private readonly most: number,
    private readonly now: () => number = Date.now,
  ) {}

  /** Counts one more; true when there were too many. */
  add(client: string): boolean {
    const now = this.now();
    if (now - this.#since >= PERIOD_MS || this.#counts.size >= MOST_CLIENTS) {
      this.#counts = new Map();
      this.#since = now;
    }
    const count = (this.#counts.get(client) ?? 0) + 1;
    this.#counts.set(client, count);
    return count > this.most;
  }
}

import type { RelayConnection } from './connection.js';
import type { Loan } from './session.js';

interface Idle {
  since: number;
  rested: boolean;
}

/** Connections that nobody uses, the one that came last on top; closed when they lie too long. */
export class IdleConnections {
  readonly #idle = new Map<RelayConnection, Idle>();
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly timeoutMs: number) {}

  get size(): number {
    return this.#idle.size;
  }

  has(connection: RelayConnection): boolean {
    return this.#idle.has(connection);
  }

  add(connection: RelayConnection, rested: boolean): void {
    this.#idle.set(connection, { since: performance.now(), rested });
    this.#timer ??= this.#sweepIn(this.timeoutMs);
  }

  /** Nobody took it at once: from now on the relay may close it without our knowing. */
  rest(connection: RelayConnection): void {
    const idle = this.#idle.get(connection);
    if (idle !== undefined) idle.rested = true;
  }

  /** The one that came last of those that suit. */
  take(suits: (connection: RelayConnection, rested: boolean) => boolean): Loan | null {
    let found: Loan | null = null;
    for (const [connection, { rested }] of this.#idle) {
      if (suits(connection, rested)) found = { connection, rested };
    }
    if (found !== null) this.#idle.delete(found.connection);
    return found;
  }

  oldest(): RelayConnection | null {
    const [oldest] = this.#idle.keys();
    return oldest ?? null;
  }

  remove(connection: RelayConnection): boolean {
    return this.#idle.delete(connection);
  }

  takeAll(): RelayConnection[] {
    const all = [...this.#idle.keys()];
    this.#idle.clear();
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    return all;
  }

  #sweepIn(ms: number): NodeJS.Timeout {
    return setTimeout(() => this.#sweep(), Math.max(1, Math.ceil(ms))).unref();
  }

  #sweep(): void {
    this.#timer = null;
    const now = performance.now();
    for (const [connection, { since }] of this.#idle) {
      const left = since + this.timeoutMs - now;
      // In order of their coming: all that follow have longer.
      if (left > 0) {
        this.#timer = this.#sweepIn(left);
        return;
      }
      this.#idle.delete(connection);
      connection.quit();
    }
  }
}

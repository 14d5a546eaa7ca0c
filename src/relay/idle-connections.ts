import type { RelayConnection } from './connection.js';
import type { Loan } from './session.js';

interface Idle {
  readonly connection: RelayConnection;
  readonly since: number;
  rested: boolean;
}

/** Connections that nobody uses, the one that came last on top; closed when they lie too long. */
export class IdleConnections {
  #idle: Idle[] = [];
  #timer: NodeJS.Timeout | null = null;

  constructor(private readonly timeoutMs: number) {}

  get size(): number {
    return this.#idle.length;
  }

  add(connection: RelayConnection, rested: boolean): void {
    this.#idle.push({ connection, since: performance.now(), rested });
    this.#timer ??= this.#sweepIn(this.timeoutMs);
  }

  /** Nobody took it at once: from now on the relay may close it without our knowing. */
  rest(connection: RelayConnection): void {
    const idle = this.#idle.find((each) => each.connection === connection);
    if (idle !== undefined) idle.rested = true;
  }

  /** The one that came last of those that suit. */
  take(suits: (connection: RelayConnection, rested: boolean) => boolean): Loan | null {
    const at = this.#idle.findLastIndex(({ connection, rested }) => suits(connection, rested));
    return at < 0 ? null : (this.#idle.splice(at, 1)[0] ?? null);
  }

  oldest(): RelayConnection | null {
    return this.#idle[0]?.connection ?? null;
  }

  remove(connection: RelayConnection): boolean {
    const at = this.#idle.findIndex((each) => each.connection === connection);
    if (at >= 0) this.#idle.splice(at, 1);
    return at >= 0;
  }

  takeAll(): RelayConnection[] {
    const all = this.#idle.map(({ connection }) => connection);
    this.#idle = [];
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
    for (let first = this.#idle[0]; first !== undefined; first = this.#idle[0]) {
      const left = first.since + this.timeoutMs - now;
      // In order of their coming: all that follow have longer.
      if (left > 0) {
        this.#timer = this.#sweepIn(left);
        return;
      }
      this.#idle.shift();
      first.connection.quit();
    }
  }
}

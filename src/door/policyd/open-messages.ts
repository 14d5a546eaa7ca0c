import type { DelegatedMessage } from './delegated-message.js';

/** Postfix asks again within a second or two when a connection breaks; what has no connection waits so long for it. */
const ORPHAN_MS = 10_000;
const SWEEP_MS = 1_000;

interface Entry {
  readonly message: DelegatedMessage;
  /** The connection on which it was last asked about; null: that one has closed. */
  holder: object | null;
  heardAt: number;
}

/**
 * The messages that are under way, by what Postfix calls them. A Postfix asks
 * about one message at a time on a connection, so there are hardly more than
 * connections: "Once Postfix sends a query with a different instance attribute
 * over that same policy connection, an earlier message delivery is either
 * completed or aborted" (SMTPD_POLICY_README).
 */
export class OpenMessages {
  readonly #entries = new Map<string, Entry>();
  readonly #sweeper: NodeJS.Timeout;

  constructor(
    private readonly limits: () => { readonly messageTimeoutMs: number; readonly mostOrphans: number },
    /** It is over, and may have ended before. */
    private readonly over: (message: DelegatedMessage) => void,
  ) {
    this.#sweeper = setInterval(() => this.#sweep(), SWEEP_MS);
    this.#sweeper.unref();
  }

  /** The message of that name, from now on asked about on this connection; null: unknown. */
  find(name: string, holder: object): DelegatedMessage | null {
    const entry = this.#entries.get(name);
    if (entry === undefined) return null;
    entry.holder = holder;
    entry.heardAt = performance.now();
    return entry.message;
  }

  open(name: string, holder: object, message: DelegatedMessage): void {
    this.leave(name, null);
    this.#entries.set(name, { message, holder, heardAt: performance.now() });
  }

  /** Another message came on its connection. With a holder: only if it is still that one's. */
  leave(name: string, holder: object | null): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || (holder !== null && entry.holder !== holder)) return;
    this.#entries.delete(name);
    this.over(entry.message);
  }

  /** Its connection has closed: Postfix may come back to it on another. */
  orphan(name: string, holder: object): void {
    const entry = this.#entries.get(name);
    if (entry === undefined || entry.holder !== holder) return;
    entry.holder = null;
    entry.heardAt = performance.now();
    // To the end of the order: the oldest orphan goes first.
    this.#entries.delete(name);
    this.#entries.set(name, entry);
    if (this.#entries.size <= this.limits().mostOrphans) return;
    const orphans = [...this.#entries].filter(([, { holder }]) => holder === null);
    const [oldest] = orphans;
    if (oldest !== undefined && orphans.length > this.limits().mostOrphans) this.leave(oldest[0], null);
  }

  /** All are over. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const name of [...this.#entries.keys()]) this.leave(name, null);
  }

  #sweep(): void {
    const now = performance.now();
    const { messageTimeoutMs } = this.limits();
    for (const [name, { holder, heardAt }] of this.#entries) {
      const limitMs = holder === null ? Math.min(ORPHAN_MS, messageTimeoutMs) : messageTimeoutMs;
      if (now - heardAt > limitMs) this.leave(name, null);
    }
  }
}

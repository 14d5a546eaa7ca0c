import type { Lookups } from '../lookup/contract.js';
import { verifyDomain } from '../lookup/verify-domain.js';
import { type AccountId, everyPage, type RegisteredDomain, type Store } from '../store/contract.js';

/** Registered domains, page by page. */
export function everyRegisteredDomain(
  store: Pick<Store, 'registeredDomains'>,
  account?: AccountId,
): AsyncGenerator<readonly RegisteredDomain[]> {
  const query = { limit: 200, ...(account === undefined ? {} : { account }) };
  return everyPage((start) => store.registeredDomains({ ...query, ...start }));
}

export interface DomainWatchParts {
  readonly store: Pick<Store, 'registeredDomains' | 'recordDomainCheck'>;
  lookups(): Pick<Lookups, 'mailDomain'>;
  /** How old a check may be, ms; null: nothing is checked. */
  everyMs(): number | null;
  failed(error: unknown): void;
}

/** Looks for checks that are due so often in the time that one may be old. */
const ROUNDS = 20;
const SHORTEST_ROUND_MS = 1_000;
const IDLE_ROUND_MS = 60_000;

/**
 * Checks registered domains again and again, one at a time. Each process looks
 * at times of its own, and what another has checked is not due: so that some
 * share the work without knowing of each other.
 */
export class DomainWatch {
  #timer: NodeJS.Timeout | null = null;
  #closed = false;
  #round: Promise<void> = Promise.resolve();

  constructor(private readonly parts: DomainWatchParts) {
    this.#wait();
  }

  /** Resolves when the check under way is over; it has its own time limit. */
  async close(): Promise<void> {
    this.#closed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#round;
  }

  #wait(): void {
    if (this.#closed) return;
    const every = this.parts.everyMs();
    const pause = every === null ? IDLE_ROUND_MS : Math.max(every / ROUNDS, SHORTEST_ROUND_MS);
    this.#timer = setTimeout(
      () => {
        this.#round = this.#checkDue().catch((error: unknown) => this.parts.failed(error));
        void this.#round.then(() => this.#wait());
      },
      pause * (0.5 + Math.random()),
    );
    this.#timer.unref();
  }

  async #checkDue(): Promise<void> {
    const every = this.parts.everyMs();
    if (every === null) return;
    for await (const page of everyRegisteredDomain(this.parts.store)) {
      for (const registered of page) {
        if (this.#closed) return;
        if (registered.check !== null && Date.now() - registered.check.at < every) continue;
        const found = await verifyDomain(registered, this.parts.lookups());
        await this.parts.store.recordDomainCheck(registered.account, registered.domain, found);
      }
    }
  }
}

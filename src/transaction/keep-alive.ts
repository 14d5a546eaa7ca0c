import type { AddressKey, Lease, SessionRequest, Store } from '../store/contract.js';

type HeldSession = Pick<SessionRequest, 'session' | 'subject'>;

interface HeldPlaces {
  readonly lease: Lease;
  /** As they are when it is time to renew. */
  readonly recipients: ReadonlySet<AddressKey>;
}

/**
 * Renews what long transactions and sessions hold in the store, so that only
 * those of a dead process run out. One timer for all, in batches.
 */
export class KeepAlive {
  readonly #leases = new Map<string, HeldPlaces & { due: number }>();
  readonly #sessions = new Map<string, { readonly session: HeldSession; due: number }>();
  readonly #timer: NodeJS.Timeout;

  constructor(
    private readonly store: Pick<Store, 'renew' | 'renewSessions'>,
    private readonly times: { readonly reservationTtlMs: number; readonly sessionTtlMs: number },
    private readonly onFailure: (error: unknown) => void,
  ) {
    const interval = Math.max(50, Math.min(times.reservationTtlMs, times.sessionTtlMs) / 6);
    this.#timer = setInterval(() => this.#renew(), interval);
    this.#timer.unref();
  }

  /** What it holds already keeps its turn: of recipients that came first the time runs, whatever comes after. */
  hold(lease: Lease, recipients: ReadonlySet<AddressKey>): void {
    if (this.#leases.has(lease.transaction)) return;
    const due = performance.now() + this.times.reservationTtlMs / 3;
    this.#leases.set(lease.transaction, { lease, recipients, due });
  }

  letGo(lease: Lease): void {
    this.#leases.delete(lease.transaction);
  }

  holdSession(session: HeldSession): void {
    this.#sessions.set(`${session.session} ${session.subject}`, {
      session,
      due: performance.now() + this.times.sessionTtlMs / 3,
    });
  }

  letSessionGo(session: HeldSession): void {
    this.#sessions.delete(`${session.session} ${session.subject}`);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #renew(): void {
    const leases = takeDue(this.#leases, this.times.reservationTtlMs / 3).map(({ lease, recipients }) => ({
      lease,
      recipients: [...recipients],
    }));
    const sessions = takeDue(this.#sessions, this.times.sessionTtlMs / 3).map((entry) => entry.session);
    if (leases.length > 0) this.store.renew(leases).catch(this.onFailure);
    if (sessions.length > 0) this.store.renewSessions(sessions).catch(this.onFailure);
  }
}

function takeDue<T extends { due: number }>(held: ReadonlyMap<string, T>, again: number): T[] {
  const now = performance.now();
  const due: T[] = [];
  for (const entry of held.values()) {
    if (entry.due > now) continue;
    entry.due = now + again;
    due.push(entry);
  }
  return due;
}

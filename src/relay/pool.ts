import { RelayConnection } from './connection.js';
import {
  type ClientIdentity,
  type RelayCapabilities,
  RelayFailure,
  type RelayPool,
  type RelaySession,
} from './contract.js';
import { type HostState, RelayHosts } from './hosts.js';
import { IdleConnections } from './idle-connections.js';
import type { RelayLog, RelayPoolOptions } from './options.js';
import { type Lender, type Loan, PooledSession } from './session.js';

interface Waiter {
  readonly client: ClientIdentity;
  /** Only a connection that never lay unused will do. */
  readonly fresh: boolean;
  readonly timer: NodeJS.Timeout;
  resolve(loan: Loan): void;
  reject(failure: RelayFailure): void;
}

/** A pool of connections to the relays; see RelayPool. Nothing is connected before the first use or probe. */
export function createRelayPool(options: RelayPoolOptions, log: RelayLog): RelayPool {
  return new ConnectionPool(options, log);
}

/**
 * Whoever wants a connection waits in line; `#serve` matches the line with what
 * is free and dials what is missing. Dialling belongs to the pool and not to the
 * one who waits, so that a connection that comes too late for one serves another.
 */
class ConnectionPool implements RelayPool, Lender {
  readonly #relays: RelayHosts;
  readonly #idle: IdleConnections;
  readonly #open = new Set<RelayConnection>();
  /** With those that said QUIT and are not closed yet. */
  readonly #connections = new Set<RelayConnection>();
  readonly #waiters: Waiter[] = [];
  readonly #hostOf = new WeakMap<RelayConnection, HostState>();
  #dialling = 0;
  /** Of these, dialled to relays that were up: those that wait may count on them. */
  #promising = 0;
  #closed = false;

  constructor(
    private readonly options: RelayPoolOptions,
    private readonly log: RelayLog,
  ) {
    this.#relays = new RelayHosts(options, (host) => this.#retry(host));
    this.#idle = new IdleConnections(options.idleTimeoutMs);
  }

  get capabilities(): RelayCapabilities | null {
    return this.#relays.capabilities;
  }

  get usage() {
    const { limit } = this.options;
    return { open: this.#open.size, idle: this.#idle.size, waiting: this.#waiters.length, limit };
  }

  get hosts() {
    return this.#relays.all.map(({ relay, up, lastError }) => ({ relay, up, lastError }));
  }

  async acquire(client: ClientIdentity): Promise<RelaySession> {
    return PooledSession.open(this, client, await this.#lend(client, false));
  }

  lendFresh(client: ClientIdentity): Promise<Loan> {
    return this.#lend(client, true);
  }

  takeBack(connection: RelayConnection): void {
    const usable = connection.reset();
    if (!usable) {
      connection.destroy('the connection cannot be used again');
      return;
    }
    const worn = connection.transactions >= this.options.maxTransactionsPerConnection;
    if (this.#closed || worn) connection.quit();
    else {
      this.#idle.add(connection, true);
      this.#serve();
      this.#dropSurplus(connection);
    }
  }

  async probe(): Promise<boolean> {
    const reached = await Promise.all(this.#relays.all.map((host) => this.#dial(host)));
    return reached.includes(true);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#relays.close();
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(new RelayFailure('connect', 'closed', 'the relay pool was closed'));
    }
    for (const connection of this.#idle.takeAll()) connection.quit();
    for (const connection of this.#open) connection.destroy('the relay pool was closed');
    await Promise.all([...this.#connections].map((connection) => connection.gone));
  }

  #lend(client: ClientIdentity, fresh: boolean): Promise<Loan> {
    if (this.#closed) return Promise.reject(new RelayFailure('connect', 'closed', 'the relay pool was closed'));
    const free = this.#waiters.length === 0 ? this.#loanFor(client, fresh) : null;
    if (free !== null) return Promise.resolve(free);
    return new Promise((resolve, reject) => {
      const { acquireMs } = this.options.timeouts;
      const timer = setTimeout(() => this.#waitedTooLong(waiter), acquireMs);
      const waiter: Waiter = { client, fresh, timer, resolve, reject };
      // One who had a connection already goes before those who had none.
      if (fresh) this.#waiters.unshift(waiter);
      else this.#waiters.push(waiter);
      this.#serve();
    });
  }

  #waitedTooLong(waiter: Waiter): void {
    this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
    const { limit, timeouts } = this.options;
    const seconds = timeouts.acquireMs / 1000;
    const message = `no free relay connection within ${seconds} s (${this.#open.size} of ${limit} open)`;
    waiter.reject(new RelayFailure('connect', 'timeout', message));
  }

  /** Gives free connections to those who wait, and dials for the others. */
  #serve(): void {
    for (const waiter of [...this.#waiters]) {
      const loan = this.#loanFor(waiter.client, waiter.fresh);
      if (loan === null) continue;
      clearTimeout(waiter.timer);
      this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
      waiter.resolve(loan);
    }
    while (this.#waiters.length > this.#promising) {
      const host = this.#relays.preferred();
      if (host === null || !this.#makeRoom()) break;
      this.#relays.used(host);
      void this.#dial(host);
    }
    const busy = this.#open.size - this.#idle.size;
    // While some are in use, one of them may come back: a relay may limit how
    // many connections it takes.
    if (busy === 0 && this.#relays.preferred() === null) this.#refuseAll();
  }

  /** A free connection for the client, taken; null: there is none, or a better one is to be dialled. */
  #loanFor(client: ClientIdentity, fresh: boolean): Loan | null {
    const loan = this.#freeFor(client, fresh);
    const host = loan === null ? undefined : this.#hostOf.get(loan.connection);
    if (host !== undefined) this.#relays.used(host);
    return loan;
  }

  #freeFor(client: ClientIdentity, fresh: boolean): Loan | null {
    const suits = (connection: RelayConnection) => connection.canSpeakFor(client);
    if (fresh) return this.#idle.take((connection, rested) => !rested && suits(connection));
    const host = this.#relays.preferred();
    const preferred = this.#idle.take((connection) => this.#hostOf.get(connection) === host && suits(connection));
    if (preferred !== null) return preferred;
    // Better the relay whose turn it is not than none.
    const canDial = host !== null && this.#open.size + this.#dialling < this.options.limit;
    return canDial ? null : this.#idle.take(suits);
  }

  /** Room for one more connection, by closing an unused one if need be: what is left unused suits nobody who waits. */
  #makeRoom(): boolean {
    if (this.#open.size + this.#dialling < this.options.limit) return true;
    const oldest = this.#idle.oldest();
    if (oldest === null) return false;
    this.#idle.remove(oldest);
    oldest.quit();
    return this.#open.size + this.#dialling < this.options.limit;
  }

  #refuseAll(): void {
    for (const waiter of this.#waiters.splice(0)) {
      clearTimeout(waiter.timer);
      waiter.reject(this.#relays.failure());
    }
  }

  #retry(host: HostState): void {
    if (this.#makeRoom()) void this.#dial(host);
    else this.#relays.postponeRetry(host);
  }

  /** Connects to a relay and puts the connection at disposal; false when it could not be reached. */
  async #dial(host: HostState): Promise<boolean> {
    const promising = host.up ? 1 : 0;
    this.#dialling += 1;
    this.#promising += promising;
    const result = await RelayConnection.open(host.host, this.options).catch(asRelayFailure);
    this.#dialling -= 1;
    this.#promising -= promising;
    if (result instanceof RelayFailure) this.#unreachable(host, result);
    else this.#connected(host, result);
    return !(result instanceof RelayFailure);
  }

  #connected(host: HostState, connection: RelayConnection): void {
    this.#connections.add(connection);
    void connection.gone.then(() => this.#connections.delete(connection));
    if (this.#closed) {
      connection.quit();
      return;
    }
    if (!host.up) this.log.info({ relay: host.relay }, 'relay is up again');
    if (host.capabilities === null) this.#warnOfMissing(host, connection.capabilities);
    this.#relays.reached(host, connection.capabilities);
    this.#hostOf.set(connection, host);
    this.#open.add(connection);
    connection.onClose(() => {
      this.#open.delete(connection);
      this.#idle.remove(connection);
      this.#serve();
    });
    this.#idle.add(connection, false);
    this.#serve();
    this.#idle.rest(connection);
    this.#dropSurplus(connection);
  }

  #unreachable(host: HostState, failure: RelayFailure): void {
    if (this.#closed) return;
    const wasUp = host.up;
    const retryInMs = this.#relays.failed(host, failure);
    const fields = { relay: host.relay, reason: failure.reason, err: failure.message, retryInMs };
    if (wasUp) this.log.warn(fields, 'relay is down');
    else this.log.debug(fields, 'relay is still down');
    this.#serve();
  }

  /** Keeps no more unused connections than is set. */
  #dropSurplus(connection: RelayConnection): void {
    if (this.#idle.size > this.options.maxIdle && this.#idle.remove(connection)) connection.quit();
  }

  #warnOfMissing(host: HostState, { xclient, xforward }: RelayCapabilities): void {
    const { identity } = this.options;
    const offered = identity === 'xclient' ? xclient : identity === 'xforward' ? xforward : null;
    if (offered?.length !== 0) return;
    this.log.warn({ relay: host.relay, identity }, 'the relay does not let us say who the client is');
  }
}

function asRelayFailure(error: unknown): RelayFailure {
  if (error instanceof RelayFailure) return error;
  // A certificate or key that cannot be read, for one thing.
  return new RelayFailure('connect', 'protocol', error instanceof Error ? error.message : String(error), {
    cause: error,
  });
}

import { type RelayCapabilities, RelayFailure } from './contract.js';
import { commonCapabilities } from './ehlo.js';
import { type RelayHost, type RelayPoolOptions, relayName } from './options.js';

export interface HostState {
  readonly host: RelayHost;
  readonly relay: string;
  up: boolean;
  lastError: string | null;
  capabilities: RelayCapabilities | null;
  failure: RelayFailure | null;
  failures: number;
  retry: NodeJS.Timeout | null;
}

/** Which relays there are, which of them are up, and whose turn it is. */
export class RelayHosts {
  readonly all: readonly HostState[];
  #turn = 0;
  /** Undefined: to be worked out again. Asked for at each MAIL and RCPT, and changed when a relay comes or goes. */
  #capabilities: RelayCapabilities | null | undefined;

  constructor(
    private readonly options: Pick<RelayPoolOptions, 'hosts' | 'strategy' | 'retryAfterMs'>,
    /** Called when it is time to try a relay again that was down. */
    private readonly onRetry: (host: HostState) => void,
  ) {
    this.all = options.hosts.map((host) => ({
      host,
      relay: relayName(host),
      up: true,
      lastError: null,
      capabilities: null,
      failure: null,
      failures: 0,
      retry: null,
    }));
  }

  /** What all the relays that are up can do; of all that were ever reached when none is up. */
  get capabilities(): RelayCapabilities | null {
    if (this.#capabilities === undefined) {
      const known = this.all.filter((host) => host.capabilities !== null);
      const up = known.filter((host) => host.up);
      this.#capabilities = commonCapabilities((up.length > 0 ? up : known).flatMap((host) => host.capabilities ?? []));
    }
    return this.#capabilities;
  }

  /** The relay that the next transaction should go to; null when none is up. */
  preferred(): HostState | null {
    const count = this.all.length;
    const first = this.options.strategy === 'round-robin' ? this.#turn : 0;
    for (let i = 0; i < count; i += 1) {
      const host = this.all[(first + i) % count];
      if (host?.up) return host;
    }
    return null;
  }

  /** A transaction went to this relay: with `round-robin` it is the next one's turn. */
  used(host: HostState): void {
    this.#turn = (this.all.indexOf(host) + 1) % this.all.length;
  }

  reached(host: HostState, capabilities: RelayCapabilities): void {
    this.#stopRetry(host);
    host.up = true;
    host.failures = 0;
    host.lastError = null;
    host.failure = null;
    host.capabilities = capabilities;
    this.#capabilities = undefined;
  }

  /** Takes the relay out of use until a retry reaches it. Returns the time of that, in milliseconds from now. */
  failed(host: HostState, failure: RelayFailure): number {
    host.up = false;
    this.#capabilities = undefined;
    host.failures += 1;
    host.failure = failure;
    host.lastError = failure.message;
    return this.postponeRetry(host);
  }

  postponeRetry(host: HostState): number {
    this.#stopRetry(host);
    const { first, longest } = this.options.retryAfterMs;
    const delay = Math.min(longest, first * 2 ** Math.min(host.failures - 1, 20));
    host.retry = setTimeout(() => this.onRetry(host), delay).unref();
    return delay;
  }

  /** Why no relay can be had: the first one's reason. */
  failure(): RelayFailure {
    const cause = this.all.find((host) => host.failure !== null)?.failure;
    return new RelayFailure('connect', cause?.reason ?? 'unreachable', cause?.message ?? 'no relay is up', { cause });
  }

  close(): void {
    for (const host of this.all) this.#stopRetry(host);
  }

  #stopRetry(host: HostState): void {
    if (host.retry !== null) clearTimeout(host.retry);
    host.retry = null;
  }
}

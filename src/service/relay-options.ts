import { hostname as machineName } from 'node:os';
import type { Config } from '../config/schema.js';
import { DEFAULT_TIMEOUTS, type RelayHost, type RelayLinkOptions, type RelayPoolOptions } from '../relay/options.js';

type LinkOptions = RelayLinkOptions & { readonly hosts: readonly RelayHost[] };

/** What a connection to the relay needs, for the pool and for AUTH at the relay. */
export function relayLinkOptions({ relay, hostname }: Config): LinkOptions {
  const { mode, implicit, ca, servername, certificate } = relay.tls;
  return {
    hosts: relay.hosts,
    name: hostname ?? machineName(),
    tls: {
      mode,
      ...(ca === undefined ? {} : { ca }),
      ...(servername === undefined ? {} : { servername }),
      ...certificate,
    },
    implicitTls: implicit,
    auth: relay.auth ?? null,
    identity: relay.identity,
    timeouts: {
      ...DEFAULT_TIMEOUTS,
      connectMs: relay.timeouts.connect,
      greetingMs: relay.timeouts.greeting,
      mailMs: relay.timeouts.command,
      recipientMs: relay.timeouts.command,
      dataMs: relay.timeouts.data,
      blockMs: relay.timeouts.block,
      finalDotMs: relay.timeouts.finalDot,
      acquireMs: relay.pool.acquireTimeout,
    },
  };
}

export function relayPoolOptions(config: Config): RelayPoolOptions {
  const { strategy, pool, retry } = config.relay;
  return {
    ...relayLinkOptions(config),
    strategy,
    limit: pool.limit,
    maxIdle: pool.maxIdle,
    idleTimeoutMs: pool.idleTimeout,
    maxTransactionsPerConnection: pool.maxTransactions,
    retryAfterMs: retry,
  };
}

import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisConnection, RedisLogin, RedisStoreOptions } from './options.js';

export type Client = Redis | Cluster;

const RECONNECT_FIRST_MS = 50;
const RECONNECT_MOST_MS = 2000;
const CONNECT_WITHIN_MS = 5000;

/**
 * A client that never queues and never sends anything twice: a resent increment
 * counts twice, a queued one stalls an SMTP client. A connection on which
 * nothing comes back within the call's time limit is destroyed and rebuilt,
 * since a stale TCP link shows in no other way.
 */
export function createClient({ connection, times, onConnectionError }: RedisStoreOptions): Client {
  const common = {
    ...login(connection),
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    socketTimeout: times.callTimeoutMs,
    connectTimeout: CONNECT_WITHIN_MS,
    // A replica refuses writes after a failover: connect anew, to the master.
    reconnectOnError: (error: Error) => error.message.includes('READONLY'),
    replyMapping: 'legacy',
    protocol: 2,
  } as const satisfies RedisOptions;
  const client = 'cluster' in connection ? createCluster(connection.cluster, common) : createSingle(connection, common);
  const report = (error: Error) => onConnectionError?.(error);
  client.on('error', report);
  client.on('node error', report);
  return client;
}

function createSingle(
  connection: Exclude<RedisConnection, { cluster: unknown }>,
  common: RedisOptions & { readonly replyMapping: 'legacy' },
): Redis {
  const options = { ...common, retryStrategy: backOff };
  if ('url' in connection) {
    return new Redis({ ...options, ...fromUrl(connection.url), ...login(connection), replyMapping: 'legacy' });
  }
  const db = { db: connection.db ?? 0 };
  if ('socketPath' in connection) return new Redis({ ...options, ...db, path: connection.socketPath });
  if ('host' in connection) return new Redis({ ...options, ...db, host: connection.host, port: connection.port });
  const { sentinels, name, sentinelPassword, tls } = connection;
  return new Redis({
    ...options,
    ...db,
    sentinels: sentinels.map((sentinel) => ({ ...sentinel })),
    name,
    sentinelRetryStrategy: backOff,
    sentinelCommandTimeout: CONNECT_WITHIN_MS,
    ...(sentinelPassword === undefined ? {} : { sentinelPassword }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: { ...tls } }),
  });
}

function createCluster(
  nodes: readonly { readonly host: string; readonly port: number }[],
  common: RedisOptions & { readonly replyMapping: 'legacy' },
): Cluster {
  const { enableOfflineQueue: _, ...redisOptions } = common;
  return new Cluster(
    nodes.map((node) => ({ ...node })),
    {
      clusterRetryStrategy: backOff,
      enableOfflineQueue: false,
      // MOVED and ASK are followed, nothing was executed then; all else fails at once.
      retryDelayOnFailover: 0,
      retryDelayOnClusterDown: 0,
      slotsRefreshTimeout: CONNECT_WITHIN_MS,
      // Connected before the first call: a node that is only connecting refuses calls.
      redisOptions: { ...redisOptions, lazyConnect: false },
    },
  );
}

function login({ username, password, tls }: RedisLogin): RedisOptions {
  return {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls: { ...tls } }),
  };
}

function fromUrl(text: string): RedisOptions {
  const url = new URL(text);
  const db = Number(url.pathname.slice(1) || 0);
  if (!['redis:', 'rediss:'].includes(url.protocol) || !Number.isInteger(db)) {
    throw new TypeError(`not a Redis URL: expected redis://host:port/db or rediss://…, found ${url.protocol}//…`);
  }
  return {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(url.port || 6379),
    db,
    ...(url.username === '' ? {} : { username: decodeURIComponent(url.username) }),
    ...(url.password === '' ? {} : { password: decodeURIComponent(url.password) }),
    ...(url.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

/** Exponential, capped, and spread so that many processes do not come back at once. */
function backOff(attempt: number): number {
  const delay = Math.min(RECONNECT_FIRST_MS * 2 ** Math.min(attempt - 1, 10), RECONNECT_MOST_MS);
  return delay / 2 + Math.random() * (delay / 2);
}

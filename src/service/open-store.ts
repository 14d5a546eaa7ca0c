import type { Config } from '../config/schema.js';
import type { Store } from '../store/contract.js';
import type { RedisConnection, RedisLogin } from '../store/redis/options.js';

type Redis = NonNullable<Config['store']['redis']>;

/**
 * The store that the config names, for the service and for each CLI command. Only
 * its own driver is loaded, since a command line is started anew each time.
 *
 * @param onConnectionError what goes wrong between calls, for the log
 */
export async function openStore(
  { embedded, redis, callTimeout, reservationTtl, sessionTtl }: Config['store'],
  onConnectionError: (error: Error) => void = () => undefined,
): Promise<Store> {
  const times = { callTimeoutMs: callTimeout, reservationTtlMs: reservationTtl, sessionTtlMs: sessionTtl };
  if (redis === undefined) {
    const { openEmbeddedStore } = await import('../store/embedded/embedded-store.js');
    return openEmbeddedStore({ path: embedded.path, times });
  }
  const { openRedisStore } = await import('../store/redis/redis-store.js');
  return openRedisStore({ connection: redisConnection(redis), keyPrefix: redis.keyPrefix, times, onConnectionError });
}

function redisConnection(redis: Redis): RedisConnection {
  const { username, password, tls, database: db } = redis;
  const login: RedisLogin = {
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    ...(tls === undefined ? {} : { tls }),
  };
  if (redis.socket !== undefined) return { ...login, socketPath: redis.socket, db };
  if (redis.cluster !== undefined) return { ...login, cluster: redis.cluster.nodes };
  if (redis.sentinel !== undefined) {
    const { nodes, name, password: sentinelPassword } = redis.sentinel;
    return { ...login, sentinels: nodes, name, db, ...(sentinelPassword === undefined ? {} : { sentinelPassword }) };
  }
  if (redis.url !== undefined) return { ...login, url: redis.url };
  throw new Error('store.redis names no server');
}

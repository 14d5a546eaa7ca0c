import type { Config } from '../config/schema.js';
import type { Store } from '../store/contract.js';
import { openEmbeddedStore } from '../store/embedded/embedded-store.js';
import { openRedisStore } from '../store/redis/redis-store.js';

/** The store that the config names, for the service and for each CLI command. */
export function openStore({
  embedded,
  redis,
  callTimeout,
  reservationTtl,
  sessionTtl,
}: Config['store']): Promise<Store> {
  const times = { callTimeoutMs: callTimeout, reservationTtlMs: reservationTtl, sessionTtlMs: sessionTtl };
  if (redis !== undefined) return openRedisStore({ ...redis, times });
  return openEmbeddedStore({ path: embedded.path, times });
}

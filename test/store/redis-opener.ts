import { openRedisStore, type RedisConnection } from '../../src/store/redis/redis-store.js';
import type { OpenStore } from './contract/story.js';

let stores = 0;

/** Opens empty stores for the contract suite: a key prefix each, and a clock that moves only when told. */
export function redisOpener(connection: RedisConnection): OpenStore {
  return async (t, times) => {
    stores += 1;
    const keyPrefix = `test-${stores}:`;
    let now = Date.now();
    const testClock = () => now;
    const store = await openRedisStore({ connection, keyPrefix, times, testClock });
    const second = await openRedisStore({ connection, keyPrefix, times, testClock });
    t.teardown(async () => {
      await store.close();
      await second.close();
    });
    return {
      store,
      second,
      async advance(ms) {
        now += ms;
      },
    };
  };
}

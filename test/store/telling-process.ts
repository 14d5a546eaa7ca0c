/** A process of its own that tells one rejection to the Redis of that port, for redis-crash.test.ts. */

import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { REJECTION, REPORT_POLICY, TIMES } from './told-rejection.js';

const [, , port] = process.argv;
const store = await openRedisStore({ connection: { host: '127.0.0.1', port: Number(port) }, times: TIMES });
await store.report(REJECTION, () => REPORT_POLICY);
await store.close();

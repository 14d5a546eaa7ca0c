import { fileURLToPath } from 'node:url';
import { freePort } from '../../test/support/free-port.js';
import { startRedis } from '../../test/support/redis.js';
import { start, untilOpen } from '../process.js';
import type { Subject } from '../subject.js';

const PROGRAM = fileURLToPath(new URL('../raw-proxy.ts', import.meta.url));

/** The floor: no proxy in this runtime that asks Redis can be cheaper on this machine. */
export const rawProxy: Subject = {
  name: 'raw-proxy',
  what: 'a Node proxy that hands lines on and counts each message by one script on Redis, and does nothing else',
  async start({ cleanup, folder, sink }) {
    const redis = await startRedis(cleanup, { unixSocket: true });
    if (redis.socketPath === null || redis.process.pid === undefined) throw new Error('Redis has no unix socket');
    const port = await freePort();
    const command = [process.execPath, '--import', 'tsx', PROGRAM, `${port}`, `${sink}`, redis.socketPath] as const;
    const { pid } = start(cleanup, `${folder}/raw-proxy.log`, [...command]);
    await untilOpen('the raw proxy', port, true);
    return { port, pids: [pid, redis.process.pid] };
  },
};

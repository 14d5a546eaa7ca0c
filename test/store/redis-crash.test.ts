/**
 * A process is killed while it tells the store what became of a message: the fact
 * is claimed, or all but settled. Whoever tells it again does the rest, once.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import net from 'node:net';
import t, { type Test } from 'tap';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { moduleProcess } from '../support/module-process.js';
import { NODE } from '../support/program.js';
import { startRedis } from '../support/redis.js';
import { MESSAGE, REJECTION, REPORT_POLICY, TIMES } from './told-rejection.js';

t.setTimeout(120_000);

const PROGRAM = moduleProcess('./telling-process', import.meta.url);
/** In every command about the facts of a message: its claim, and later its settling. */
const FACTS = 'pf:{t:';

interface Gate {
  readonly port: number;
  /** Resolves when the client has gone as far as it is let. */
  readonly reached: Promise<void>;
}

/**
 * Stands between the process and Redis. `after: claim` lets the claim through and
 * nothing that follows; `before: settling` lets everything through but the settling.
 */
async function startGate(t: Test, redisPort: number, closes: 'after the claim' | 'before the settling'): Promise<Gate> {
  let reach: () => void = () => undefined;
  const reached = new Promise<void>((resolve) => {
    reach = resolve;
  });
  let seen = 0;
  const sockets: net.Socket[] = [];
  const server = net.createServer((client) => {
    const upstream = net.connect(redisPort, '127.0.0.1');
    sockets.push(client, upstream);
    for (const socket of [client, upstream]) socket.on('error', () => undefined);
    upstream.pipe(client);
    client.on('data', (chunk: Buffer) => {
      const aboutFacts = chunk.includes(FACTS);
      const isShut = seen > 0 && (closes === 'after the claim' || aboutFacts);
      if (isShut) return reach();
      if (aboutFacts) seen += 1;
      upstream.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as net.AddressInfo).port, reached };
}

for (const closes of ['after the claim', 'before the settling'] as const) {
  t.test(`killed ${closes}`, async (t) => {
    const redis = await startRedis(t);
    const store = await openRedisStore({ connection: { host: '127.0.0.1', port: redis.port }, times: TIMES });
    t.teardown(() => store.close());
    await store.rememberPassed(MESSAGE, REPORT_POLICY.reportWindowMs);
    const rejections = async () => (await store.rejectionsOf('bob@example.net'))[0]?.count ?? 0;

    const gate = await startGate(t, redis.port, closes);
    const child = spawn('env', [...NODE, ...PROGRAM.execArgv, PROGRAM.path, `${gate.port}`], { stdio: 'ignore' });
    t.teardown(() => child.kill('SIGKILL'));
    const gone = once(child, 'exit');
    await Promise.race([gate.reached, gone.then(() => Promise.reject(new Error('it told everything')))]);
    child.kill('SIGKILL');
    await gone;
    t.equal(await rejections(), closes === 'after the claim' ? 0 : 1);
    t.same((await store.outcomes({ limit: 10 })).items, []);

    const again = await store.report(REJECTION, () => REPORT_POLICY);
    t.equal(again.result, 'counted', 'it is news still');
    t.equal((await store.report({ ...REJECTION, source: 'dsn' }, () => REPORT_POLICY)).result, 'known');
    t.equal(await rejections(), 1);
    t.match(await store.reputationOf('acme'), { mailed: 1, rejected: 1 });
    t.match((await store.outcomes({ limit: 10 })).items, [{ key: 'bob@example.net', source: 'relay-log' }]);
  });
}

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.js';
import type { NewSuppression, Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { freePort } from '../../test/support/free-port.js';
import { type RedisServer, startRedis } from '../../test/support/redis.js';
import { until } from '../../test/support/until.js';
import { start, untilOpen } from '../process.js';
import type { RunningSubject, Subject, Surroundings } from '../subject.js';
import { socketIn } from './unix-socket.js';

const ACCOUNTS = 5_000;
const SUPPRESSIONS = 100_000;
const AT_ONCE = 500;
export const TIMES = { callTimeoutMs: 30_000, reservationTtlMs: 600_000, sessionTtlMs: 180_000 };
export const PROGRAM = process.env.SLUICE_BIN ?? fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Every rule enforced, as many windows as by default; no limit is reached, so that every message is relayed. */
export const UNREACHED = {
  'flood.recipient': { perAccount: ['1000000/1h', '5000000/1d'], everyone: ['1000000/1h'] },
  'volume.recipients-per-message': { limit: 1000 },
  'volume.recipients': { limits: ['100000000/1h', '1000000000/1d'] },
  'volume.messages': { limits: ['100000000/1h', '1000000000/1d'] },
  'volume.bytes': { limits: ['500000GiB/1h', '5000000GiB/1d'] },
  'volume.connections': {
    clientConcurrent: 20_000,
    clientRates: ['10000000/1m'],
    accountConcurrent: 20_000,
    accountRates: ['10000000/1m'],
  },
};

const servers = new Map<string, Promise<RedisServer>>();

export const sluiceRedis = onRedis('sluice-redis', 'Sluice, every rule enforced, on Redis over a unix socket');

export const sluiceDeferred = onRedis('sluice-deferred', 'the same with `relay.envelope: deferred`', {
  relay: { envelope: 'deferred' },
});

/** Another build, for figures before and after a change: SLUICE_BEFORE is its `cli/main.js`. */
export function ifBefore(subject: (program: string) => Subject): readonly Subject[] {
  const program = process.env.SLUICE_BEFORE;
  return program === undefined ? [] : [subject(program)];
}

export const sluiceBefore = ifBefore((program) => onRedis('sluice-before', 'another build, on Redis', {}, program));

export const sluiceEmbedded: Subject = {
  name: 'sluice-embedded',
  what: 'Sluice, every rule enforced, on its embedded store',
  async start(around) {
    const path = `${around.folder}/sluice.db`;
    await load(await openEmbeddedStore({ path, times: TIMES }));
    return serve(around, 'sluice-embedded', { store: { embedded: { path } } }, PROGRAM, []);
  },
};

export function onRedis(name: string, what: string, config: ConfigInput = {}, program = PROGRAM): Subject {
  return {
    name,
    what,
    async start(around) {
      const { process, socketPath } = await redisOf(program, around);
      if (socketPath === null || process.pid === undefined) throw new Error('Redis has no unix socket');
      return serve(around, name, { ...config, store: { redis: { socket: socketPath } } }, program, [process.pid]);
    },
  };
}

/** A door that Postfix asks. */
export interface ListenInput {
  readonly name: string;
  readonly address: string;
  readonly mode: string;
}

/** Sluice on Redis, every rule enforced, behind another door than its own: the socket of that, and the processes that it takes. */
export async function serveOnRedis(
  around: Surroundings,
  name: string,
  doors: (socket: ListenInput) => ConfigInput,
  rules: object = {},
  program = PROGRAM,
): Promise<{ readonly path: string; readonly pids: readonly number[] }> {
  const { process, socketPath } = await redisOf(program, around);
  if (socketPath === null || process.pid === undefined) throw new Error('Redis has no unix socket');
  const config = { store: { redis: { socket: socketPath } }, rules: { ...UNREACHED, ...rules } };
  const { pids } = await serve(around, name, config, program, [process.pid], doors);
  return { path: socketIn(`${around.folder}/${name}`), pids };
}

/** One for all subjects of a build, of which only one is busy at a time; another build may write otherwise. */
function redisOf(program: string, around: Surroundings): Promise<RedisServer> {
  const server = servers.get(program) ?? loadedRedis(around);
  servers.set(program, server);
  return server;
}

async function loadedRedis({ cleanup }: Surroundings): Promise<RedisServer> {
  const server = await startRedis(cleanup, { unixSocket: true });
  if (server.socketPath === null) throw new Error('Redis has no unix socket');
  await load(await openRedisStore({ connection: { socketPath: server.socketPath }, times: TIMES }));
  return server;
}

/** One Sluice with this config; `pids` are further processes whose CPU counts. */
export async function serve(
  { cleanup, folder, sink }: Surroundings,
  name: string,
  config: ConfigInput,
  program: string,
  pids: readonly number[],
  doors: ((socket: ListenInput) => ConfigInput) | null = null,
): Promise<RunningSubject> {
  const own = `${folder}/${name}`;
  await mkdir(own);
  const port = await freePort();
  const path = socketIn(own);
  await writeFile(`${own}/accounts.yaml`, stringify(accountList()));
  const whole: ConfigInput = {
    mode: 'enforce',
    hostname: 'sluice.example',
    listen: [{ name: 'bench', address: `127.0.0.1:${port}`, maxSessions: 20_000 }],
    http: { address: `127.0.0.1:${await freePort()}` },
    workers: 1,
    rules: UNREACHED,
    plans: { business: {} },
    accounts: { identify: [{ address: { '127.0.0.0/8': 'account-0' } }], file: 'accounts.yaml' },
    ...config,
    ...doors?.({ name, address: `unix:${path}`, mode: '0666' }),
    // A machine that is busy with all of this must not be taken for a store that is away.
    store: { ...config.store, callTimeout: '10s' },
    relay: { hosts: [`127.0.0.1:${sink}`], ...config.relay },
  };
  await writeFile(`${own}/sluice.yaml`, stringify(whole));
  // `--cpu-prof` and the like.
  const flags = (process.env.SLUICE_NODE_FLAGS ?? '').split(' ').filter((flag) => flag !== '');
  const command = [process.execPath, ...flags, program, 'serve', '--config', `${own}/sluice.yaml`] as const;
  const { pid, logPath } = start(cleanup, `${own}/log`, [...command]);
  await until(
    `${name} is ready`,
    async () => ((await readFile(logPath, 'utf8')).includes('"ready"') ? true : null),
    180_000,
  );
  await untilOpen(name, doors === null ? port : path, doors === null);
  return { port, pids: [pid, ...pids] };
}

function accountList() {
  return Object.fromEntries(
    Array.from({ length: ACCOUNTS }, (_, row) => [
      `account-${row}`,
      { plan: 'business', senders: [`customer-${row}.example`, 'bench.example'] },
    ]),
  );
}

/** Fills a store as a provider's would be, and closes it. */
async function load(store: Store): Promise<void> {
  await inBatches(ACCOUNTS, async (from, to) => {
    for (let row = from; row < to; row += 1) {
      const account = `account-${row}`;
      await store.changeStanding({ account, standing: 'good', reason: 'bench', by: 'bench', until: null });
    }
  });
  await inBatches(SUPPRESSIONS, async (from, to) => {
    const rows = Array.from({ length: to - from }, (_, index): NewSuppression => {
      const row = from + index;
      const account = row % 2 === 0 ? null : `account-${row % ACCOUNTS}`;
      const key = `unsubscribed-${row}@suppressed.example`;
      return { key, account, reason: 'unsubscribed', at: null, by: 'bench', note: '', expiresAt: null };
    });
    await store.suppress(rows);
  });
  await store.close();
}

/** Calls `write` for so many rows at a time. */
export async function inBatches(rows: number, write: (from: number, to: number) => Promise<void>): Promise<void> {
  for (let from = 0; from < rows; from += AT_ONCE) await write(from, Math.min(rows, from + AT_ONCE));
}

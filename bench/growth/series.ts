/** What grows, point by point: each has its own Sluice, and its own Redis where that is what grows. */

import type { ConfigInput } from '../../src/config/schema.js';
import type { CommitRequest, NewSuppression, Store } from '../../src/store/contract.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { startRedis } from '../../test/support/redis.js';
import { type OpenClient, openAll, sendInTurn, timeEach } from '../clients.js';
import { cpuMicros, memoryOctets } from '../process.js';
import type { RunningSubject, Surroundings } from '../subject.js';
import { inBatches, PROGRAM, serve, TIMES, UNREACHED } from '../subjects/sluice.js';

export interface Series {
  readonly name: string;
  /** Of the axis. */
  readonly what: string;
  readonly points: readonly Point[];
}

export interface Point {
  readonly at: number;
  start(around: Surroundings): Promise<RunningPoint>;
}

export interface RunningPoint {
  /** Octets that Redis takes for the data, before any mail; null where that is not what grows. */
  readonly redisOctets: number | null;
  /** Octets that Sluice takes for the sessions, beyond the few that every point has; null where that is not what grows. */
  readonly sluiceOctets: number | null;
  measure(messages: number): Promise<Measured>;
}

export interface Measured {
  readonly sluiceMicros: number;
  readonly redisMicros: number;
  readonly p50: number;
}

const OCTETS = 1_000;
/** So many messages a second are sent: far below what one process takes, so that latency is the message's own. */
const RATE = 100;
const FEW_SESSIONS = 10;
const MOST_SESSIONS = 5_000;
/** Messages before anything is measured, as many at each point: most of the JavaScript is compiled by then. */
const WARM_UP = 2 * MOST_SESSIONS;
/** A session waits for its turn as long as the others of its series are measured. */
const PATIENT = { timeouts: { command: '2h' } };

/** `most`: where accounts and suppressions end. */
export function allSeries(most: number): readonly Series[] {
  const sizes = [1, 1_000, 100_000, 1_000_000].filter((size) => size <= most);
  return [
    { name: 'accounts', what: 'accounts with a charged window in Redis', points: sizes.map(accounts) },
    { name: 'suppressions', what: 'suppressed addresses in Redis', points: sizes.map(suppressions) },
    { name: 'windows', what: 'windows that a message is counted in', points: [1, 3, 12, 24, 30].map(windows) },
    { name: 'processes', what: 'worker processes', points: [1, 2, 4].map(processes) },
    {
      name: 'sessions',
      what: 'sessions kept open',
      points: [FEW_SESSIONS, 100, 1_000, MOST_SESSIONS].filter((count) => count <= most).map(sessions),
    },
  ];
}

function accounts(count: number): Point {
  return point(count, { fill: (store) => fillAccounts(store, count) });
}

function suppressions(count: number): Point {
  return point(count, { fill: (store) => fillSuppressions(store, count) });
}

/** An account's messages, recipients and bytes have at most eight windows each; what is more is of the recipient's address. */
const MOST_OF_ACCOUNT = 24;

/** In turn, none alike. */
function windows(count: number): Point {
  const limits = (length: number, unit: string) =>
    Array.from({ length }, (_, index) => `1000000000${unit}/${1 + index}h`);
  const ofAccount = (first: number, unit: string) => {
    const length = Math.ceil((Math.min(count, MOST_OF_ACCOUNT) - first) / 3);
    return length > 0 ? { limits: limits(length, unit) } : { mode: 'off' as const };
  };
  const ofAddress = (count - MOST_OF_ACCOUNT) / 2;
  const rules = {
    ...UNREACHED,
    'volume.messages': ofAccount(0, ''),
    'volume.recipients': ofAccount(1, ''),
    'volume.bytes': ofAccount(2, 'KiB'),
    'flood.recipient':
      ofAddress > 0 ? { perAccount: limits(ofAddress, ''), everyone: limits(ofAddress, '') } : { mode: 'off' as const },
  };
  return point(count, { config: { rules } });
}

function processes(count: number): Point {
  return point(count, { config: { workers: count } });
}

function sessions(count: number): Point {
  return point(count, { sessions: count });
}

interface Setting {
  readonly config?: ConfigInput;
  readonly sessions?: number;
  readonly fill?: (store: Store) => Promise<void>;
}

function point(at: number, { config = {}, sessions, fill }: Setting): Point {
  return {
    at,
    async start(around) {
      const redis = await startRedis(around.cleanup, { unixSocket: true });
      const { socketPath } = redis;
      const { pid } = redis.process;
      if (socketPath === null || pid === undefined) throw new Error('Redis has no unix socket');
      const empty = await usedMemory(redis);
      if (fill !== undefined) {
        const store = await openRedisStore({ connection: { socketPath }, times: TIMES });
        await fill(store);
        await store.close();
      }
      const redisOctets = fill === undefined ? null : (await usedMemory(redis)) - empty;
      started += 1;
      const whole = { ...config, smtp: PATIENT, store: { redis: { socket: socketPath } } };
      const running = await serve(around, `growth-${started}`, whole, PROGRAM, []);
      const clients = await openSessions(around, running, sessions ?? FEW_SESSIONS);
      return {
        redisOctets,
        sluiceOctets: sessions === undefined ? null : clients.octets,
        measure: (messages) => measure(running, pid, clients.open, messages),
      };
    },
  };
}

let started = 0;

/** Few at first, over which what is compiled is, then the others; all have sent mail: a session's first asks the store for more. */
async function openSessions({ cleanup }: Surroundings, { port, pids }: RunningSubject, count: number) {
  const open: OpenClient[] = [];
  cleanup.teardown(() => {
    for (const client of open) client.close();
  });
  const others = count - FEW_SESSIONS;
  open.push(...(await openAll(port, FEW_SESSIONS)));
  await sendInTurn(open, WARM_UP - others, OCTETS);
  const before = memoryOctets(pids);
  open.push(...(await openAll(port, others)));
  await sendInTurn(open.slice(FEW_SESSIONS), others, OCTETS);
  return { open, octets: memoryOctets(pids) - before };
}

/** Over the sessions in turn, where there are more of them than messages. */
async function measure(
  sluice: RunningSubject,
  redis: number,
  clients: OpenClient[],
  messages: number,
): Promise<Measured> {
  const used = () => ({ sluice: cpuMicros(sluice.pids), redis: cpuMicros([redis]) });
  const before = used();
  const times = await timeEach(clients, { messages, octets: OCTETS, recipients: 1 }, RATE);
  const after = used();
  clients.push(...clients.splice(0, messages));
  const sorted = [...times].sort((one, other) => one - other);
  return {
    sluiceMicros: (after.sluice - before.sluice) / messages,
    redisMicros: (after.redis - before.redis) / messages,
    p50: sorted[Math.floor(sorted.length / 2)] ?? 0,
  };
}

async function usedMemory(redis: Awaited<ReturnType<typeof startRedis>>): Promise<number> {
  const client = redis.client();
  const info = await client.info('memory');
  client.disconnect();
  return Number(/^used_memory:(\d+)/m.exec(info)?.[1]);
}

const HOUR = 3_600_000;

/** Each has had one message, counted in one window. */
function fillAccounts(store: Store, count: number): Promise<void> {
  const accountLimits: CommitRequest['accountLimits'] = [
    { rule: 'volume.messages', resource: 'messages', perMs: HOUR, count: 1e9, enforced: true },
  ];
  return inBatches(count, async (from, to) => {
    const rows = Array.from({ length: to - from }, (_, index) => from + index);
    await Promise.all(
      rows.map((row) =>
        store.commit({
          lease: { transaction: `growth-${row}`, account: `growth-${row}` },
          accountLimits,
          amounts: { messages: 1, recipients: 1, bytes: OCTETS },
          floodLimits: { account: [], everyone: [] },
          recipients: [],
          unmailed: [],
        }),
      ),
    );
  });
}

function fillSuppressions(store: Store, count: number): Promise<void> {
  return inBatches(count, (from, to) =>
    store.suppress(
      Array.from({ length: to - from }, (_, index): NewSuppression => {
        const key = `growth-${from + index}@suppressed.example`;
        return { key, account: null, reason: 'unsubscribed', at: null, by: 'bench', note: '', expiresAt: null };
      }),
    ),
  );
}

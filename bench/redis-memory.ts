/**
 * What Sluice's keys cost in Redis: memory for each account, recipient,
 * suppression, streak and decision, and Redis' CPU for a message.
 *
 *     node --import tsx bench/redis-memory.ts [rows]
 *
 * Starts a private redis-server on a unix socket, without persistence. The
 * numbers in docs/redis-keys.md are its output.
 */

import type { Redis } from 'ioredis';
import type { CommitRequest, Store, WindowLimit } from '../src/store/contract.js';
import { openRedisStore } from '../src/store/redis/redis-store.js';
import { startRedis } from '../test/support/redis.js';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const AT_ONCE = 200;
const DECISION_OCTETS = 1500;

const limit = (resource: WindowLimit['resource'], perMs: number): WindowLimit => ({
  rule: `volume.${resource}`,
  resource,
  perMs,
  count: 1e9,
  enforced: true,
});
const accountLimits = [
  limit('messages', HOUR),
  limit('recipients', HOUR),
  limit('recipients', DAY),
  limit('bytes', DAY),
];
const flood: CommitRequest['floodLimits'] = { account: [limit('messages', HOUR)], everyone: [limit('messages', HOUR)] };
const noFlood: CommitRequest['floodLimits'] = { account: [], everyone: [] };
const facts = { suppression: true, revocation: true, rejections: true };

async function main(rows: number): Promise<void> {
  const cleanups: (() => unknown)[] = [];
  const redis = await startRedis({ teardown: (clean) => cleanups.push(clean) }, { unixSocket: true });
  if (redis.socketPath === null) throw new Error('no unix socket');
  let now = Date.now();
  const store = await openRedisStore({
    connection: { socketPath: redis.socketPath },
    times: { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: 10_000 },
    testClock: () => now,
  });
  const admin = redis.client();
  const say = (line: string) => process.stdout.write(`${line}\n`);
  try {
    say(`${(await admin.info('server')).match(/redis_version:\S+/)?.[0]}, ${rows} rows each`);
    const measured: readonly [string, (row: number) => Promise<unknown>][] = [
      ['account, one message in 4 windows', (row) => send(store, `customer-${row}`, row, noFlood)],
      ['account, standing changed', (row) => changeStanding(store, row)],
      ['recipient, flood windows after one message', (row) => send(store, 'acme', row, flood)],
      ['suppression', (row) => suppress(store, row)],
      ['rejection streak', (row) => reject(store, row)],
      [`decision of ${DECISION_OCTETS} octets`, (row) => decide(store, row, now)],
    ];
    for (const [what, write] of measured) {
      const { bytes, cpuMicros } = await measure(admin, rows, write);
      say(`${what}: ${Math.round(bytes)} bytes, ${cpuMicros.toFixed(1)} us of Redis CPU`);
    }
    await admin.flushall();
    for (let turn = 0; turn < 24 * 64; turn += 1) {
      await send(store, 'busy', turn, noFlood);
      now += HOUR / 64;
    }
    say(`busy account, all slots of 4 windows in use: ${await admin.memory('USAGE', 'sluice:w:{a:busy}')} bytes`);
  } finally {
    await store.close();
    for (const clean of cleanups.reverse()) await clean();
  }
}

/** Writes rows into an empty Redis; gives the memory and CPU of one. */
async function measure(
  admin: Redis,
  rows: number,
  write: (row: number) => Promise<unknown>,
): Promise<{ readonly bytes: number; readonly cpuMicros: number }> {
  await admin.flushall();
  const before = await readings(admin);
  for (let row = 0; row < rows; row += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, rows - row) }, (_, index) => write(row + index)));
  }
  const after = await readings(admin);
  return { bytes: (after.memory - before.memory) / rows, cpuMicros: (after.cpuMicros - before.cpuMicros) / rows };
}

async function readings(admin: Redis): Promise<{ readonly memory: number; readonly cpuMicros: number }> {
  const info = `${await admin.info('memory')}${await admin.info('cpu')}`;
  const read = (name: string) => Number(info.match(new RegExp(`^${name}:(.*)$`, 'm'))?.[1]);
  return { memory: read('used_memory'), cpuMicros: 1e6 * (read('used_cpu_user') + read('used_cpu_sys')) };
}

async function send(store: Store, account: string, row: number, floodLimits: CommitRequest['floodLimits']) {
  const lease = { transaction: `transaction-${row}`, account };
  const key = `recipient-${row}@example.net`;
  await store.reserve({
    lease,
    accountLimits,
    amounts: { messages: 1, bytes: 4000 },
    floodLimits,
    recipients: [{ key, domain: 'example.net', untaggedKey: null, resource: 'recipients' }],
    unheld: {},
    ahead: 0,
    facts,
  });
  const amounts = { messages: 1, recipients: 1, bytes: 4321 };
  await store.commit({ lease, accountLimits, amounts, floodLimits, recipients: [key], unmailed: [] });
}

function changeStanding(store: Store, row: number) {
  const change = { standing: 'warned', reason: 'bounces', by: 'ann', until: null } as const;
  return store.changeStanding({ ...change, account: `customer-${row}` });
}

function suppress(store: Store, row: number) {
  const key = `recipient-${row}@example.net`;
  return store.suppress([{ key, account: null, reason: 'bounced', at: null, by: 'import', note: '', expiresAt: null }]);
}

function reject(store: Store, row: number) {
  const status = '550 5.1.1 <recipient@example.net>: Recipient address rejected: User unknown';
  const key = `recipient-${row}@example.net`;
  return store.recordOutcome(
    { account: 'acme', key, message: `transaction-${row}`, kind: 'rejected', status, at: null },
    { scope: 'account', presumeDeliveredAfterMs: 7 * DAY, keepMs: 90 * DAY },
  );
}

function decide(store: Store, row: number, at: number) {
  const body = 'x'.repeat(DECISION_OCTETS);
  const decision = { id: `transaction-${row}`, at, account: 'acme', verdict: 'pass', rules: [], body } as const;
  return store.appendDecisions([decision], { maxAgeMs: DAY, maxCount: 1e9 });
}

await main(Number(process.argv[2] ?? 100_000));

/**
 * What a million outcomes cost: time to tell them, to tell them all once more, and
 * to look recipients up afterwards; memory of the process and size of the store.
 *
 *     node --import tsx bench/outcomes.ts embedded|redis [outcomes]
 *
 * The numbers in docs/feedback.md are its output. Of every 100 messages, each to an
 * address of its own, 90 are delivered, 9 rejected and 1 complained about.
 */

import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { OutcomeReport, ReportPolicy, Store } from '../src/store/contract.js';
import { openEmbeddedStore } from '../src/store/embedded/embedded-store.js';
import { openRedisStore } from '../src/store/redis/redis-store.js';
import { startRedis } from '../test/support/redis.js';

const MINUTE = 60_000;
const DAY = 1440 * MINUTE;
/** As many as the follower of a log has under way. */
const AT_ONCE = 64;
const ACCOUNTS = 1000;
const LOOKED_UP = 20_000;

const policy: ReportPolicy = {
  scope: 'account',
  presumeDeliveredAfterMs: 7 * DAY,
  keepMs: 90 * DAY,
  complaints: 'account',
  revocations: 'account',
  reportWindowMs: 14 * DAY,
  keptOutcomes: 100_000,
};

interface Opened {
  readonly store: Store;
  /** What it takes, in words. */
  size(): Promise<string>;
}

const cleanups: (() => unknown)[] = [];
const times = { reservationTtlMs: 10 * MINUTE, sessionTtlMs: 3 * MINUTE, callTimeoutMs: 60_000 };

async function openEmbedded(): Promise<Opened> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-outcomes-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const store = await openEmbeddedStore({ path: join(folder, 'store.db'), times });
  const size = async () => {
    const sizes = await Promise.all((await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size));
    return `${megabytes(sizes.reduce((sum, one) => sum + one, 0))} on disk`;
  };
  return { store, size };
}

async function openRedis(): Promise<Opened> {
  const redis = await startRedis({ teardown: (clean) => cleanups.push(clean) }, { unixSocket: true });
  if (redis.socketPath === null) throw new Error('no unix socket');
  const admin = redis.client();
  const store = await openRedisStore({ connection: { socketPath: redis.socketPath }, times });
  const size = async () => {
    const info = `${await admin.info('memory')}${await admin.info('cpu')}`;
    const read = (name: string) => Number(info.match(new RegExp(`^${name}:(.*)$`, 'm'))?.[1]);
    const cpu = read('used_cpu_user') + read('used_cpu_sys');
    return `${megabytes(read('used_memory'))} in Redis, ${cpu.toFixed(0)} s of its CPU so far`;
  };
  return { store, size };
}

function reportOf(number: number): OutcomeReport {
  const kind = number % 100 === 0 ? 'complained' : number % 100 < 10 ? 'rejected' : 'delivered';
  return {
    source: kind === 'complained' ? 'complaint' : 'relay-log',
    kind,
    recipients: [`recipient-${number}@example.net`],
    message: { id: null, queueIds: [`Q${number}`], envid: null, messageId: null },
    vouched: null,
    fault: kind === 'rejected' ? 'recipient' : 'none',
    reason: kind === 'rejected' ? 'unknown' : 'none',
    status: kind === 'rejected' ? '550 5.1.1 User unknown' : '250 2.0.0 Ok',
    at: null,
    ifUnmatched: 'list',
  };
}

function remember(store: Store, number: number): Promise<void> {
  const message = {
    id: `transaction-${number}`,
    account: `customer-${number % ACCOUNTS}`,
    reversePath: 'news@acme.example',
    queueId: `Q${number}`,
    messageId: `<${number}@acme.example>`,
    envid: null,
    recipients: [`recipient-${number}@example.net`],
  };
  return store.rememberPassed(message, policy.reportWindowMs);
}

function lookUp(store: Store, number: number): Promise<unknown> {
  const key = `recipient-${number}@example.net`;
  return store.look({
    account: `customer-${number % ACCOUNTS}`,
    accountLimits: [],
    floodLimits: { account: [], everyone: [] },
    recipients: [{ key, domain: 'example.net', untaggedKey: null, resource: 'recipients' }],
    facts: { suppression: true, revocation: true, rejections: true },
  });
}

async function measured(what: string, count: number, work: (number: number) => Promise<unknown>): Promise<void> {
  const [began, cpu] = [performance.now(), process.cpuUsage()];
  for (let from = 0; from < count; from += AT_ONCE) {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - from) }, (_, index) => work(from + index)));
  }
  const seconds = (performance.now() - began) / 1000;
  const { user, system } = process.cpuUsage(cpu);
  const rss = megabytes(process.memoryUsage.rss());
  say(`${what}: ${seconds.toFixed(0)} s, ${((user + system) / 1e6).toFixed(0)} s of CPU, process ${rss}`);
}

const megabytes = (octets: number) => `${Math.round(octets / 1024 / 1024)} MiB`;
const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(kind: string, outcomes: number): Promise<void> {
  const { store, size } = kind === 'redis' ? await openRedis() : await openEmbedded();
  const results = { counted: 0, known: 0, unmatched: 0 };
  const tell = async (number: number) => {
    results[(await store.report(reportOf(number), () => policy)).result] += 1;
  };
  try {
    say(`${kind}, ${outcomes} messages and outcomes, process ${megabytes(process.memoryUsage.rss())} at the start`);
    await measured('messages remembered', outcomes, (number) => remember(store, number));
    say(await size());
    await measured('outcomes told', outcomes, tell);
    say(`${JSON.stringify(results)}, ${await size()}`);
    await measured('all told once more', outcomes, tell);
    say(`${JSON.stringify(results)}, ${await size()}`);
    const step = Math.floor(outcomes / LOOKED_UP) || 1;
    await measured(`${LOOKED_UP} recipients looked up`, LOOKED_UP, (number) =>
      lookUp(store, (number * step) % outcomes),
    );
  } finally {
    await store.close();
    for (const clean of cleanups.reverse()) await clean();
  }
}

await main(process.argv[2] ?? 'embedded', Number(process.argv[3] ?? 1_000_000));

/** One fault run: starts everything, breaks it while clients send, makes it whole, and compares the books. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { ConfigInput } from '../../src/config/schema.js';
import type { Store, WindowLimit } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { type Cleanup, type RedisServer, startRedis, until } from '../support/redis.js';
import type { ClientEntry, CutEntry, DecisionEntry, FaultEntry } from './books.js';
import { ChaosProxy } from './chaos-proxy.js';
import { diskFaults, redisFaults, relayFaults, sluiceFaults } from './faults.js';
import { FaultyClient, type Wait } from './faulty-client.js';
import { runLane } from './injector.js';
import { type Account, balance, mostWithin, type TightLimit } from './limits.js';
import { attemptOf, INSPECT_WINDOW, SUPPRESSED_DOMAIN } from './messages.js';
import { randomOf } from './random.js';
import { type Findings, reconcile } from './reconcile.js';
import { RelayProcess } from './relay-process.js';
import { type Footprint, SluiceProcess } from './sluice-process.js';

export interface RunSettings {
  readonly seed: number;
  readonly store: 'redis' | 'embedded';
  readonly messages: number;
  /** No new message after this, however few were sent. */
  readonly forMs: number;
  readonly instances: number;
  readonly workers: number;
  readonly clients: number;
  /** Longest time of peace between two faults of a lane, ms. */
  readonly peaceMs: number;
  /** So many times fewer faults in what each connection, command and client does by itself: more messages a second. */
  readonly calm: number;
  readonly progress: (line: string) => void;
}

export interface RunReport {
  readonly settings: RunSettings;
  readonly sent: number;
  readonly settled: number;
  readonly seconds: number;
  readonly faults: Readonly<Record<string, number>>;
  readonly findings: Findings;
  readonly overLimit: readonly string[];
  readonly accounts: readonly Account[];
  /** Longest wait for a reply, and those beyond the limit. */
  readonly longestWaitMs: number;
  readonly longestWaitFor: string;
  readonly hangs: readonly string[];
  /** Connections that were on their way to a worker when it was killed, and stay open in the primary. */
  readonly ungreeted: number;
  readonly footprints: readonly Footprint[];
  readonly logLines: Readonly<Record<string, number>>;
  /** Everything that must not be, in words: empty when all is well. */
  readonly broken: readonly string[];
}

/** Of the tight accounts: hit all the time. */
const TIGHT: readonly TightLimit[] = [
  { resource: 'recipients', count: 40, perMs: 5_000 },
  { resource: 'messages', count: 18, perMs: 3_000 },
  // So many that at first nothing of it is held, and so few that it is reached.
  { resource: 'recipients', count: 100, perMs: 20_000 },
];
const ENDLESS = '1000000000/30d';
const ENDLESS_MS = 30 * 24 * 3_600_000;
const LEASE_MS = 10_000;
/** store calls, a connection from the pool and MAIL, twice if the first was stale; the other replies take less. */
const REPLY_WITHIN_MS = 20_000;
const SETTLE_WITHIN_MS = 90_000;
/** Of one process that has nothing to do: its own files, the store, the log, and no sockets of clients or relay. */
const IDLE_DESCRIPTORS = 60;
const IDLE_RESIDENT = 300 * 1024 * 1024;

export async function runFaults(t: Cleanup, settings: RunSettings): Promise<RunReport> {
  const directory = await mkdtemp(join(tmpdir(), 'sluice-faults-'));
  t.teardown(() => rm(directory, { recursive: true, force: true }));
  const run = new Run(directory, settings);
  t.teardown(() => run.end());
  return run.report(t);
}

class Run {
  readonly #client: ClientEntry[] = [];
  readonly #faults: FaultEntry[] = [];
  readonly #waits: Wait[] = [];
  readonly #overLimit: string[] = [];
  readonly #broken: string[] = [];
  readonly #relay: RelayProcess;
  readonly #relayProxy: ChaosProxy;
  readonly #instances: SluiceProcess[] = [];
  readonly #proxies: { readonly proxy: ChaosProxy; readonly account: string; readonly instance: SluiceProcess }[] = [];
  readonly #accounts: readonly string[];
  #longestWaitMs = 0;
  #longestWaitFor = '';
  #calmSince = Number.POSITIVE_INFINITY;
  #next = 0;
  #began = 0;
  #redis: RedisServer | null = null;
  #store: Store | null = null;

  constructor(
    private readonly directory: string,
    private readonly settings: RunSettings,
  ) {
    this.#relay = new RelayProcess({
      seed: settings.seed,
      calm: settings.calm,
      bookPath: join(directory, 'relay.jsonl'),
    });
    this.#relayProxy = new ChaosProxy({
      seed: settings.seed,
      leg: 'relay',
      cuts: 0.3 / settings.calm,
      delays: 0.04 / settings.calm,
      target: () => (this.#relay.port === null ? null : { port: this.#relay.port }),
    });
    this.#accounts = ['loose-1', 'loose-2', 'tight-1', 'tight-2'];
  }

  async report(t: Cleanup): Promise<RunReport> {
    await this.#start(t);
    this.#began = Date.now();
    const stop = new AbortController();
    const lanes = this.#lanes().map((lane) => runLane(lane, stop.signal));
    const sampling = this.#sampleUsage(stop.signal);
    const giveUp = new AbortController();
    const clients = this.#clients(giveUp.signal);
    const sending = Promise.all(clients.map((client) => client.run()));
    await Promise.race([sending, this.#untilSent(sending)]);
    stop.abort();
    await Promise.all([...lanes, sampling]);
    await this.#behave();
    const late = setTimeout(() => giveUp.abort(), SETTLE_WITHIN_MS);
    await sending;
    clearTimeout(late);
    if (giveUp.signal.aborted) this.#broken.push(`not settled within ${SETTLE_WITHIN_MS / 1000} s of peace`);
    this.settings.progress('settled; waiting for leases to run out');
    await pauseFor(LEASE_MS + 1_500);
    return this.#compare(clients.reduce((sum, client) => sum + client.settled.length, 0));
  }

  async end(): Promise<void> {
    for (const instance of this.#instances) await instance.kill('all', 10_000);
    await this.#store?.close();
    await this.#relay.kill();
    for (const { proxy } of this.#proxies) await proxy.close();
    await this.#relayProxy.close();
  }

  // ------------------------------------------------------------ start

  async #start(t: Cleanup): Promise<void> {
    await this.#relayProxy.listen();
    if (this.settings.store === 'redis') this.#redis = await startRedis(t, { args: DURABLE });
    await this.#relay.start();
    const times = { reservationTtlMs: LEASE_MS, sessionTtlMs: LEASE_MS, callTimeoutMs: 2_000 };
    this.#store =
      this.#redis === null
        ? await openEmbeddedStore({ path: join(this.directory, 'sluice.db'), times })
        : await openRedisStore({
            connection: { url: this.#redis.url },
            keyPrefix: 'sluice:',
            times,
            onConnectionError: () => undefined,
          });
    const at = { key: `@${SUPPRESSED_DOMAIN}`, account: null, at: null, expiresAt: null };
    await this.#store.suppress([{ ...at, reason: 'manual', by: 'soak', note: '' }]);
    for (let number = 1; number <= this.settings.instances; number += 1) {
      const instance = new SluiceProcess(`sluice-${number}`, this.directory, this.#config());
      this.#instances.push(instance);
      await instance.start();
      for (const account of this.#accounts) await this.#openProxy(account, instance);
    }
  }

  async #openProxy(account: string, instance: SluiceProcess): Promise<void> {
    const proxy = new ChaosProxy({
      seed: randomOf(this.settings.seed, account, instance.name).whole(0, 2 ** 31),
      leg: 'client',
      cuts: 0.12 / this.settings.calm,
      delays: 0.04 / this.settings.calm,
      target: () =>
        instance.port === null ? null : { port: instance.port, localAddress: addressOf(this.#accounts, account) },
    });
    await proxy.listen();
    this.#proxies.push({ proxy, account, instance });
  }

  #config(): ConfigInput {
    const endless = {
      'volume.recipients': { limits: [ENDLESS] },
      'volume.messages': { limits: [ENDLESS] },
      'volume.bytes': { limits: ['1000000GiB/30d'] },
    };
    const tightOf = (resource: TightLimit['resource']) => ({
      limits: [...TIGHT.filter((limit) => limit.resource === resource).map(rateOf), ENDLESS],
    });
    return {
      listen: [{ name: 'soak', address: '127.0.0.1:0' }],
      http: { address: '127.0.0.1:0' },
      hostname: 'sluice.example',
      workers: this.settings.workers,
      shutdownTimeout: '5s',
      relay: {
        hosts: [`127.0.0.1:${this.#relayProxy.port}`],
        tls: { mode: 'off' },
        pool: { limit: 30, acquireTimeout: '3s', idleTimeout: '5s' },
        timeouts: { connect: '2s', greeting: '3s', command: '4s', data: '4s', block: '4s', finalDot: '5s' },
        retry: { first: '200ms', longest: '1s' },
      },
      store: {
        ...(this.#redis === null
          ? { embedded: { path: join(this.directory, 'sluice.db') } }
          : { redis: { url: this.#redis.url } }),
        reservationTtl: `${LEASE_MS}ms`,
        sessionTtl: `${LEASE_MS}ms`,
      },
      smtp: { inspectWindow: `${INSPECT_WINDOW}B`, timeouts: { command: '15s' } },
      accounts: {
        unknown: 'refuse',
        identify: [
          { address: Object.fromEntries(this.#accounts.map((name) => [addressOf(this.#accounts, name), name])) },
        ],
        list: { 'tight-1': { plan: 'tight' }, 'tight-2': { plan: 'tight' } },
      },
      plans: {
        tight: { rules: { 'volume.recipients': tightOf('recipients'), 'volume.messages': tightOf('messages') } },
      },
      rules: { ...endless, 'volume.connections': { clientRates: ['1000000/1m'] } },
      decisions: { max: 100_000_000 },
    };
  }

  #clients(aborted: AbortSignal): FaultyClient[] {
    return Array.from({ length: this.settings.clients }, (_, index) => {
      // A quarter of the clients share the tight accounts.
      const account = index % 8 === 6 ? 'tight-1' : index % 8 === 7 ? 'tight-2' : `loose-${1 + (index % 2)}`;
      const random = randomOf(this.settings.seed, 'target', index);
      return new FaultyClient({
        seed: this.settings.seed,
        calm: this.settings.calm,
        account,
        name: `client-${index}`,
        next: () => this.#nextMessage(),
        target: () => {
          const mine = this.#proxies.filter((each) => each.account === account && each.instance.port !== null);
          if (mine.length === 0) return null;
          const { proxy, instance } = random.pick(mine);
          return { port: proxy.port, instance: instance.name };
        },
        wrote: (entry) => this.#client.push(entry),
        waited: (wait) => this.#waited(wait),
        faulty: () => this.#calmSince === Number.POSITIVE_INFINITY,
        aborted,
      });
    });
  }

  #nextMessage(): number | null {
    const over = this.#next >= this.settings.messages || Date.now() - this.#began > this.settings.forMs;
    if (over) return null;
    this.#next += 1;
    return this.#next;
  }

  #lanes() {
    const { seed, peaceMs } = this.settings;
    const wrote = (entry: FaultEntry) => this.#faults.push(entry);
    const store = this.#redis === null ? diskFaults(this.#instances) : redisFaults(this.#redis);
    const proxies = this.#proxies.map(({ proxy }) => proxy);
    return [
      { seed, name: 'relay', peaceMs, wrote, faults: relayFaults(this.#relay, this.#relayProxy) },
      { seed, name: 'store', peaceMs: peaceMs * 1.5, wrote, faults: store },
      { seed, name: 'sluice', peaceMs, wrote, faults: sluiceFaults(this.#instances, proxies) },
    ];
  }

  // ------------------------------------------------------------ under way

  async #untilSent(sending: Promise<unknown>): Promise<void> {
    let over = false;
    void sending.then(() => {
      over = true;
    });
    let told = Date.now();
    while (!over && this.#next < this.settings.messages && Date.now() - this.#began <= this.settings.forMs) {
      await pauseFor(100);
      if (Date.now() - told < 10_000) continue;
      told = Date.now();
      const seconds = Math.round((told - this.#began) / 1000);
      this.settings.progress(`${seconds} s: ${this.#next} messages begun, ${this.#faults.length} faults`);
    }
  }

  /** All of it is whole again and stays so. */
  async #behave(): Promise<void> {
    this.#relay.behave();
    this.#relayProxy.behave();
    for (const { proxy } of this.#proxies) proxy.behave();
    this.#calmSince = Date.now();
    this.settings.progress('no more faults; the clients finish');
  }

  #waited(wait: Wait): void {
    const took = wait.to - wait.from;
    if (took > this.#longestWaitMs) {
      this.#longestWaitMs = took;
      this.#longestWaitFor = `${wait.for} of ${wait.key}, at ${new Date(wait.from).toISOString()}`;
    }
    if (took > REPLY_WITHIN_MS) this.#waits.push(wait);
  }

  /**
   * Waits beyond the limit that no pause of a part accounts for. A connection
   * that node:cluster was handing to a worker when that was killed is nobody's
   * then (docs/soak.md): counted apart.
   */
  #hangs(): { readonly hangs: string[]; readonly ungreeted: number } {
    const late = this.#waits.filter((wait) => wait.to - wait.from - this.#pausedDuring(wait) > REPLY_WITHIN_MS);
    const [orphans, hangs] = [
      late.filter((wait) => this.#isOrphan(wait)),
      late.filter((wait) => !this.#isOrphan(wait)),
    ];
    const described = hangs.map((wait) => `${wait.key} waited ${wait.to - wait.from} ms for ${wait.for}`);
    return { hangs: described, ungreeted: orphans.length };
  }

  #pausedDuring(wait: Wait): number {
    return this.#faults
      .filter(({ kind }) => /paused|killed|stopped/.test(kind))
      .reduce((sum, { from, to }) => sum + Math.max(0, Math.min(to, wait.to) - Math.max(from, wait.from)), 0);
  }

  #isOrphan(wait: Wait): boolean {
    return (
      wait.for === 'greeting' &&
      this.#faults.some(({ kind, from }) => kind === 'worker killed' && Math.abs(from - wait.from) < 2_500)
    );
  }

  /** Looks at the tight accounts all the time: the store itself must never say that more was used than is allowed. */
  async #sampleUsage(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      for (const account of ['tight-1', 'tight-2']) await this.#sample(account);
      await pauseFor(200);
    }
  }

  async #sample(account: string): Promise<void> {
    try {
      const usage = await this.#usage(
        account,
        TIGHT.map((limit) => windowOf(limit.resource, limit.count, limit.perMs)),
      );
      for (const { limit, used } of usage) {
        if (used > limit.count) {
          this.#overLimit.push(
            `${account}: the store counts ${used} ${limit.resource} where ${limit.count} are allowed`,
          );
        }
      }
    } catch {
      // The store is away just now.
    }
  }

  #usage(account: string, limits: readonly WindowLimit[]) {
    if (this.#store === null) throw new Error('no store');
    return this.#store.usage(account, limits);
  }

  // ------------------------------------------------------------ afterwards

  async #compare(settled: number): Promise<RunReport> {
    const sent = this.#next;
    if (settled < sent) this.#broken.push(`${sent - settled} messages are not settled`);
    const relay = [];
    for await (const entry of this.#relay.entries()) relay.push(entry);
    await this.#idle();
    const footprints = this.#instances.flatMap((instance) => instance.footprints());
    const decisions = await this.#decisions();
    await this.#holds();
    const charged = await this.#charged();
    for (const instance of this.#instances) await instance.stop(15_000);
    const logged = new Map(this.#instances.flatMap((instance) => [...instance.endings]));
    const cuts: CutEntry[] = [this.#relayProxy, ...this.#proxies.map(({ proxy }) => proxy)].flatMap(({ cuts }) => cuts);
    const behind = this.#instances.flatMap((instance) => instance.behind);
    const findings = reconcile({ client: this.#client, relay, decisions, logged, faults: this.#faults, cuts, behind });
    const endings = new Map([...logged, ...decisions.map(({ key, ending }) => [key, ending] as const)]);
    const counted = { client: this.#client, relay, endings, faults: this.#faults };
    const accounts = charged.map(({ account, resource, used }) => balance(account, resource, used, counted));
    for (const account of ['tight-1', 'tight-2']) {
      const mine = this.#client.filter((entry) => entry.account === account);
      for (const limit of TIGHT) {
        const most = mostWithin(limit, mine, relay);
        if (most > limit.count)
          this.#overLimit.push(`${account}: the relay took ${most} ${limit.resource} within ${limit.perMs} ms`);
      }
    }
    return this.#finish({ sent, settled, findings, accounts, footprints });
  }

  #finish(known: Pick<RunReport, 'sent' | 'settled' | 'findings' | 'accounts' | 'footprints'>): RunReport {
    const { hangs, ungreeted } = this.#hangs();
    const silent = this.#client.filter(
      (entry) => entry.heard === null && entry.startedAt > this.#calmSince + 10_000,
    ).length;
    const broken = [
      ...this.#broken,
      ...this.#instances.flatMap(({ complaints }) => complaints),
      ...[...known.findings.broken].map(([kind, each]) => `${each.length} × ${kind}: ${each.slice(0, 3).join(' | ')}`),
      ...this.#overLimit.slice(0, 10),
      ...known.accounts.flatMap((each) =>
        each.problem === null
          ? []
          : [
              `counters of ${each.account}: ${each.problem} (charged ${each.charged}, at the relay ${each.atRelay}, unknown ${each.unknown}, perhaps ${each.perhaps})`,
            ],
      ),
      ...hangs.slice(0, 10),
      ...(silent > 0 ? [`${silent} connections broke in peace`] : []),
    ];
    return {
      settings: this.settings,
      ...known,
      seconds: Math.round((Date.now() - this.#began) / 1000),
      faults: this.#faultCounts(),
      overLimit: this.#overLimit,
      longestWaitMs: this.#longestWaitMs,
      longestWaitFor: this.#longestWaitFor,
      hangs,
      ungreeted,
      logLines: this.#logLines(),
      broken,
    };
  }

  /** With nothing to do, nothing is left over: no sessions, no waiting, no sockets; every worker is there. */
  async #idle(): Promise<void> {
    for (const instance of this.#instances) {
      await until(
        `${instance.name} is ready`,
        async () => ((await instance.get('/readyz')).status === 200 ? true : null),
        10_000,
      ).catch((error: unknown) => this.#broken.push(String(error)));
      const { body } = await instance.get('/metrics');
      const sessions = metric(body, 'sluice_sessions');
      const waiting = metric(body, 'sluice_relay_pool', 'state="waiting"');
      const open = metric(body, 'sluice_relay_pool', 'state="open"');
      if (sessions !== 0) this.#broken.push(`${instance.name} counts ${sessions} sessions, and there are none`);
      if (waiting !== 0 || open > 0)
        this.#broken.push(`${instance.name}: ${open} relay connections, ${waiting} waiting, long after the last mail`);
      const timers = metric(body, 'nodejs_active_resources', 'type="Timeout"');
      if (timers > 20 * (this.settings.workers + 1))
        this.#broken.push(`${instance.name} has ${timers} timers when idle`);
      const dropped = metric(body, 'sluice_decisions_dropped_total');
      if (dropped > 0) this.#broken.push(`${instance.name} dropped ${dropped} decisions`);
      const workers = instance.workers.length;
      if (workers !== this.settings.workers) this.#broken.push(`${instance.name} has ${workers} workers`);
      for (const { pid, descriptors, residentOctets } of instance.footprints()) {
        if (descriptors > IDLE_DESCRIPTORS)
          this.#broken.push(`process ${pid} of ${instance.name} has ${descriptors} descriptors when idle`);
        if (residentOctets > IDLE_RESIDENT)
          this.#broken.push(`process ${pid} of ${instance.name} has ${residentOctets} octets resident when idle`);
      }
    }
  }

  async #decisions(): Promise<DecisionEntry[]> {
    const entries: DecisionEntry[] = [];
    let cursor: string | undefined;
    do {
      const page: Awaited<ReturnType<Store['decisions']>> | undefined = await this.#store?.decisions({
        limit: 500,
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const { id, body } of page?.items ?? []) {
        const decision = JSON.parse(body);
        const key = attemptOf(String(decision.reversePath));
        if (key === null) continue;
        entries.push({ key, id, ending: decision.ending });
      }
      cursor = page?.next ?? undefined;
    } while (cursor !== undefined);
    return entries;
  }

  /** Leases have run out: nothing may be held any more. A window that nobody ever charged counts holds only. */
  async #holds(): Promise<void> {
    for (const account of this.#accounts) {
      const limits = (['recipients', 'messages', 'bytes'] as const).map((resource) => windowOf(resource, 1, 7_654_321));
      for (const { limit, used } of await this.#usage(account, limits)) {
        if (used !== 0) this.#broken.push(`${account} still holds ${used} ${limit.resource} after its leases ran out`);
      }
    }
  }

  async #charged(): Promise<{ account: string; resource: TightLimit['resource']; used: number }[]> {
    const all = [];
    for (const account of this.#accounts) {
      for (const resource of ['recipients', 'messages'] as const) {
        const [usage] = await this.#usage(account, [windowOf(resource, 1_000_000_000, ENDLESS_MS)]);
        all.push({ account, resource, used: usage?.used ?? -1 });
      }
    }
    return all;
  }

  #faultCounts(): Record<string, number> {
    const counts: Record<string, number> = {};
    const add = (kind: string, count: number) => {
      counts[kind] = (counts[kind] ?? 0) + count;
    };
    for (const { kind } of this.#faults) add(kind, 1);
    for (const proxy of [this.#relayProxy, ...this.#proxies.map((each) => each.proxy)]) {
      for (const [kind, count] of Object.entries(proxy.counts)) add(kind, count);
    }
    for (const [kind, count] of Object.entries(this.#relay.faults)) add(kind, count);
    add('client left', this.#client.filter(({ dropped }) => dropped).length);
    return counts;
  }

  #logLines(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { lines } of this.#instances) {
      for (const [line, count] of lines) counts[line] = (counts[line] ?? 0) + count;
    }
    return counts;
  }
}

/** What a killed Redis had answered is there when it comes back. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--no-appendfsync-on-rewrite', 'no'];

/** Each account has a loopback address of its own. */
function addressOf(accounts: readonly string[], account: string): string {
  return `127.0.1.${1 + accounts.indexOf(account)}`;
}

function rateOf({ count, perMs }: TightLimit): string {
  return `${count}/${perMs}ms`;
}

function windowOf(resource: WindowLimit['resource'], count: number, perMs: number): WindowLimit {
  return { rule: `volume.${resource}`, resource, perMs, count, enforced: true };
}

/** The sum of a metric's samples whose labels have this in them. */
function metric(body: string, name: string, label = ''): number {
  return body
    .split('\n')
    .filter((line) => (line.startsWith(`${name}{`) || line.startsWith(`${name} `)) && line.includes(label))
    .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
}

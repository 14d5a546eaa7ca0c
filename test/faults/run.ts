/** One fault run: starts everything, breaks it while clients send, makes it whole, and compares the books. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { openRedisStore } from '../../src/store/redis/redis-store.js';
import { type Cleanup, type RedisServer, startRedis } from '../support/redis.js';
import type { ClientEntry, CutEntry, DecisionEntry, FaultEntry, RelayEntry } from './books.js';
import { ChaosProxy } from './chaos-proxy.js';
import { diskFaults, redisFaults, relayFaults, sluiceFaults } from './faults.js';
import { FaultyClient, type Wait } from './faulty-client.js';
import { leftOver } from './idle.js';
import { runLane } from './injector.js';
import { type Account, balance, mostWithin } from './limits.js';
import { attemptOf, SUPPRESSED_DOMAIN } from './messages.js';
import { randomOf } from './random.js';
import { type Findings, reconcile } from './reconcile.js';
import { RelayProcess } from './relay-process.js';
import { configOf, LEASE_MS } from './run-config.js';
import { SENDERS, type Sender, senderOf } from './senders.js';
import { type Footprint, SluiceProcess } from './sluice-process.js';
import { charged, leftHeld, watchLimits } from './usage.js';

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

/** store calls, a connection from the pool and MAIL, twice if the first was stale; the other replies take less. */
const REPLY_WITHIN_MS = 20_000;
const SETTLE_WITHIN_MS = 90_000;

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
  readonly #broken: string[] = [];
  readonly #relay: RelayProcess;
  readonly #relayProxy: ChaosProxy;
  readonly #instances: SluiceProcess[] = [];
  readonly #proxies: { readonly proxy: ChaosProxy; readonly sender: Sender; readonly instance: SluiceProcess }[] = [];
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
  }

  async report(t: Cleanup): Promise<RunReport> {
    const store = await this.#start(t);
    this.#began = Date.now();
    const stop = new AbortController();
    const lanes = this.#lanes().map((lane) => runLane(lane, stop.signal));
    const watching = watchLimits(store, stop.signal);
    const giveUp = new AbortController();
    const clients = this.#clients(giveUp.signal);
    const sending = Promise.all(clients.map((client) => client.run()));
    await Promise.race([sending, this.#untilSent(sending)]);
    stop.abort();
    await Promise.all(lanes);
    const overLimit = await watching;
    await this.#behave();
    const late = setTimeout(() => giveUp.abort(), SETTLE_WITHIN_MS);
    await sending;
    clearTimeout(late);
    if (giveUp.signal.aborted) this.#broken.push(`not settled within ${SETTLE_WITHIN_MS / 1000} s of peace`);
    this.settings.progress('settled; waiting for leases to run out');
    await pauseFor(LEASE_MS + 1_500);
    const settled = clients.reduce((sum, client) => sum + client.settled.length, 0);
    return this.#compare(store, settled, overLimit);
  }

  get #storePath(): string {
    return join(this.directory, 'sluice.db');
  }

  async end(): Promise<void> {
    for (const instance of this.#instances) await instance.kill('all', 10_000);
    await this.#store?.close();
    await this.#relay.kill();
    for (const { proxy } of this.#proxies) await proxy.close();
    await this.#relayProxy.close();
  }

  // ------------------------------------------------------------ start

  async #start(t: Cleanup): Promise<Store> {
    await this.#relayProxy.listen();
    if (this.settings.store === 'redis') this.#redis = await startRedis(t, { args: DURABLE });
    await this.#relay.start();
    const times = { reservationTtlMs: LEASE_MS, sessionTtlMs: LEASE_MS, callTimeoutMs: 2_000 };
    const store =
      this.#redis === null
        ? await openEmbeddedStore({ path: this.#storePath, times })
        : await openRedisStore({
            connection: { url: this.#redis.url },
            keyPrefix: 'sluice:',
            times,
            onConnectionError: () => undefined,
          });
    const at = { key: `@${SUPPRESSED_DOMAIN}`, account: null, at: null, expiresAt: null };
    this.#store = store;
    await store.suppress([{ ...at, reason: 'manual', by: 'soak', note: '' }]);
    const config = configOf({
      relayPort: this.#relayProxy.port,
      store: this.#redis === null ? { path: this.#storePath } : { redisUrl: this.#redis.url },
      workers: this.settings.workers,
    });
    for (let number = 1; number <= this.settings.instances; number += 1) {
      const instance = new SluiceProcess(`sluice-${number}`, this.directory, config);
      this.#instances.push(instance);
      await instance.start();
      for (const sender of SENDERS) await this.#openProxy(sender, instance);
    }
    return store;
  }

  async #openProxy(sender: Sender, instance: SluiceProcess): Promise<void> {
    const proxy = new ChaosProxy({
      seed: randomOf(this.settings.seed, sender.account, instance.name).whole(0, 2 ** 31),
      leg: 'client',
      cuts: 0.12 / this.settings.calm,
      delays: 0.04 / this.settings.calm,
      target: () => (instance.port === null ? null : { port: instance.port, localAddress: sender.address }),
    });
    await proxy.listen();
    this.#proxies.push({ proxy, sender, instance });
  }

  #clients(aborted: AbortSignal): FaultyClient[] {
    return Array.from({ length: this.settings.clients }, (_, index) => {
      const sender = senderOf(index);
      const random = randomOf(this.settings.seed, 'target', index);
      return new FaultyClient({
        seed: this.settings.seed,
        calm: this.settings.calm,
        sender,
        name: `client-${index}`,
        next: () => this.#nextMessage(),
        target: () => {
          const mine = this.#proxies.filter((each) => each.sender === sender && each.instance.port !== null);
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

  // ------------------------------------------------------------ afterwards

  async #compare(store: Store, settled: number, counted: readonly string[]): Promise<RunReport> {
    const sent = this.#next;
    if (settled < sent) this.#broken.push(`${sent - settled} messages are not settled`);
    const relay: RelayEntry[] = [];
    for await (const entry of this.#relay.entries()) relay.push(entry);
    for (const instance of this.#instances) this.#broken.push(...(await leftOver(instance, this.settings.workers)));
    const footprints = this.#instances.flatMap((instance) => instance.footprints());
    const decisions = await decisionsOf(store);
    this.#broken.push(...(await leftHeld(store)));
    const books = await charged(store);
    for (const instance of this.#instances) await instance.stop(15_000);
    const logged = new Map(this.#instances.flatMap((instance) => [...instance.endings]));
    const cuts: CutEntry[] = [this.#relayProxy, ...this.#proxies.map(({ proxy }) => proxy)].flatMap(({ cuts }) => cuts);
    const behind = this.#instances.flatMap((instance) => instance.behind);
    const findings = reconcile({ client: this.#client, relay, decisions, logged, faults: this.#faults, cuts, behind });
    const endings = new Map([...logged, ...decisions.map(({ key, ending }) => [key, ending] as const)]);
    const counting = { client: this.#client, relay, endings, faults: this.#faults };
    const accounts = books.map(({ account, resource, used }) => balance(account, resource, used, counting));
    const relayed = SENDERS.flatMap(({ account, limits }) => {
      const mine = this.#client.filter((entry) => entry.account === account);
      return limits
        .map((limit) => ({ limit, most: mostWithin(limit, mine, relay) }))
        .filter(({ limit, most }) => most > limit.count)
        .map(({ limit, most }) => `${account}: the relay took ${most} ${limit.resource} within ${limit.perMs} ms`);
    });
    const overLimit = [...counted, ...relayed];
    return this.#finish({ sent, settled, findings, overLimit, accounts, footprints });
  }

  #finish(
    known: Pick<RunReport, 'sent' | 'settled' | 'findings' | 'overLimit' | 'accounts' | 'footprints'>,
  ): RunReport {
    const { hangs, ungreeted } = this.#hangs();
    const silent = this.#client.filter(
      (entry) => entry.heard === null && entry.startedAt > this.#calmSince + 10_000,
    ).length;
    const broken = [
      ...this.#broken,
      ...this.#instances.flatMap(({ complaints }) => complaints),
      ...[...known.findings.broken].map(([kind, each]) => `${each.length} × ${kind}: ${each.slice(0, 3).join(' | ')}`),
      ...known.overLimit.slice(0, 10),
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
      longestWaitMs: this.#longestWaitMs,
      longestWaitFor: this.#longestWaitFor,
      hangs,
      ungreeted,
      logLines: this.#logLines(),
      broken,
    };
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

async function decisionsOf(store: Store): Promise<DecisionEntry[]> {
  const entries: DecisionEntry[] = [];
  let cursor: string | null = null;
  do {
    const page: Awaited<ReturnType<Store['decisions']>> = await store.decisions({
      limit: 500,
      ...(cursor === null ? {} : { cursor }),
    });
    for (const { id, body } of page.items) {
      const decision = JSON.parse(body);
      const key = attemptOf(String(decision.reversePath));
      if (key !== null) entries.push({ key, id, ending: decision.ending });
    }
    cursor = page.next;
  } while (cursor !== null);
  return entries;
}

import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Config } from '../config/schema.js';
import type { Readiness } from '../desk/http.js';
import type { Log } from '../telemetry/log.js';
import { isToPrimary, type ToPrimary, type ToWorker, type WorkerReport } from './worker-link.js';

const REPORT_MS = 3_000;
const RELOAD_MS = 10_000;
/** A worker that starts and dies at once must not make a busy loop of it. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** A worker that lived so long failed for a reason of its own. */
const STEADY_MS = 60_000;
/** What a worker may take beyond the time that it gives its sessions. */
const EXIT_GRACE_MS = 5_000;

/** A worker ended before it listened; it has said why. */
export class WorkerFailed extends Error {
  constructor(
    /** Null when a signal ended it. */
    readonly exitCode: number | null,
    signal: string | null,
  ) {
    super(`a worker ended (${signal ?? exitCode ?? 'unknown'}) before it listened`);
    this.name = 'WorkerFailed';
  }
}

/**
 * The workers of one machine: starts them, restarts those that die, asks them
 * all for their figures, and ends them together. The listeners are theirs; node
 * shares the sockets.
 */
export class Workers {
  readonly #answers = new Map<number, (answer: ToPrimary) => void>();
  /** Those that listen. */
  readonly #serving = new Set<Worker>();
  #nextRequest = 1;
  #stopping = false;
  #listeners: readonly string[] = [];

  constructor(
    private readonly count: number,
    private config: Config,
    private readonly log: Log,
  ) {}

  /** Where the workers listen. */
  get listeners(): readonly string[] {
    return this.#listeners;
  }

  /** Resolves when every worker listens; rejects when one cannot. */
  async start(): Promise<void> {
    cluster.on('message', (worker, message: unknown) => {
      if (isToPrimary(message)) this.#heard(worker, message);
    });
    await Promise.all(Array.from({ length: this.count }, () => this.#start(FIRST_PAUSE_MS)));
  }

  /** Each worker's figures; workers that do not answer in time are left out. */
  async reports(): Promise<readonly WorkerReport[]> {
    const answers = await Promise.all([...this.#serving].map((worker) => this.#report(worker)));
    return answers.filter((answer) => answer !== null);
  }

  /** Resolves when every worker judges by the new config. Workers that start later get it too. */
  async reload(config: Config): Promise<void> {
    this.config = config;
    await Promise.all([...this.#serving].map((worker) => this.#reload(worker)));
  }

  signal(signal: NodeJS.Signals): void {
    for (const worker of this.#alive()) worker.process.kill(signal);
  }

  /** Graceful, and by force after the time given to sessions and a little more. */
  async stop(graceMs: number): Promise<void> {
    this.#stopping = true;
    const workers = this.#alive();
    const exits = workers.map((worker) => new Promise<void>((resolve) => worker.once('exit', () => resolve())));
    for (const worker of workers) tell(worker, { sluice: 'stop' });
    const giveUp = new AbortController();
    const late = delay(graceMs + EXIT_GRACE_MS, 'late', { signal: giveUp.signal }).catch(() => undefined);
    if ((await Promise.race([Promise.all(exits), late])) === 'late') {
      const left = this.#alive();
      this.log.pino.error({ workers: left.map((worker) => worker.id) }, 'workers did not end in time, killed');
      for (const worker of left) worker.process.kill('SIGKILL');
    }
    giveUp.abort();
  }

  #alive(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter(
      (worker) => worker !== undefined && !worker.isDead(),
    ) as Worker[];
  }

  /** Resolves when it listens; from then on it is restarted when it dies. */
  #start(pauseMs: number): Promise<void> {
    const worker = cluster.fork();
    const begunWith = this.config;
    return new Promise((resolve, reject) => {
      const ended = (code: number | null, signal: string | null): void => reject(new WorkerFailed(code, signal));
      worker.once('exit', ended);
      // It could not be made, or node had something to tell it (a connection to take) after it was killed: `exit` comes next.
      worker.on('error', (error) => {
        this.log.pino.warn({ err: error, worker: worker.process.pid }, 'a worker could not be told');
        reject(error);
      });
      worker.on('message', (message: unknown) => {
        if (!isToPrimary(message) || message.sluice !== 'started') return;
        this.#listeners = message.listeners;
        worker.off('exit', ended);
        this.#serving.add(worker);
        this.#watch(worker, pauseMs);
        if (begunWith !== this.config) void this.#reload(worker);
        resolve();
      });
    });
  }

  #watch(worker: Worker, pauseMs: number): void {
    const began = performance.now();
    worker.once('exit', (code, signal) => {
      this.#serving.delete(worker);
      if (this.#stopping) return;
      const nextPause =
        performance.now() - began > STEADY_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      this.log.pino.error({ worker: worker.process.pid, code, signal, restartInMs: pauseMs }, 'a worker died');
      setTimeout(() => this.#restart(nextPause), pauseMs).unref();
    });
  }

  #restart(pauseMs: number): void {
    if (this.#stopping) return;
    this.#start(pauseMs).catch((error: unknown) => {
      this.log.pino.error({ err: error, restartInMs: pauseMs }, 'a worker could not be restarted');
      setTimeout(() => this.#restart(Math.min(pauseMs * 2, LONGEST_PAUSE_MS)), pauseMs).unref();
    });
  }

  #heard(worker: Worker, message: ToPrimary): void {
    if (message.sluice === 'asksConfig') tell(worker, { sluice: 'config', config: this.config });
    if (message.sluice === 'report' || message.sluice === 'reloaded') this.#answers.get(message.request)?.(message);
  }

  async #reload(worker: Worker): Promise<void> {
    const { config } = this;
    const answer = await this.#ask(worker, (request) => ({ sluice: 'reload', request, config }), RELOAD_MS);
    const reason = answer?.sluice === 'reloaded' ? answer.refused : 'no answer in time';
    if (reason !== null)
      this.log.pino.error({ reason, worker: worker.process.pid }, 'a worker did not take the new config');
  }

  async #report(worker: Worker): Promise<WorkerReport | null> {
    const answer = await this.#ask(worker, (request) => ({ sluice: 'report', request }), REPORT_MS);
    return answer?.sluice === 'report' ? answer.report : null;
  }

  /** The worker's answer; null when it gives none in time. */
  async #ask(worker: Worker, question: (request: number) => ToWorker, withinMs: number): Promise<ToPrimary | null> {
    const request = this.#nextRequest;
    this.#nextRequest += 1;
    const giveUp = new AbortController();
    const answer = new Promise<ToPrimary>((resolve) => this.#answers.set(request, resolve));
    tell(worker, question(request));
    const late = delay(withinMs, null, { signal: giveUp.signal, ref: false }).catch(() => null);
    const heard = await Promise.race([answer, late]);
    giveUp.abort();
    this.#answers.delete(request);
    return heard;
  }
}

/** A worker that was killed a moment ago is no error of the primary: its `exit` comes next. */
function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => undefined);
}

/** Ready when every worker is: a client may reach any of them. */
export function combineReadiness(reports: readonly Readiness[], expected: number): Readiness {
  if (reports.length < expected) {
    const missing = `${expected - reports.length} of ${expected} workers do not answer`;
    return { ready: false, store: reports[0]?.store ?? missing, relay: reports[0]?.relay ?? missing };
  }
  const worst = reports.find((report) => !report.ready) ?? reports[0];
  return worst ?? { ready: false, store: 'no worker', relay: 'no worker' };
}

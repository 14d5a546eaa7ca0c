import cluster, { type Worker } from 'node:cluster';
import { setTimeout as delay } from 'node:timers/promises';
import type { Readiness } from '../desk/http.js';
import type { Log } from '../telemetry/log.js';
import { isToPrimary, type ToPrimary, type ToWorker, type WorkerReport } from './worker-link.js';

const REPORT_MS = 3_000;
/** A worker that starts and dies at once must not make a busy loop of it. */
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 30_000;
/** A worker that lived so long failed for a reason of its own. */
const STEADY_MS = 60_000;
/** What a worker may take beyond the time that it gives its sessions. */
const EXIT_GRACE_MS = 5_000;

/**
 * The workers of one machine: starts them, restarts those that die, asks them
 * all for their figures, and ends them together. The listeners are theirs; node
 * shares the sockets.
 */
export class Workers {
  readonly #reports = new Map<number, (report: WorkerReport) => void>();
  #nextRequest = 1;
  #stopping = false;
  #listeners: readonly string[] = [];

  constructor(
    private readonly count: number,
    private readonly log: Log,
  ) {}

  /** Where the workers listen. */
  get listeners(): readonly string[] {
    return this.#listeners;
  }

  /** Resolves when every worker listens; rejects when one cannot. */
  async start(): Promise<void> {
    cluster.on('message', (_worker, message: unknown) => {
      if (isToPrimary(message)) this.#heard(message);
    });
    await Promise.all(Array.from({ length: this.count }, () => this.#start()));
    for (const worker of this.#alive()) this.#watch(worker, FIRST_PAUSE_MS);
  }

  /** Each worker's figures; workers that do not answer in time are left out. */
  async reports(): Promise<readonly WorkerReport[]> {
    const answers = await Promise.all(this.#alive().map((worker) => this.#report(worker)));
    return answers.filter((answer) => answer !== null);
  }

  /** The workers read the config again; the primary has checked it. */
  reload(): void {
    for (const worker of this.#alive()) tell(worker, { sluice: 'reload' });
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
      for (const worker of this.#alive()) worker.process.kill('SIGKILL');
    }
    giveUp.abort();
  }

  #alive(): Worker[] {
    return Object.values(cluster.workers ?? {}).filter(
      (worker) => worker !== undefined && !worker.isDead(),
    ) as Worker[];
  }

  #start(): Promise<Worker> {
    const worker = cluster.fork();
    return new Promise((resolve, reject) => {
      worker.once('exit', (code) => reject(new Error(`a worker ended with ${code} before it listened`)));
      worker.on('message', (message: unknown) => {
        if (!isToPrimary(message) || message.sluice !== 'started') return;
        this.#listeners = message.listeners;
        worker.removeAllListeners('exit');
        resolve(worker);
      });
    });
  }

  #watch(worker: Worker, pauseMs: number): void {
    const began = performance.now();
    worker.once('exit', (code, signal) => {
      if (this.#stopping) return;
      const nextPause =
        performance.now() - began > STEADY_MS ? FIRST_PAUSE_MS : Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      this.log.pino.error({ worker: worker.id, code, signal, restartInMs: pauseMs }, 'a worker died');
      setTimeout(() => this.#restart(nextPause), pauseMs).unref();
    });
  }

  #restart(pauseMs: number): void {
    if (this.#stopping) return;
    this.#start().then(
      (worker) => this.#watch(worker, pauseMs),
      (error: unknown) => {
        this.log.pino.error({ err: error, restartInMs: pauseMs }, 'a worker could not be restarted');
        setTimeout(() => this.#restart(Math.min(pauseMs * 2, LONGEST_PAUSE_MS)), pauseMs).unref();
      },
    );
  }

  #heard(message: ToPrimary): void {
    if (message.sluice === 'report') this.#reports.get(message.request)?.(message.report);
    if (message.sluice === 'reloaded' && message.refused !== null) {
      this.log.pino.error({ reason: message.refused }, 'a worker refused the new config');
    }
  }

  async #report(worker: Worker): Promise<WorkerReport | null> {
    const request = this.#nextRequest;
    this.#nextRequest += 1;
    const giveUp = new AbortController();
    const answer = new Promise<WorkerReport>((resolve) => this.#reports.set(request, resolve));
    tell(worker, { sluice: 'report', request });
    const late = delay(REPORT_MS, null, { signal: giveUp.signal, ref: false }).catch(() => null);
    const report = await Promise.race([answer, late]);
    giveUp.abort();
    this.#reports.delete(request);
    return report;
  }
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message);
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

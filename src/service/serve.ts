import cluster from 'node:cluster';
import { availableParallelism } from 'node:os';
import type { Config } from '../config/schema.js';
import { startHttp } from '../desk/http.js';
import type { Log } from '../telemetry/log.js';
import { collectAll, METRICS_CONTENT_TYPE, type Metrics } from '../telemetry/metrics.js';
import { notifySystemd } from '../telemetry/sd-notify.js';
import { combineReadiness, Workers } from './primary.js';
import { restartKeys } from './restart-keys.js';
import type { Service } from './service.js';
import { removeStaleSockets } from './stale-sockets.js';
import { isToWorker, outlivePrimary, tellPrimary, type WorkerReport } from './worker-link.js';

/** The config read anew, or why it cannot be taken. */
export type ReadConfig = () => Promise<{ readonly config: Config } | { readonly refused: string }>;

export interface ServeOptions {
  /** In a worker: the primary's (`configOfPrimary`). */
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly readConfig: ReadConfig;
  /** Once everything listens. */
  readonly announce: (listeners: readonly string[], httpAddress: string) => void;
}

/** What one process does with the signals and messages that it gets. */
interface Running {
  reload(config: Config): Promise<void>;
  /** @param graceMs what sessions in a transaction may take */
  stop(graceMs: number): Promise<void>;
  signal(signal: NodeJS.Signals): void;
}

/**
 * Runs until told to stop, in this process or as the primary of several. SIGHUP
 * reloads, SIGTERM and SIGINT stop gracefully, SIGUSR2 switches debug logging.
 */
export async function serve(options: ServeOptions): Promise<void> {
  if (cluster.isWorker) return serveAsWorker(options);
  await removeStaleSockets(options.config);
  const count = options.config.workers === 'auto' ? availableParallelism() : options.config.workers;
  const running = count > 1 ? await startPrimary(options, count) : await startAlone(options);
  await tellSystemd(options, 'READY=1');
  await untilStopped(options, running);
}

async function startAlone(options: ServeOptions): Promise<Running> {
  const service = await startService(options);
  const http = await openHttp(options, 1, async () => [await service.report()]).catch(async (error: unknown) => {
    await service.stop();
    throw error;
  });
  options.announce(service.listeners, http.address);
  return {
    reload: (next) => service.reload(next),
    signal: () => undefined,
    // What goes wrong in it must not keep the process.
    stop: () => service.stop().finally(() => http.close()),
  };
}

/** Loaded where it runs: a primary of several processes only watches over them. */
async function startService({ config, log, metrics }: ServeOptions): Promise<Service> {
  const service = await import('./service.js');
  return service.startService(config, log, metrics);
}

async function startPrimary(options: ServeOptions, count: number): Promise<Running> {
  const workers = new Workers(count, options.config, options.log);
  const http = await openHttp(options, count, () => workers.reports());
  try {
    await workers.start();
  } catch (error) {
    await workers.stop(0);
    await http.close();
    throw error;
  }
  options.announce(workers.listeners, http.address);
  return {
    reload: (next) => workers.reload(next),
    signal: (signal) => workers.signal(signal),
    stop: (graceMs) => workers.stop(graceMs).finally(() => http.close()),
  };
}

async function serveAsWorker(options: ServeOptions): Promise<void> {
  outlivePrimary();
  const service = await startService(options).catch((error: unknown) => {
    // Its channel to the primary would keep it alive, and the primary waiting.
    cluster.worker?.disconnect();
    throw error;
  });
  const stopped = new Promise<void>((resolve) => {
    process.on('message', (message: unknown) => {
      if (!isToWorker(message)) return;
      if (message.sluice === 'stop') resolve();
      if (message.sluice === 'reload') void reloadWorker(message.request, message.config, service);
      if (message.sluice === 'report') void sendReport(message.request, service);
    });
    // The primary died: nobody would ever stop this process.
    process.once('disconnect', () => resolve());
    process.once('SIGTERM', () => resolve());
    // A terminal's Ctrl-C reaches the whole group; the primary tells when to stop.
    process.on('SIGINT', () => undefined);
    process.on('SIGHUP', () => undefined);
    process.on('SIGUSR2', () => switchDebug(options.log));
  });
  tellPrimary({ sluice: 'started', listeners: service.listeners });
  await stopped;
  await service.stop();
  cluster.worker?.disconnect();
}

async function sendReport(request: number, service: Service): Promise<void> {
  tellPrimary({ sluice: 'report', request, report: await service.report() });
}

/** The primary has checked the config; a file that it names may have changed since. */
async function reloadWorker(request: number, config: Config, service: Service): Promise<void> {
  const refused = await service.reload(config).then(
    () => null,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  tellPrimary({ sluice: 'reloaded', request, refused });
}

function openHttp(options: ServeOptions, expected: number, reports: () => Promise<readonly WorkerReport[]>) {
  const { config, log, metrics, version } = options;
  return startHttp({
    address: config.http.address,
    health: () => ({ version, uptime: Math.round(process.uptime()), workers: expected }),
    ready: async () =>
      combineReadiness(
        (await reports()).map((report) => report.readiness),
        expected,
      ),
    // The primary's own registry has what no worker knows: reloads.
    metrics: async () => {
      const all = (await reports()).map((report) => report.metrics);
      return collectAll(expected > 1 ? [...all, await metrics.snapshot()] : all);
    },
    metricsContentType: METRICS_CONTENT_TYPE,
    onError: (error, path) => log.pino.warn({ err: error, path }, 'a page could not be answered'),
  });
}

async function untilStopped(options: ServeOptions, running: Running): Promise<void> {
  let current = options.config;
  let reloading = Promise.resolve();
  const reload = async (): Promise<void> => {
    const next = await reloadedConfig(options, current);
    if (next === null) return;
    await tellSystemd(options, 'RELOADING=1');
    await running.reload(next);
    current = next;
    options.log.setLevel(next.log.level);
    options.log.setRedaction(next.log.redactAddresses);
    options.metrics.configReloaded('applied');
    options.log.pino.info('config reloaded');
    await tellSystemd(options, 'READY=1');
  };
  process.on('SIGHUP', () => {
    reloading = reloading
      .then(reload)
      .catch((error: unknown) => options.log.pino.error({ err: error }, 'reload failed'));
  });
  process.on('SIGUSR2', () => {
    switchDebug(options.log);
    running.signal('SIGUSR2');
  });
  const signal = await new Promise<string>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  options.log.pino.info({ signal }, 'stopping');
  await tellSystemd(options, 'STOPPING=1');
  await running.stop(current.shutdownTimeout);
  await options.log.flush();
}

/** Valid and takeable as a whole, or nothing changes. */
async function reloadedConfig(options: ServeOptions, current: Config): Promise<Config | null> {
  const read = await options.readConfig();
  const refused = 'refused' in read ? read.refused : await whyNotNow(current, read.config);
  if (refused === null && 'config' in read) return read.config;
  options.metrics.configReloaded('refused');
  options.log.pino.error({ reason: refused }, 'the new config is refused, the old one goes on');
  return null;
}

async function whyNotNow(current: Config, next: Config): Promise<string | null> {
  const keys = restartKeys(current, next);
  if (keys.length > 0) return `a restart is needed for: ${keys.join(', ')}`;
  const { policyProblem } = await import('./policy-context.js');
  return policyProblem(next);
}

async function tellSystemd({ log }: ServeOptions, state: `${string}=1`): Promise<void> {
  const failure = await notifySystemd(state);
  if (failure !== null) log.pino.warn({ err: failure }, 'systemd could not be told');
}

function switchDebug(log: Log): void {
  log.switchDebug();
  log.pino.info({ level: log.level }, 'log level changed');
}

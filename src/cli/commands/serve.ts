import cluster from 'node:cluster';
import { Command } from 'commander';
import { formatErrors } from '../../config/config-error.js';
import { loadConfig } from '../../config/load.js';
import type { Config } from '../../config/schema.js';
import { WorkerFailed } from '../../service/primary.js';
import type { ReadConfig, ServeOptions } from '../../service/serve.js';
import { configOfPrimary } from '../../service/worker-link.js';
import { SchemaTooNew, StoreUnavailable } from '../../store/contract.js';
import { VERSION } from '../../telemetry/version.js';
import { type ConfigOption, withConfig, withExamples } from '../common-options.js';
import { EXIT, EXIT_MEANINGS, type ExitCode, Failure } from '../exit-codes.js';
import { configPath, readConfig } from '../read-config.js';

export function serve(): Command {
  const command = new Command('serve')
    .description('run the proxy until SIGTERM; SIGHUP reloads the config, SIGUSR2 switches debug logging')
    .action(run);
  return withExamples(withConfig(command), ['sluice serve --config /etc/sluice/sluice.yaml']);
}

async function run(options: ConfigOption): Promise<void> {
  const config = cluster.isWorker ? await configOfPrimary() : await readConfig(options);
  const ready = await serviceOptions(config, readAgain(configPath(options)));
  // Other commands need not wait until all of the service is loaded.
  const { serve: runService } = await import('../../service/serve.js');
  const announce: ServeOptions['announce'] = (listeners, http) =>
    ready.log.pino.info({ listeners, http, version: VERSION, workers: config.workers }, 'ready');
  await started(runService({ ...ready, announce }));
}

/** What the service and the trial share. */
export async function serviceOptions(config: Config, read: ReadConfig): Promise<Omit<ServeOptions, 'announce'>> {
  const [{ createLog }, { createMetrics }] = await Promise.all([
    import('../../telemetry/log.js'),
    import('../../telemetry/metrics.js'),
  ]);
  const log = createLog({ ...config.log, base: { pid: process.pid } });
  return { config, version: VERSION, log, metrics: createMetrics({ version: VERSION }), readConfig: read };
}

export function readAgain(path: string): ReadConfig {
  return async () => {
    const loaded = await loadConfig(path);
    return loaded.ok ? { config: loaded.config } : { refused: formatErrors(loaded.errors) };
  };
}

/** What stops a service from starting is said in one line, not with a stack. */
export async function started(service: Promise<void>): Promise<void> {
  try {
    await service;
  } catch (error) {
    if (error instanceof WorkerFailed) throw new Failure(codeOfWorker(error), error.message);
    if (error instanceof StoreUnavailable || error instanceof SchemaTooNew || !isSystemError(error)) throw error;
    throw new Failure(EXIT.service, `cannot start: ${error.message}`, { cause: error });
  }
}

/** Its own, where that is one of ours: the store is away, an address is taken. */
function codeOfWorker({ exitCode }: WorkerFailed): ExitCode {
  return EXIT_MEANINGS.find(([code]) => code === exitCode && code !== EXIT.ok)?.[0] ?? EXIT.service;
}

function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

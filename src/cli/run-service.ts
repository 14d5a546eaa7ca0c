/** What `serve` and `trial` hand to the service: log, metrics, and how to read the config again. */

import cluster from 'node:cluster';
import { formatErrors } from '../config/config-error.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import type { ReadConfig, ServeOptions } from '../service/serve.js';
import { SchemaTooNew, StoreUnavailable } from '../store/contract.js';
import { createLog } from '../telemetry/log.js';
import { createMetrics } from '../telemetry/metrics.js';
import { VERSION } from '../telemetry/version.js';
import { EXIT, Failure } from './exit-codes.js';

/** All but `announce`. */
export function serveOptions(config: Config, path: string): Omit<ServeOptions, 'announce'> {
  const { level, redactAddresses } = config.log;
  const base = cluster.worker === undefined ? {} : { worker: cluster.worker.id };
  return {
    config,
    version: VERSION,
    log: createLog({ level, redactAddresses, base }),
    metrics: createMetrics({ version: VERSION }),
    readConfig: readAgain(path),
  };
}

function readAgain(path: string): ReadConfig {
  return async () => {
    const loaded = await loadConfig(path);
    return loaded.ok ? { config: loaded.config } : { refused: formatErrors(loaded.errors).trimEnd() };
  };
}

/** Runs until stopped; what keeps the service from starting is no bug. */
export async function runService(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    if (error instanceof StoreUnavailable || error instanceof SchemaTooNew || error instanceof Failure) throw error;
    const system = error instanceof Error && 'code' in error && 'syscall' in error;
    throw system ? new Failure(EXIT.service, error.message, { cause: error }) : error;
  }
}

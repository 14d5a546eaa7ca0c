/** Finds and reads the config of a command. */

import { existsSync } from 'node:fs';
import { formatErrors } from '../config/config-error.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import type { ConfigOption } from './common-options.js';
import { EXIT, Failure } from './exit-codes.js';

const USUAL_PLACES = ['sluice.yaml', '/etc/sluice/sluice.yaml'];

/** The file that a command uses: what it was told, else the environment's, else the first usual place that has one. */
export function configPath(options: ConfigOption): string {
  const path = findConfig(options);
  if (path !== null) return path;
  throw new Failure(
    EXIT.config,
    `no config: give --config FILE, set SLUICE_CONFIG, or write ${USUAL_PLACES.join(' or ')}`,
  );
}

export async function readConfig(options: ConfigOption): Promise<Config> {
  const loaded = await loadConfig(configPath(options));
  if (loaded.ok) return loaded.config;
  throw new Failure(EXIT.config, formatErrors(loaded.errors).trimEnd());
}

/** Null where nobody named a config and none is in a usual place. */
export async function readConfigIfAny(options: ConfigOption): Promise<Config | null> {
  return findConfig(options) === null ? null : readConfig(options);
}

function findConfig(options: ConfigOption): string | null {
  const named = options.config ?? process.env.SLUICE_CONFIG;
  return named ?? USUAL_PLACES.find((place) => existsSync(place)) ?? null;
}

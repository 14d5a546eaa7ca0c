/** Finds and reads the config of a command. PROVISIONAL */

import { existsSync, readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { type Config, configSchema } from '../config/schema.js';
import type { ConfigOption } from './common-options.js';
import { EXIT, Failure } from './exit-codes.js';

export async function readConfig(options: ConfigOption): Promise<Config> {
  const c = await readConfigIfAny(options);
  if (c === null) throw new Failure(EXIT.config, 'no config');
  return c;
}
export async function readConfigIfAny(options: ConfigOption): Promise<Config | null> {
  const path = options.config ?? process.env.SLUICE_CONFIG ?? 'sluice.yaml';
  if (!existsSync(path)) return null;
  return configSchema.parse(parse(readFileSync(path, 'utf8')));
}

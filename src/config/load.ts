/** A config file as a config, or everything that is wrong with it at once. */

import { dirname, resolve } from 'node:path';
import { checkAgainst } from './check-against.js';
import { crossCheck } from './checks/cross-check.js';
import { type ConfigError, type KeyPath, startsWith } from './config-error.js';
import { withDefaultDoors } from './default-doors.js';
import { mergeAccountsFile } from './merge-accounts.js';
import { readTexts } from './read-texts.js';
import { type Config, configSchema } from './schema.js';
import { readText } from './substitution.js';
import { YamlSource } from './yaml-source.js';

export type LoadedConfig =
  | { readonly ok: true; readonly config: Config; readonly source: YamlSource }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

type Environment = Readonly<Record<string, string | undefined>>;

const MAX_CONFIG_OCTETS = 64 * 1024 ** 2;

/** Never rejects for what an operator wrote. PEM files are read: the config holds their text. */
export async function loadConfig(path: string, env: Environment = process.env): Promise<LoadedConfig> {
  const file = resolve(path);
  const read = readText(file, MAX_CONFIG_OCTETS);
  if (read.ok) return parseConfig(path, read.text, { env, directory: dirname(file) });
  const error = { file: path, line: null, column: null, path: '', found: read.problem, expected: 'a readable file' };
  return { ok: false, errors: [{ ...error, suggestion: null }] };
}

export interface ParseSurroundings {
  readonly env: Environment;
  /** Where the config's relative paths start. */
  readonly directory: string;
}

/** The config in a text; `file` is what errors call it. */
export function parseConfig(file: string, text: string, surroundings: ParseSurroundings): LoadedConfig {
  const source = new YamlSource(file, text, surroundings);
  if (source.value === undefined) return { ok: false, errors: inOrder(source.errors) };
  const checked = checkAgainst(configSchema, source, withDefaultDoors(source.value ?? {}));
  const errors = [...source.errors, ...checked.errors];
  if (checked.value !== null) {
    const intact = (path: KeyPath) => !checked.removed.some((removed) => startsWith(path, removed));
    const merged = mergeAccountsFile(checked.value, source, surroundings);
    const texts = readTexts(merged.config, source, surroundings.directory);
    const config = texts.config;
    const { accountsSource } = merged;
    errors.push(...merged.errors, ...texts.errors, ...crossCheck({ config, source, accountsSource, intact }));
    if (errors.length === 0) return { ok: true, config, source };
  }
  return { ok: false, errors: inOrder(errors) };
}

function inOrder(errors: readonly ConfigError[]): readonly ConfigError[] {
  const once = new Map(errors.map((error) => [JSON.stringify(error), error]));
  return [...once.values()].sort(
    (a, b) => a.file.localeCompare(b.file) || (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0),
  );
}

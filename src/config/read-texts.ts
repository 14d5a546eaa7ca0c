import { resolve } from 'node:path';
import type { ConfigError } from './config-error.js';
import { type Config, configSchema } from './schema.js';
import { leavesWithRoles } from './schema-walk.js';
import { readText } from './substitution.js';
import { setAt } from './value-paths.js';
import { isPemText } from './values/roles.js';
import type { YamlSource } from './yaml-source.js';

/** The config with paths made absolute and PEM files read, and which files could not be. */
export function readTexts(
  config: Config,
  source: YamlSource,
  directory: string,
): { readonly config: Config; readonly errors: readonly ConfigError[] } {
  const completed = structuredClone(config);
  const errors: ConfigError[] = [];
  for (const { path, value, role } of leavesWithRoles(configSchema, config)) {
    if (role === 'path' || role === 'file') setAt(completed, path, resolve(directory, value));
    if (role !== 'pem' && role !== 'private-pem') continue;
    const read = isPemText(value)
      ? { ok: true as const, text: value }
      : readPem(resolve(directory, value), source.templateOf(path));
    if (read.ok) setAt(completed, path, read.text);
    else errors.push(source.error(path, read.problem, 'PEM text or a readable PEM file'));
  }
  return { config: completed, errors };
}

/** `template`: the path came by substitution and may be anything, even a key that lost its first line. */
function readPem(path: string, template: string | null) {
  const read = readText(path);
  if (read.ok && !isPemText(read.text))
    return { ok: false as const, problem: `${template ?? path}, which holds no PEM` };
  if (!read.ok && template !== null) return { ok: false as const, problem: `the value of ${JSON.stringify(template)}` };
  return read;
}

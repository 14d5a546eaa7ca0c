/** The config as it works: every default filled in, the accounts of all files, secrets masked. */

import { stringify } from 'yaml';
import { z } from 'zod';
import { CATALOGUE } from '../policy/catalogue.js';
import { resolvePolicies } from '../policy/effective.js';
import type { KeyPath } from './config-error.js';
import { type Config, type ConfigInput, configSchema } from './schema.js';
import { leavesWithRoles } from './schema-walk.js';
import { setAt, valueAt } from './value-paths.js';
import { isPemText } from './values/roles.js';
import type { YamlSource } from './yaml-source.js';

const MASK = '********';

/**
 * YAML that loads to the same config again but for the masks. What was
 * substituted is shown as `${env:…}` and `${file:…}`.
 */
export function effectiveYaml(config: Config, source: YamlSource): string {
  const written = structuredClone(z.encode(configSchema, withRules(config)));
  dropUnused(written);
  const masks = [...leavesWithRoles(configSchema, written)].flatMap(({ path, value, role }) => {
    if (role === 'secret') return [{ path, value: MASK }];
    if (role === 'secret-url') return [{ path, value: maskUrl(value) }];
    return role === 'pem' || role === 'private-pem' ? [{ path, value: pemSource(source, path) }] : [];
  });
  const shown = escapeTexts(written, [], source);
  for (const { path, value } of masks) if (source.templateOf(path) === null) setAt(shown, path, value);
  return `# ${source.file} with every default; secrets are masked.\n${stringify(shown, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

/** What is of no effect, and would be an error if it were loaded. */
function dropUnused({ accounts, store }: ConfigInput): void {
  delete accounts?.file;
  if (store?.redis === undefined) return;
  delete store.embedded;
  if (store.redis.url !== undefined || store.redis.cluster !== undefined) delete store.redis.database;
}

/** The installation's setting of each rule, as `sluice rules` shows it. */
function withRules(config: Config): Config {
  const { mode, rules, plans, accounts } = config;
  const { anonymous } = resolvePolicies({ mode, rules, plans, accounts: accounts.list });
  const filled = CATALOGUE.map((rule) => {
    const parameters = anonymous.settings.get(rule.id)?.parameters as object;
    return [rule.id, { mode: rules[rule.id]?.mode ?? 'enforce', ...parameters }] as const;
  });
  return { ...config, rules: Object.fromEntries(filled) };
}

/** Where the PEM came from; text in the config itself is not repeated. */
function pemSource(source: YamlSource, path: KeyPath): string {
  const given = valueAt(source.value, path);
  return typeof given === 'string' && !isPemText(given) ? given : MASK;
}

/** User, password and query may hold secrets. */
function maskUrl(text: string): string {
  const url = new URL(text);
  if (url.password !== '') url.password = MASK;
  if (url.search !== '') url.search = MASK;
  return url.href;
}

/** What was substituted as it stands in the file; a `${` of a text's own as it must be written. */
function escapeTexts(value: unknown, path: KeyPath, source: YamlSource): unknown {
  if (typeof value !== 'object' || value === null) {
    const template = source.templateOf(path);
    if (template !== null) return template;
    return typeof value === 'string' ? value.replaceAll('${', () => '$${') : value;
  }
  if (Array.isArray(value)) return value.map((item, index) => escapeTexts(item, [...path, index], source));
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, escapeTexts(child, [...path, key], source)]),
  );
}

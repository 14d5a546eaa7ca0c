import { resolve } from 'node:path';
import { type Checked, checkAgainst } from './check-against.js';
import type { ConfigError } from './config-error.js';
import type { Config } from './schema.js';
import { accountListSchema } from './sections/accounts.js';
import { readText, type Surroundings } from './substitution.js';
import { YamlSource } from './yaml-source.js';

type AccountList = Config['accounts']['list'];

/** Lists of hundreds of thousands of accounts are made by programs. */
const MAX_OCTETS = 256 * 1024 ** 2;

export interface MergedAccounts {
  readonly config: Config;
  /** Null when there is no such file, or it cannot be read. */
  readonly accountsSource: YamlSource | null;
  readonly errors: readonly ConfigError[];
}

/** The config with the accounts of `accounts.file` in its list, and what is wrong with that file. */
export function mergeAccountsFile(config: Config, source: YamlSource, surroundings: Surroundings): MergedAccounts {
  const { file, list } = config.accounts;
  if (file === undefined) return { config, accountsSource: null, errors: [] };
  const path = resolve(surroundings.directory, file);
  const read = readText(path, MAX_OCTETS);
  if (!read.ok) {
    const path = ['accounts', 'file'];
    const error = source.error(path, source.shownAt(path, read.problem), 'a readable YAML file of accounts');
    return { config, accountsSource: null, errors: [error] };
  }
  const accounts = new YamlSource(path, read.text, surroundings);
  const checked: Checked<AccountList> = checkAgainst(accountListSchema, accounts, accounts.value ?? {});
  const errors = [...accounts.errors, ...checked.errors];
  const merged: AccountList = { ...list };
  for (const [id, settings] of Object.entries(checked.value ?? {})) {
    if (Object.hasOwn(list, id)) {
      const { line } = source.placeOfKey(['accounts', 'list', id]);
      errors.push(accounts.errorAtKey([id], `the account again, after ${source.file}:${line}`, 'each account once'));
    }
    merged[id] = settings;
  }
  return { config: { ...config, accounts: { ...config.accounts, list: merged } }, accountsSource: accounts, errors };
}

import type { KeyPath } from '../config-error.js';
import type { Config } from '../schema.js';
import type { YamlSource } from '../yaml-source.js';

export interface CheckedConfig {
  readonly config: Config;
  readonly source: YamlSource;
  /** The file of `accounts.file`; null: none was read. */
  readonly accountsSource: YamlSource | null;
  /** False when the schema refused what stood there, so that the config has a default instead. */
  intact(path: KeyPath): boolean;
}

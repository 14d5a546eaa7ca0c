import { parsePatterns } from '../../lookup/patterns.js';
import type { ConfigError } from '../config-error.js';
import { readText } from '../substitution.js';
import type { CheckedConfig } from './checked-config.js';

const MAX_OCTETS = 4 * 1024 ** 2;

/** Files of patterns can be read, and every line of them. */
export function* checkScanners({ config, source }: CheckedConfig): Iterable<ConfigError> {
  for (const [index, file] of config.scanners.patterns.entries()) {
    const path = ['scanners', 'patterns', index];
    const read = readText(file, MAX_OCTETS);
    if (!read.ok) {
      yield source.error(path, source.shownAt(path, read.problem), 'a readable file of patterns');
      continue;
    }
    for (const error of parsePatterns(read.text).errors) {
      yield { file, column: 1, path: '', suggestion: null, ...error };
    }
  }
}

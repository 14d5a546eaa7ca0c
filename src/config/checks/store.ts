import type { ConfigError } from '../config-error.js';
import type { CheckedConfig } from './checked-config.js';

const WAYS = ['url', 'socket', 'sentinel', 'cluster'] as const;

export function* checkStore({ config, source, intact }: CheckedConfig): Iterable<ConfigError> {
  const { redis } = config.store;
  if (redis === undefined) return;
  if (source.has(['store', 'embedded'])) {
    yield source.errorAtKey(['store', 'embedded'], 'embedded and redis', 'one of them');
  }
  const ways = WAYS.filter((way) => redis[way] !== undefined);
  if (ways.length !== 1 && WAYS.every((way) => intact(['store', 'redis', way]))) {
    const found = ways.length === 0 ? 'no address of the Redis' : ways.join(' and ');
    yield source.errorAtKey(['store', 'redis'], found, `exactly one of ${WAYS.join(', ')}`);
  }
  const fixed = ways.find((way) => way === 'url' || way === 'cluster');
  if (fixed !== undefined && source.has(['store', 'redis', 'database'])) {
    const expected =
      fixed === 'url' ? 'the number in the URL: redis://host:6379/NUMBER' : 'no database: Redis Cluster has one';
    yield source.errorAtKey(['store', 'redis', 'database'], `database beside ${fixed}`, expected);
  }
}

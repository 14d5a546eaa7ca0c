import type { ConfigError } from '../config-error.js';
import type { CheckedConfig } from './checked-config.js';
import { LEAST_KEY } from './feedback.js';

/** Keys of webhooks that anybody could guess. */
export function* checkNotices({ config, source, accountsSource, intact }: CheckedConfig): Iterable<ConfigError> {
  const targets = [
    { where: source, path: ['notices', 'to'], target: config.notices?.to },
    ...Object.entries(config.plans).map(([name, { notices }]) => ({
      where: source,
      path: ['plans', name, 'notices'],
      target: notices,
    })),
    ...Object.entries(config.accounts.list).map(([id, { notices }]) => {
      const inline = accountsSource === null || source.has(['accounts', 'list', id]);
      return inline
        ? { where: source, path: ['accounts', 'list', id, 'notices'], target: notices }
        : { where: accountsSource, path: [id, 'notices'], target: notices };
    }),
  ];
  for (const { where, path, target } of targets) {
    const key = target?.webhook?.key;
    if (key === undefined || key.length >= LEAST_KEY || (where === source && !intact(path))) continue;
    yield where.error([...path, 'webhook', 'key'], `a key of ${key.length} characters`, `at least ${LEAST_KEY}`);
  }
}

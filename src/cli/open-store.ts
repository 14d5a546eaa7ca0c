/** The store of the config, open for the length of one command. */

import type { Config } from '../config/schema.js';
import { openStore } from '../service/open-store.js';
import type { Store } from '../store/contract.js';
import type { ConfigOption } from './common-options.js';
import { readConfig } from './read-config.js';

export interface OpenStore {
  readonly store: Store;
  readonly config: Config;
}

export async function withStore<T>(options: ConfigOption, work: (open: OpenStore) => Promise<T>): Promise<T> {
  const config = await readConfig(options);
  return withOpenStore(config.store, (store) => work({ store, config }));
}

export async function withOpenStore<T>(settings: Config['store'], work: (store: Store) => Promise<T>): Promise<T> {
  const store = await openStore(settings);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

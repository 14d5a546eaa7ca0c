import path from 'node:path';
import type { Config } from '../config/schema.js';
import { startCaptureRelay } from '../relay/capture.js';
import { openStore } from './open-store.js';
import { type ServeOptions, serve } from './serve.js';

/** The address that a newcomer finds suppressed. */
export const TRIAL_SUPPRESSED = 'suppressed@example.com';

/** Where the trial keeps its mails. */
export function trialMails(directory: string): string {
  return path.join(directory, 'mails');
}

/** The trial's config, with everything in one directory and the relay that is about to start. */
export function trialConfig(config: Config, directory: string, relayPort: number): Config {
  return {
    ...config,
    workers: 1,
    relay: { ...config.relay, hosts: [{ host: '127.0.0.1', port: relayPort }] },
    store: { ...config.store, embedded: { path: path.join(directory, 'sluice.db') } },
  };
}

/**
 * Runs Sluice with a relay of its own that writes each mail to a file, so that
 * it can be tried on a machine with nothing else. Ends as `serve` does.
 *
 * @param options `config` before `trialConfig`; its readConfig likewise
 */
export async function runTrial(options: ServeOptions, directory: string): Promise<void> {
  const relay = await startCaptureRelay({ directory: trialMails(directory) });
  try {
    const config = trialConfig(options.config, directory, relay.port);
    await suppressOne(config);
    await serve({
      ...options,
      config,
      readConfig: async () => {
        const read = await options.readConfig();
        return 'config' in read ? { config: trialConfig(read.config, directory, relay.port) } : read;
      },
    });
  } finally {
    await relay.close();
  }
}

async function suppressOne(config: Config): Promise<void> {
  const store = await openStore(config.store);
  try {
    const note = 'put here by `sluice trial`';
    const by = 'trial';
    await store.suppress([
      { key: TRIAL_SUPPRESSED, account: null, reason: 'unsubscribed', at: null, by, note, expiresAt: null },
    ]);
  } finally {
    await store.close();
  }
}

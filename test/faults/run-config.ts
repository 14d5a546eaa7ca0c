/** The config of the Sluices of a fault run. */

import type { ConfigInput } from '../../src/config/schema.js';
import type { TightLimit } from './limits.js';
import { INSPECT_WINDOW } from './messages.js';
import { SENDERS, type Sender } from './senders.js';

export const ENDLESS_MS = 30 * 24 * 3_600_000;
export const LEASE_MS = 10_000;

const ENDLESS = `1000000000/${ENDLESS_MS}ms`;

export interface Surroundings {
  readonly relayPort: number;
  readonly store: { readonly redisUrl: string } | { readonly path: string };
  readonly workers: number;
}

export function configOf({ relayPort, store, workers }: Surroundings): ConfigInput {
  return {
    listen: [{ name: 'soak', address: '127.0.0.1:0' }],
    http: { address: '127.0.0.1:0' },
    hostname: 'sluice.example',
    workers,
    shutdownTimeout: '5s',
    relay: {
      hosts: [`127.0.0.1:${relayPort}`],
      tls: { mode: 'off' },
      pool: { limit: 30, acquireTimeout: '3s', idleTimeout: '5s' },
      timeouts: { connect: '2s', greeting: '3s', command: '4s', data: '4s', block: '4s', finalDot: '5s' },
      retry: { first: '200ms', longest: '1s' },
    },
    store: {
      ...('path' in store ? { embedded: { path: store.path } } : { redis: { url: store.redisUrl } }),
      reservationTtl: `${LEASE_MS}ms`,
      sessionTtl: `${LEASE_MS}ms`,
    },
    smtp: { inspectWindow: `${INSPECT_WINDOW}B`, timeouts: { command: '15s' } },
    accounts: {
      unknown: 'refuse',
      identify: [{ address: Object.fromEntries(SENDERS.map(({ address, account }) => [address, account])) }],
      list: Object.fromEntries(SENDERS.map((sender) => [sender.account, { plan: sender.account }])),
    },
    plans: Object.fromEntries(SENDERS.map((sender) => [sender.account, planOf(sender)])),
    rules: {
      'volume.recipients': { limits: [ENDLESS] },
      'volume.messages': { limits: [ENDLESS] },
      'volume.bytes': { limits: ['1000000GiB/30d'] },
      'volume.connections': { clientRates: ['1000000/1m'] },
    },
    decisions: { max: 100_000_000 },
  };
}

function planOf({ limits }: Sender) {
  const ratesOf = (resource: TightLimit['resource']) => ({
    limits: [
      ...limits.filter((limit) => limit.resource === resource).map(({ count, perMs }) => `${count}/${perMs}ms`),
      ENDLESS,
    ],
  });
  return { rules: { 'volume.recipients': ratesOf('recipients'), 'volume.messages': ratesOf('messages') } };
}

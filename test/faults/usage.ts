/** What the store counts for the senders of a run: while it goes, and afterwards. */

import { setTimeout as pauseFor } from 'node:timers/promises';
import type { Store, WindowLimit } from '../../src/store/contract.js';
import type { TightLimit } from './limits.js';
import { ENDLESS_MS } from './run-config.js';
import { SENDERS, type Sender } from './senders.js';

const SAMPLE_EVERY_MS = 200;

interface Charged {
  readonly account: string;
  readonly resource: TightLimit['resource'];
  readonly used: number;
}

/** Looks all the time at those who have limits that are reached, until told to stop: each finding, in words. */
export async function watchLimits(store: Store, stop: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  while (!stop.aborted) {
    for (const sender of SENDERS) found.push(...(await overLimit(store, sender)));
    await pauseFor(SAMPLE_EVERY_MS);
  }
  return found;
}

async function overLimit(store: Store, { account, limits }: Sender): Promise<string[]> {
  const windows = limits.map(({ resource, count, perMs }) => windowOf(resource, count, perMs));
  // Now and then the store is away.
  const usage = windows.length === 0 ? [] : await store.usage(account, windows).catch(() => []);
  return usage
    .filter(({ limit, used }) => used > limit.count)
    .map(
      ({ limit, used }) =>
        `${account}: the store counts ${used} ${limit.resource} where ${limit.count} are allowed in ${limit.perMs} ms`,
    );
}

/** What is held though all leases have run out, in words. A window that nobody ever charged counts holds only. */
export async function leftHeld(store: Store): Promise<string[]> {
  const windows = (['recipients', 'messages', 'bytes'] as const).map((resource) => windowOf(resource, 1, 7_654_321));
  const found: string[] = [];
  for (const { account } of SENDERS) {
    for (const { limit, used } of await store.usage(account, windows)) {
      if (used !== 0) found.push(`${account} still holds ${used} ${limit.resource} after its leases ran out`);
    }
  }
  return found;
}

/** What each was charged since the run began. */
export async function charged(store: Store): Promise<Charged[]> {
  const all: Charged[] = [];
  for (const { account } of SENDERS) {
    for (const resource of ['recipients', 'messages'] as const) {
      const [usage] = await store.usage(account, [windowOf(resource, 1_000_000_000, ENDLESS_MS)]);
      all.push({ account, resource, used: usage?.used ?? -1 });
    }
  }
  return all;
}

function windowOf(resource: WindowLimit['resource'], count: number, perMs: number): WindowLimit {
  return { rule: `volume.${resource}`, resource, perMs, count, enforced: true };
}

/** Breaks things one after another, as the seed says, and makes each whole again. */

import { setTimeout as pauseFor } from 'node:timers/promises';
import type { FaultEntry } from './books.js';
import { type Random, randomOf } from './random.js';

export interface Fault {
  readonly kind: string;
  readonly weight: number;
  /** Does it, waits, undoes it. Resolves with the name of its target when all is whole again; null: it did nothing. */
  run(random: Random): Promise<string | null>;
}

export interface LaneSettings {
  readonly seed: number;
  readonly name: string;
  readonly faults: readonly Fault[];
  /** Longest time of peace between two faults, ms. */
  readonly peaceMs: number;
  readonly wrote: (entry: FaultEntry) => void;
}

/** A lane does one thing at a time; several lanes overlap. Resolves when told to stop and all is whole. */
export async function runLane(settings: LaneSettings, stop: AbortSignal): Promise<void> {
  const random = randomOf(settings.seed, 'lane', settings.name);
  while (!stop.aborted) {
    await pauseFor(random.whole(settings.peaceMs / 5, settings.peaceMs), undefined, { signal: stop }).catch(
      () => undefined,
    );
    if (stop.aborted) return;
    const fault = pickFault(settings.faults, random);
    const entry: FaultEntry = { kind: fault.kind, target: null, from: Date.now(), to: Number.POSITIVE_INFINITY };
    const target = await fault.run(randomOf(settings.seed, settings.name, random.whole(0, 1_000_000_000)));
    if (target !== null) settings.wrote({ ...entry, target, to: Date.now() });
  }
}

function pickFault(faults: readonly Fault[], random: Random): Fault {
  let drawn = random.next() * faults.reduce((sum, { weight }) => sum + weight, 0);
  for (const fault of faults) {
    drawn -= fault.weight;
    if (drawn < 0) return fault;
  }
  return faults[0] as Fault;
}

/** Waits for what nothing tells of by an event. */

import { setTimeout as pauseFor } from 'node:timers/promises';

const WITHIN_MS = 60_000;
const POLL_EVERY_MS = 20;

/** Polls until `ready` gives a value that is not null; an error counts as not yet. */
export async function until<T>(what: string, ready: () => Promise<T | null>, withinMs = WITHIN_MS): Promise<T> {
  const deadline = Date.now() + withinMs;
  let last: unknown = null;
  for (;;) {
    try {
      const value = await ready();
      if (value !== null) return value;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`${what}: not within ${withinMs} ms`, { cause: last });
    await pauseFor(POLL_EVERY_MS);
  }
}

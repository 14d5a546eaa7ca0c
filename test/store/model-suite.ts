/**
 * Random interleavings of several clients of one store, with a moving clock,
 * give the answers that the model gives. On a failure fast-check prints the
 * seed and the shortest steps that it found.
 */

import { type Test, t } from 'tap';
import type { StoreTimes } from '../../src/store/contract.js';
import fc from '../support/property.js';
import { nowOf } from './contract/sender.js';
import type { OpenStore } from './contract/story.js';
import { HOUR, MINUTE } from './contract/times.js';
import { ModelClock } from './model-clock.js';
import { recipientSteps, windowSteps } from './model-steps.js';
import { RecipientRun } from './recipient-run.js';
import { WindowRun } from './window-run.js';

const TIMES: StoreTimes = { reservationTtlMs: 45 * MINUTE, sessionTtlMs: 45 * MINUTE, callTimeoutMs: 5_000 };
const RUNS = 120;

export function modelSuite(name: string, open: OpenStore): void {
  t.test(`${name}: windows, leases, meters and sessions answer like the model`, async (t) => {
    const clock = await alignedClock(t, open);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(windowSteps, async (steps) => {
        // Accounts and addresses of its own, so that all runs can share a store.
        run += 1;
        const each = new WindowRun(clock, `w${run}`, TIMES);
        for (const step of steps) await each.take(step);
      }),
      { numRuns: RUNS },
    );
    t.ok(run >= RUNS);
  });

  t.test(`${name}: suppressions and rejection streaks answer like the model`, async (t) => {
    const clock = await alignedClock(t, open);
    let run = 0;
    await fc.assert(
      fc.asyncProperty(recipientSteps, async (steps) => {
        run += 1;
        const each = new RecipientRun(clock, `r${run}`);
        for (const step of steps) await each.take(step);
      }),
      { numRuns: RUNS },
    );
    t.ok(run >= RUNS);
  });
}

/** A store whose clock stands at ten past some hour, and what the model takes for its time. */
async function alignedClock(t: Test, open: OpenStore): Promise<ModelClock> {
  const opened = await open(t, TIMES);
  const now = await nowOf(opened.store);
  const start = Math.ceil(now / HOUR) * HOUR + 10 * MINUTE;
  await opened.advance(start - now);
  return new ModelClock(opened, start);
}

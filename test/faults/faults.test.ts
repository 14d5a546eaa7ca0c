/** The short fault runs: `npm run soak` is the long one. */

import t from 'tap';
import { describeRun } from './report.js';
import { runFaults } from './run.js';

// Well under 40 s on a quiet machine.
t.setTimeout(115_000);

const SHORT = { messages: 400, forMs: 9_000, clients: 10, peaceMs: 8_000, calm: 5 } as const;

t.test('nothing is lost while everything breaks', async (t) => {
  const runs = [
    { ...SHORT, seed: 11, store: 'redis', instances: 2, workers: 2 },
    { ...SHORT, seed: 12, store: 'embedded', instances: 1, workers: 2 },
  ] as const;
  await Promise.all(
    runs.map(async (settings) => {
      const report = await runFaults(t, { ...settings, progress: () => undefined });
      t.strictSame(report.broken, [], describeRun(report).join('\n'));
      t.ok(report.findings.acceptances > 0, `${settings.store}: mail went through`);
      t.equal(report.settled, report.sent, 'every message was settled');
      t.ok(Object.keys(report.faults).length > 3, 'and much was broken');
    }),
  );
});

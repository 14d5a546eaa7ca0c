/**
 * `npm run soak -- --seed N --messages N [--minutes N] [--store redis|embedded]`:
 * the long fault run. Prints what was broken and what came of it; the exit code
 * is 1 when anything is wrong.
 */

import { parseArgs } from 'node:util';
import { describeRun } from './report.js';
import { runFaults } from './run.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    messages: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '600' },
    store: { type: 'string', default: 'redis' },
    clients: { type: 'string', default: '32' },
    instances: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
  },
});
if (values.store !== 'redis' && values.store !== 'embedded') throw new Error('--store is redis or embedded');

const say = (line: string) => process.stdout.write(`${line}\n`);
const cleanups: (() => unknown)[] = [];
const clean = async () => {
  for (const each of cleanups.reverse()) await each();
};

try {
  const report = await runFaults(
    { teardown: (each) => cleanups.push(each) },
    {
      seed: Number(values.seed),
      store: values.store,
      messages: Number(values.messages),
      forMs: Number(values.minutes) * 60_000,
      instances: values.store === 'embedded' ? 1 : Number(values.instances),
      workers: Number(values.workers),
      clients: Number(values.clients),
      peaceMs: 6_000,
      progress: say,
    },
  );
  for (const line of describeRun(report)) say(line);
  process.exitCode = report.broken.length === 0 ? 0 : 1;
} finally {
  await clean();
}

/**
 * `npm run soak -- --seed N --messages N [--minutes N] [--store redis|embedded] [--calm N] [--round N]`:
 * the long fault run, in rounds that each compare their books, lest a million
 * messages be held in memory. Prints what was broken and what came of it; the
 * exit code is 1 when anything is wrong.
 */

import { parseArgs } from 'node:util';
import { describeRun } from './report.js';
import { type RunReport, type RunSettings, runFaults } from './run.js';
import { describeTotal, sumOf } from './total.js';

const { values } = parseArgs({
  options: {
    seed: { type: 'string', default: '1' },
    messages: { type: 'string', default: '1000000' },
    minutes: { type: 'string', default: '600' },
    store: { type: 'string', default: 'redis' },
    clients: { type: 'string', default: '32' },
    instances: { type: 'string', default: '2' },
    workers: { type: 'string', default: '2' },
    calm: { type: 'string', default: '1' },
    round: { type: 'string', default: '50000' },
  },
});
if (values.store !== 'redis' && values.store !== 'embedded') throw new Error('--store is redis or embedded');

const { store } = values;
const [messages, round, calm] = [Number(values.messages), Number(values.round), Number(values.calm)];
const PEACE_MS = 6_000;
/** Below this a round begins with nothing but starting up. */
const SHORTEST_ROUND_MS = 30_000;
const say = (line: string) => process.stdout.write(`${line}\n`);

function settingsOf(number: number, left: number, forMs: number): RunSettings {
  return {
    seed: Number(values.seed) + number,
    store,
    messages: Math.min(round, left),
    forMs,
    instances: store === 'embedded' ? 1 : Number(values.instances),
    workers: Number(values.workers),
    clients: Number(values.clients),
    peaceMs: PEACE_MS * Math.sqrt(calm),
    calm,
    progress: say,
  };
}

/** Everything of its own: servers, processes, folder, seed. */
async function oneRound(settings: RunSettings): Promise<RunReport> {
  const cleanups: (() => unknown)[] = [];
  try {
    return await runFaults({ teardown: (each) => cleanups.push(each) }, settings);
  } finally {
    for (const each of cleanups.reverse()) await each();
  }
}

const until = Date.now() + Number(values.minutes) * 60_000;
let total = sumOf([]);
for (let number = 0; total.messages < messages; number += 1) {
  const forMs = until - Date.now();
  if (number > 0 && forMs < SHORTEST_ROUND_MS) break;
  const report = await oneRound(settingsOf(number, messages - total.messages, forMs));
  for (const line of describeRun(report)) say(line);
  total = sumOf([total, report]);
  for (const line of describeTotal(total)) say(line);
}
process.exitCode = total.broken === 0 ? 0 : 1;

/**
 * What a message costs when something has grown: accounts, suppressions,
 * windows, processes, sessions. All points of a series are up at once and are
 * measured in turn, so that a busy moment of the machine hits all alike.
 *
 *     npm run bench:growth -- [--most 1000000] [--rounds 5] [--messages 1000] [--series a,b] [--plot docs/growth.svg]
 */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSink } from '../subjects/direct.js';
import { machine } from '../table.js';
import { type Curve, plot } from './plot.js';
import { allSeries, type Measured, type RunningPoint, type Series } from './series.js';

const { values } = parseArgs({
  options: {
    most: { type: 'string', default: '1000000' },
    rounds: { type: 'string', default: '5' },
    messages: { type: 'string', default: '1000' },
    series: { type: 'string' },
    plot: { type: 'string' },
  },
});

interface Result {
  readonly at: number;
  readonly redisOctets: number | null;
  readonly sluiceOctets: number | null;
  readonly rounds: readonly Measured[];
}

const say = (line: string) => process.stdout.write(`${line}\n`);
const [rounds, messages] = [Number(values.rounds), Number(values.messages)];

say(`${machine()}; ${rounds} rounds of ${messages} messages of 1 kB, 100 a second`);
const curves: Curve[] = [];
for (const series of chosen()) {
  const results = await measured(series);
  say(`\n${table(series, results)}`);
  const points = results.map((each) => ({
    at: each.at,
    micros: of(each, ({ sluiceMicros, redisMicros }) => sluiceMicros + redisMicros),
    p50: of(each, ({ p50 }) => p50),
  }));
  curves.push({ name: series.name, what: series.what, points });
}
if (values.plot !== undefined) await writeFile(values.plot, plot(curves));

function chosen(): readonly Series[] {
  const all = allSeries(Number(values.most));
  const names = values.series?.split(',');
  return names === undefined ? all : all.filter(({ name }) => names.includes(name));
}

/** Starts the points, measures them in turn, ends them. */
async function measured(series: Series): Promise<readonly Result[]> {
  const cleanups: (() => unknown)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-growth-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  const around = { cleanup: { teardown: (clean: () => unknown) => cleanups.push(clean) }, folder };
  try {
    const sink = await startSink(around);
    const running: { readonly at: number; readonly point: RunningPoint; readonly rounds: Measured[] }[] = [];
    for (const { at, start } of series.points)
      running.push({ at, point: await start({ ...around, sink }), rounds: [] });
    // The first round does not count: what it cost to begin is in it.
    for (const { point } of running) await point.measure(messages);
    for (let turn = 0; turn < rounds; turn += 1) {
      for (const each of running) each.rounds.push(await each.point.measure(messages));
    }
    return running.map(({ at, point, rounds }) => ({ ...point, at, rounds }));
  } finally {
    for (const clean of cleanups.reverse()) await clean();
  }
}

function of({ rounds }: Result, figure: (round: Measured) => number): number {
  const sorted = rounds.map(figure).sort((one, other) => one - other);
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function table({ name, what }: Series, results: readonly Result[]): string {
  const megabytes = (name: string, octets: (result: Result) => number | null) =>
    results.some((each) => octets(each) !== null)
      ? { head: [`${name} MB for them`], of: (each: Result) => [((octets(each) ?? 0) / 1e6).toFixed(1)] }
      : { head: [], of: () => [] };
  const redis = megabytes('Redis', ({ redisOctets }) => redisOctets);
  const sluice = megabytes('Sluice', ({ sluiceOctets }) => sluiceOctets);
  const head = [what, 'CPU µs of Sluice', 'of Redis', 'p50 ms', ...redis.head, ...sluice.head];
  const rows = results.map((each) => [
    each.at.toLocaleString('en'),
    of(each, ({ sluiceMicros }) => sluiceMicros).toFixed(0),
    of(each, ({ redisMicros }) => redisMicros).toFixed(0),
    of(each, ({ p50 }) => p50).toFixed(2),
    ...redis.of(each),
    ...sluice.of(each),
  ]);
  const lines = [head, head.map(() => '---:'), ...rows];
  return [`### ${name}`, '', ...lines.map((line) => `| ${line.join(' | ')} |`)].join('\n');
}

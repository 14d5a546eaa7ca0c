/**
 * Measures Sluice beside what people run today, in interleaved rounds: every
 * subject is up all the time, and in each round each of them does each cell in
 * turn, so that a busy moment of the machine hits all alike.
 *
 *     npm run bench -- [--rounds 5] [--seconds 1] [--subjects a,b] [--cells a,b]
 */

import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { CELLS, type Cell, type Measurement } from './cells.js';
import { NotHere, type RunningSubject, type Subject, type Surroundings } from './subject.js';
import { startSink } from './subjects/direct.js';
import { SUBJECTS } from './subjects.js';
import { machine, report } from './table.js';

interface Entrant {
  readonly subject: Subject;
  readonly running: RunningSubject;
}

const say = (line: string) => process.stdout.write(`${line}\n`);
/** JavaScript needs some thousand messages until it is compiled; each subject takes as many before a cell's rounds count, or what it can within the time. */
const WARM_AFTER = 8_000;
const WARMING_AT_MOST_S = 15;
/** Assumed before anything is known of a subject. */
const FIRST_RATE = 40;

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '1' },
    subjects: { type: 'string' },
    cells: { type: 'string' },
  },
});

await main(
  Number(values.rounds),
  Number(values.seconds),
  chosen(SUBJECTS, values.subjects),
  chosen(CELLS, values.cells),
);

async function main(rounds: number, seconds: number, subjects: readonly Subject[], cells: readonly Cell[]) {
  const cleanups: (() => unknown)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'sluice-bench-'));
  cleanups.push(() => rm(folder, { recursive: true, force: true }));
  // Programs that give root up must get through.
  await chmod(folder, 0o755);
  const cleanUp = async () => {
    for (const clean of cleanups.splice(0).reverse()) await clean();
  };
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => void cleanUp().finally(() => process.exit(1)));
  }
  try {
    await compare({ cleanup: { teardown: (clean) => cleanups.push(clean) }, folder }, rounds, seconds, subjects, cells);
  } finally {
    await cleanUp();
  }
}

async function compare(
  around: Omit<Surroundings, 'sink'>,
  rounds: number,
  seconds: number,
  subjects: readonly Subject[],
  cells: readonly Cell[],
): Promise<void> {
  const sink = await startSink(around);
  const entrants: Entrant[] = [];
  for (const subject of subjects) {
    try {
      entrants.push({ subject, running: await subject.start({ ...around, sink }) });
    } catch (error) {
      if (!(error instanceof NotHere)) throw error;
      say(`left out: ${subject.name}: ${error.message}`);
    }
  }
  say(`${machine()}; ${rounds} rounds of ${seconds} s; ${entrants.map(({ subject }) => subject.name).join(', ')}`);
  for (const cell of cells) say(`\n${report(cell, await measure(cell, entrants, rounds, seconds))}`);
}

/** All rounds of a cell, by subject. */
async function measure(
  cell: Cell,
  entrants: readonly Entrant[],
  rounds: number,
  seconds: number,
): Promise<ReadonlyMap<string, readonly Measurement[]>> {
  const results = new Map<string, Measurement[]>(entrants.map(({ subject }) => [subject.name, []]));
  const rates = new Map<string, number>();
  const failed = new Set<string>();
  const round = async ({ subject: { name }, running }: Entrant, share: number) => {
    if (failed.has(name)) return;
    try {
      const measured = await cell.measure(running, rates.get(name) ?? FIRST_RATE, seconds * share);
      if (measured.perSecond !== undefined) rates.set(name, measured.perSecond);
      return measured;
    } catch (error) {
      // The others go on; what this one did so far stands.
      failed.add(name);
      say(`${name} in ${cell.name}: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
  };
  for (const entrant of entrants) {
    // The first two tell how many messages make a round.
    await round(entrant, 0.5);
    await round(entrant, 1);
    const rate = rates.get(entrant.subject.name);
    if (rate !== undefined) await round(entrant, Math.min(WARMING_AT_MOST_S, WARM_AFTER / rate) / seconds);
  }
  for (let done = 0; done < Math.min(rounds, cell.mostRounds ?? rounds); done += 1) {
    for (const entrant of entrants) {
      const measured = await round(entrant, 1);
      if (measured !== undefined) results.get(entrant.subject.name)?.push(measured);
    }
  }
  return results;
}

function chosen<T extends { readonly name: string }>(all: readonly T[], names: string | undefined): readonly T[] {
  if (names === undefined) return all;
  return names.split(',').map((name) => {
    const found = all.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${name} is none of ${all.map((one) => one.name).join(', ')}`);
    return found;
  });
}

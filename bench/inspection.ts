/**
 * Prints what inspecting a message costs, CPU per message, by what is wished:
 *
 *   node scripts/compile-tests.mjs && node --import tsx bench/inspection.ts [BUILD…]
 *
 * BUILD is a folder as `.build/src`; several take turns, so that a busy moment of the
 * machine hits all alike. Compiled code is measured: what a loader makes of the
 * sources takes a third more.
 */

import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Wish } from '../src/message/inspection.js';
import { MESSAGES } from './messages.js';

const WISHES: readonly (Wish | null)[] = [null, 'header', 'structure', 'text', 'fingerprint'];
/** As much as comes from a socket at once. */
const CHUNK = 64 * 1024;
/** Microseconds of CPU. */
const WARM_UP = 400_000;
const ROUND = 20_000;
const ROUNDS = 25;

interface Build {
  readonly name: string;
  readonly inspect: (message: Buffer, wish: Wish | null) => unknown;
  readonly report: (message: Buffer) => unknown;
}

async function load(folder: string): Promise<Build> {
  const module = (name: string) => import(pathToFileURL(resolve(folder, name)).href);
  const { createInspector }: typeof import('../src/message/inspector.js') = await module('message/inspector.js');
  const { reportOf }: typeof import('../src/message/inspection-report.js') =
    await module('message/inspection-report.js');
  const { builtInWords }: typeof import('../src/message/words.js') = await module('message/words.js');
  const { parseAddress }: typeof import('../src/smtp/path.js') = await module('smtp/path.js');
  const recipients = [parseAddress('bob@example.net')].flatMap((address) => address ?? []);
  const inspect = (message: Buffer, wish: Wish | null) => {
    const inspector = createInspector(wish);
    for (let at = 0; at < message.length; at += CHUNK) inspector.feed(message.subarray(at, at + CHUNK));
    return inspector.end();
  };
  const report = (message: Buffer) =>
    reportOf(inspect(message, 'fingerprint'), { recipients, words: builtInWords(), now: 0 });
  return { name: folder, inspect, report };
}

/** Microseconds of CPU a run, warm, by build: the least of the rounds and the median; counted in CPU and not by the clock. */
function measure(runs: readonly (() => unknown)[]): readonly (readonly number[])[] {
  for (const run of runs) repeat(run, WARM_UP);
  const rounds = runs.map(() => [] as number[]);
  for (let round = 0; round < ROUNDS; round++) {
    for (const [index, run] of runs.entries()) rounds[index]?.push(repeat(run, ROUND));
  }
  return rounds.map((micros) => micros.sort((one, other) => one - other));
}

function repeat(run: () => unknown, atLeast: number): number {
  const before = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    run();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= atLeast) return (user + system) / runs;
  }
}

function shown(rounds: readonly number[]): string {
  const figure = (micros = 0) => (micros < 10 ? micros.toFixed(1) : Math.round(micros).toLocaleString('en'));
  return `${figure(rounds[0])} (${figure(rounds[rounds.length >> 1])})`;
}

const folders = process.argv.length > 2 ? process.argv.slice(2) : ['.build/src'];
const builds = await Promise.all(folders.map(load));
const heads = ['nothing', 'header', 'structure', 'text', 'fingerprint', 'fingerprint and all finders'];
const say = (cells: readonly string[]) => process.stdout.write(`| ${cells.join(' | ')} |\n`);
say(['µs of CPU, least (median)', ...heads]);
say(['---', ...heads.map(() => '---:')]);
for (const [name, message] of Object.entries(MESSAGES)) {
  const columns = [
    ...WISHES.map((wish) =>
      measure(
        builds.map(
          ({ inspect }) =>
            () =>
              inspect(message, wish),
        ),
      ),
    ),
    measure(
      builds.map(
        ({ report }) =>
          () =>
            report(message),
      ),
    ),
  ];
  for (const [index, build] of builds.entries()) {
    const where = builds.length === 1 ? name : `${name}, ${build.name}`;
    say([where, ...columns.map((column) => shown(column[index] ?? []))]);
  }
}

/** The measurements as Markdown. */

import { cpus } from 'node:os';
import type { Cell, Measurement } from './cells.js';
import type { CpuTime } from './process.js';

/** What a round says in one number. */
type Figure = Exclude<keyof Measurement, 'cpu'>;

type Results = ReadonlyMap<string, readonly Measurement[]>;

/** One cell: a line for each subject, medians of its rounds. */
export function report(cell: Cell, results: Results): string {
  const columns = columnsOf(results);
  const head = ['subject', ...columns.map(({ title }) => title)];
  const rows = [...results].map(([name, rounds]) => [name, ...columns.map(({ of }) => of(rounds))]);
  const lines = [head, head.map((_, index) => (index === 0 ? '---' : '---:')), ...rows];
  return [`### ${cell.name}: ${cell.what}`, '', ...lines.map((line) => `| ${line.join(' | ')} |`)].join('\n');
}

export function machine(): string {
  const [first] = cpus();
  return `Node ${process.versions.node}, ${cpus().length} cores (${first?.model ?? 'unknown'})`;
}

interface Column {
  readonly title: string;
  of(rounds: readonly Measurement[]): string;
}

function columnsOf(results: Results): readonly Column[] {
  const direct = results.get('direct') ?? [];
  const has = (figure: Figure) => [...results.values()].flat().some((round) => round[figure] !== undefined);
  const columns: Column[] = [];
  if (has('perSecond')) {
    columns.push(
      { title: 'messages/s', of: (rounds) => figureOf(rounds, 'perSecond', 0) },
      { title: 'spread', of: (rounds) => spreadOf(rounds) },
      { title: 'of direct', of: (rounds) => ratioOf(rounds, direct) },
      { title: 'CPU µs a message', of: (rounds) => figureOf(rounds, 'cpuMicros', 0) },
      // What others do on the machine only adds: the least is nearest to the subject's own cost.
      { title: 'least', of: (rounds) => (figuresOf(rounds, 'cpuMicros')[0] ?? 0).toFixed(0) },
      { title: 'by program: itself + kernel', of: programsOf },
    );
  }
  if (has('p50')) {
    columns.push(
      { title: 'p50 ms', of: (rounds) => figureOf(rounds, 'p50', 2) },
      { title: 'p99 ms', of: (rounds) => figureOf(rounds, 'p99', 2) },
      { title: 'p50 over direct', of: (rounds) => addedOf(rounds, direct, 'p50') },
      { title: 'p99 over direct', of: (rounds) => addedOf(rounds, direct, 'p99') },
    );
  }
  if (has('megabytes')) columns.push({ title: 'growth MB', of: (rounds) => figureOf(rounds, 'megabytes', 0) });
  return columns;
}

function figuresOf(rounds: readonly Measurement[], figure: Figure): readonly number[] {
  return rounds.flatMap((round) => round[figure] ?? []).sort((one, other) => one - other);
}

function median(sorted: readonly number[]): number {
  const middle = sorted.length / 2;
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2;
}

function figureOf(rounds: readonly Measurement[], figure: Figure, digits: number): string {
  return median(figuresOf(rounds, figure)).toFixed(digits);
}

function spreadOf(rounds: readonly Measurement[]): string {
  const figures = figuresOf(rounds, 'perSecond');
  return `${(figures[0] ?? 0).toFixed(0)}–${(figures[figures.length - 1] ?? 0).toFixed(0)}`;
}

const MOST_PROGRAMS = 3;

/** Those that took most. */
function programsOf(rounds: readonly Measurement[]): string {
  const times = rounds.flatMap(({ cpu }) => [...(cpu ?? [])]);
  const programs = [...new Set(times.map(([program]) => program))].map((program) => {
    const own = times.flatMap(([name, time]) => (name === program ? [time] : []));
    const mid = (figure: keyof CpuTime) => median(own.map((time) => time[figure]).sort((one, other) => one - other));
    return { program, user: mid('user'), system: mid('system') };
  });
  return programs
    .sort((one, other) => other.user + other.system - one.user - one.system)
    .slice(0, MOST_PROGRAMS)
    .map(({ program, user, system }) => `${program} ${user.toFixed(0)} + ${system.toFixed(0)}`)
    .join(', ');
}

/** The median of each round's own ratio: a slow moment slows both. */
function ratioOf(rounds: readonly Measurement[], direct: readonly Measurement[]): string {
  const ratios = rounds.flatMap(({ perSecond }, index) => {
    const base = direct[index]?.perSecond;
    return perSecond === undefined || base === undefined ? [] : [perSecond / base];
  });
  return ratios.length === 0 ? '' : median(ratios.sort((one, other) => one - other)).toFixed(2);
}

function addedOf(rounds: readonly Measurement[], direct: readonly Measurement[], figure: 'p50' | 'p99'): string {
  const added = rounds.flatMap((round, index) => {
    const base = direct[index]?.[figure];
    const own = round[figure];
    return own === undefined || base === undefined ? [] : [own - base];
  });
  return added.length === 0 ? '' : `+${median(added.sort((one, other) => one - other)).toFixed(2)}`;
}

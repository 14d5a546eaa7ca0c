import { SingleBar } from 'cli-progress';
import { Option } from 'commander';
import type { RowReader } from '../../csv/row-reader.js';
import type { Store } from '../../store/contract.js';
import type { ConfigOption, JsonOption } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line, note, plain } from '../terminal/output.js';
import { type BadRow, type ImportOptions, type ImportResult, importRows } from './import-rows.js';
import { STANDARD_INPUT, withInputFile } from './input-file.js';

export interface ImportCommandOptions extends ConfigOption, JsonOption {
  readonly badRows: 'skip' | 'refuse';
  readonly resume?: string;
}

/** What is imported: its rows, where they go, and what they are called. */
export interface Imported<T> {
  readonly reader: RowReader<T>;
  readonly write: (store: Store, batch: readonly T[]) => Promise<void>;
  /** In the plural. */
  readonly noun: string;
}

/** A wrong file has millions of bad rows; these are enough to see why. */
const BAD_ROWS_SHOWN = 100;

export function badRowsOption(): Option {
  return new Option(
    '--bad-rows <choice>',
    'refuse: look at every row first, write nothing if one is bad; skip: leave them out',
  )
    .choices(['refuse', 'skip'])
    .default('refuse');
}

export function resumeOption(): Option {
  return new Option('--resume <file>', 'keep how far it came in this file; a run that was broken off goes on there');
}

/** Imports a file, or standard input, with a bar where somebody watches; sets the exit code. */
export async function runImport<T>(file: string, options: ImportCommandOptions, imported: Imported<T>): Promise<void> {
  if (file === STANDARD_INPUT && options.resume !== undefined)
    throw new Failure(EXIT.usage, 'standard input cannot be resumed: it is not there the next time');
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  // Once: a second Ctrl-C ends the command on the spot.
  process.once('SIGINT', onInterrupt);
  try {
    await withInputFile(file, stop.signal, (path) => importFile(path, options, imported, stop.signal));
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function importFile<T>(
  file: string,
  options: ImportCommandOptions,
  { reader, write, noun }: Imported<T>,
  stop: AbortSignal,
): Promise<void> {
  const shown: BadRow[] = [];
  let badRows = 0;
  const progress = startProgress();
  const onBadRow = (row: BadRow): void => {
    badRows += 1;
    if (badRows > BAD_ROWS_SHOWN) return;
    shown.push(row);
    if (!progress.visible) note(badRowLine(row));
  };
  const result = await withStore(options, ({ store }) =>
    importRows({
      reader,
      write: (batch) => write(store, batch),
      file,
      badRows: options.badRows,
      resume: options.resume ?? null,
      onBadRow,
      onUnknownColumns: (names) => note(`columns left out: ${names.map(plain).join(', ')}`),
      onProgress: progress.show,
      stop,
    }),
  ).finally(progress.stop);
  if (progress.visible) for (const row of shown) note(badRowLine(row));
  if (badRows > BAD_ROWS_SHOWN) note(`and ${badRows - BAD_ROWS_SHOWN} more bad rows`);
  if (options.json) json({ ...result, badRows: shown });
  else line(summary(result, noun));
  if (result.bad > 0) process.exitCode = EXIT.data;
}

function badRowLine({ line: number, problem }: BadRow): string {
  return `line ${number}: ${plain(problem)}`;
}

function summary(result: ImportResult, noun: string): string {
  if (result.refused) return `nothing imported: ${result.bad} bad rows (--bad-rows skip leaves them out)`;
  const resumed = result.resumedAt === null ? '' : `, this run from line ${result.resumedAt} on`;
  return `${result.imported} ${noun} imported, ${result.bad} bad rows left out${resumed}`;
}

interface Progress {
  readonly visible: boolean;
  readonly show: ImportOptions<unknown>['onProgress'];
  readonly stop: () => void;
}

/** `importing [] 100% | 10000000 rows | 1h30m to go`, so that a line of the terminal holds it. */
const TEXT_BESIDE_BAR = 55;

/** A bar over the file's octets; nothing where nobody watches. */
function startProgress(): Progress {
  if (process.stderr.isTTY !== true) return { visible: false, show: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: '{phase} [{bar}] {percentage}% | {rows} rows | {eta_formatted} to go',
    stream: process.stderr,
    barsize: Math.max(5, Math.min(40, process.stderr.columns - TEXT_BESIDE_BAR)),
    hideCursor: true,
    clearOnComplete: true,
  });
  let phase = '';
  const show: Progress['show'] = (current, done, size, rows) => {
    if (current !== phase) bar.start(size, 0, { phase: current, rows: 0 });
    phase = current;
    bar.update(done, { rows });
  };
  return { visible: true, show, stop: () => bar.stop() };
}

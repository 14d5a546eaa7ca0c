/**
 * Reads a CSV into the store: streamed, in batches, resumable. A batch may be
 * written twice (a kill between the write and the resume file), so that writing
 * the same row again must change nothing.
 */

import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type CsvRow, readCsv } from '../../csv/csv-rows.js';
import type { RowReader, RowResult } from '../../csv/row-reader.js';
import { StoreUnavailable } from '../../store/contract.js';
import { EXIT, Failure } from '../exit-codes.js';
import { type FileMark, type ImportProgress, markOf, readProgress, writeProgress } from './resume-file.js';

export interface BadRow {
  readonly line: number;
  readonly problem: string;
}

export interface ImportOptions<T> {
  readonly reader: RowReader<T>;
  write(batch: readonly T[]): Promise<void>;
  readonly file: string;
  /** `skip`: good rows go in. `refuse`: all rows are looked at first, and one bad row stops everything. */
  readonly badRows: 'skip' | 'refuse';
  /** Null: not resumable. */
  readonly resume: string | null;
  readonly onBadRow: (row: BadRow) => void;
  readonly onUnknownColumns: (names: readonly string[]) => void;
  /** Octets done of all, rows done. `checking`: the pass that writes nothing. */
  readonly onProgress: (phase: 'checking' | 'importing', done: number, size: number, rows: number) => void;
  /** Ends the import between two batches. */
  readonly stop: AbortSignal;
}

export interface ImportResult {
  /** Rows of the file that are in the store, those of earlier runs too. */
  readonly imported: number;
  readonly bad: number;
  /** True when bad rows kept everything out. */
  readonly refused: boolean;
  /** Line where an earlier run had stopped; null: started at the beginning. */
  readonly resumedAt: number | null;
}

/** A batch must end within the store's time limit, on a slow disk too. */
const BATCH = 500;
/** A store that is away for longer than these pauses ends the import. */
const RETRY_PAUSES_MS: readonly number[] = [100, 300, 1_000, 3_000];

export async function importRows<T>(options: ImportOptions<T>): Promise<ImportResult> {
  const mark = await markOf(options.file);
  const header = await headerOf(options);
  const earlier = options.resume === null ? null : await readProgress(options.resume, mark);
  if (earlier?.done === true) return { ...counts(earlier), refused: false, resumedAt: earlier.line };
  // An earlier run that wrote anything has looked at all rows already.
  if (options.badRows === 'refuse' && earlier === null) {
    const bad = await checkAll(options, header, mark);
    if (bad > 0) return { imported: 0, bad, refused: true, resumedAt: null };
  }
  const start = earlier ?? {
    version: 1,
    file: mark,
    byte: header.end,
    line: header.line,
    imported: 0,
    bad: 0,
    done: false,
  };
  const end = await writeAll(options, header, start);
  return { ...counts(end), refused: false, resumedAt: earlier?.line ?? null };
}

function counts({ imported, bad }: ImportProgress): { readonly imported: number; readonly bad: number } {
  return { imported, bad };
}

interface HeaderRow<T> {
  readonly read: (fields: readonly string[]) => RowResult<T>;
  /** Where the rows begin. */
  readonly end: number;
  readonly line: number;
}

async function headerOf<T>(options: ImportOptions<T>): Promise<HeaderRow<T>> {
  const first = await firstRow(options.file);
  const read = first?.content.ok === true ? options.reader.header(first.content.fields) : null;
  if (first === null || read === null) {
    throw new Failure(
      EXIT.data,
      `${options.file}: line ${first?.line ?? 1}: the first line must name the columns, "${options.reader.needed}" among them`,
    );
  }
  if (read.unknown.length > 0) options.onUnknownColumns(read.unknown);
  return { read: read.read, end: first.end, line: first.nextLine };
}

async function firstRow(file: string): Promise<CsvRow | null> {
  for await (const [first] of readCsv(createReadStream(file), { byte: 0, line: 1 })) {
    if (first !== undefined) return first;
  }
  return null;
}

async function checkAll<T>(options: ImportOptions<T>, header: HeaderRow<T>, mark: FileMark): Promise<number> {
  let bad = 0;
  let seen = 0;
  for await (const rows of rowsFrom(options.file, { byte: header.end, line: header.line })) {
    for (const row of rows) {
      const result = read(row, header);
      if (!result.ok) {
        bad += 1;
        options.onBadRow({ line: row.line, problem: result.problem });
      }
    }
    seen += rows.length;
    options.onProgress('checking', rows.at(-1)?.end ?? 0, mark.size, seen);
    if (options.stop.aborted) throw new Failure(EXIT.interrupted, 'interrupted; nothing was written');
  }
  return bad;
}

async function writeAll<T>(
  options: ImportOptions<T>,
  header: HeaderRow<T>,
  start: ImportProgress,
): Promise<ImportProgress> {
  let progress = start;
  let batch: T[] = [];
  let bad = 0;
  const commit = async (row: CsvRow | null): Promise<void> => {
    await writeBatch(options, batch, progress);
    const { byte, line } = row === null ? progress : { byte: row.end, line: row.nextLine };
    progress = { ...progress, byte, line, imported: progress.imported + batch.length, bad: progress.bad + bad };
    batch = [];
    bad = 0;
    if (options.resume !== null) await writeProgress(options.resume, progress);
    options.onProgress('importing', progress.byte, progress.file.size, progress.imported + progress.bad);
    if (options.stop.aborted && !progress.done) throw interrupted(progress, options.resume);
  };
  let last: CsvRow | null = null;
  for await (const rows of rowsFrom(options.file, start)) {
    for (const row of rows) {
      const result = read(row, header);
      if (result.ok) batch.push(result.row);
      else {
        bad += 1;
        options.onBadRow({ line: row.line, problem: result.problem });
      }
      last = row;
      if (batch.length >= BATCH || bad >= BATCH) await commit(row);
    }
  }
  progress = { ...progress, done: true };
  await commit(last);
  return progress;
}

function interrupted({ imported, line }: ImportProgress, resume: string | null): Failure {
  const next = resume === null ? '' : '; the same command goes on there';
  return new Failure(EXIT.interrupted, `interrupted; ${imported} rows are in, up to line ${line - 1}${next}`);
}

async function writeBatch<T>(options: ImportOptions<T>, batch: readonly T[], at: ImportProgress): Promise<void> {
  if (batch.length === 0) return;
  for (const pause of [...RETRY_PAUSES_MS, null]) {
    try {
      return await options.write(batch);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (pause === null) {
        throw new Failure(EXIT.store, `${error.message}; ${at.imported} rows are in, up to line ${at.line - 1}`, {
          cause: error,
        });
      }
      await delay(pause);
    }
  }
}

function rowsFrom(
  file: string,
  start: { readonly byte: number; readonly line: number },
): AsyncGenerator<readonly CsvRow[]> {
  return readCsv(createReadStream(file, { start: start.byte, highWaterMark: 256 * 1024 }), start);
}

function read<T>(row: CsvRow, header: HeaderRow<T>): RowResult<T> {
  return row.content.ok ? header.read(row.content.fields) : { ok: false, problem: row.content.problem };
}

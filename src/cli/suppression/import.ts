/**
 * Reads a CSV of suppressions into the store: streamed, in batches, resumable.
 * A batch that is written twice (a kill between the write and the resume file)
 * changes nothing, since the same suppression replaces itself.
 */

import { createReadStream } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { type NewSuppression, type Store, StoreUnavailable } from '../../store/contract.js';
import { EXIT, Failure } from '../exit-codes.js';
import { type Header, type RowDefaults, readHeader, readRow } from './csv-columns.js';
import { type CsvRow, readCsv } from './csv-rows.js';
import { type FileMark, type ImportProgress, markOf, readProgress, writeProgress } from './resume-file.js';

export interface BadRow {
  readonly line: number;
  readonly problem: string;
}

export interface ImportOptions {
  readonly store: Pick<Store, 'suppress'>;
  readonly file: string;
  readonly defaults: RowDefaults;
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

export async function importSuppressions(options: ImportOptions): Promise<ImportResult> {
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

interface HeaderRow {
  readonly header: Header;
  /** Where the rows begin. */
  readonly end: number;
  readonly line: number;
}

async function headerOf(options: ImportOptions): Promise<HeaderRow> {
  const first = await firstRow(options.file);
  const read = first?.content.ok === true ? readHeader(first.content.fields) : null;
  if (first === null || read === null) {
    throw new Failure(
      EXIT.data,
      `${options.file}: line ${first?.line ?? 1}: the first line must name the columns, "address" among them`,
    );
  }
  if (read.unknown.length > 0) options.onUnknownColumns(read.unknown);
  return { header: read.header, end: first.end, line: first.nextLine };
}

async function firstRow(file: string): Promise<CsvRow | null> {
  for await (const [first] of readCsv(createReadStream(file), { byte: 0, line: 1 })) {
    if (first !== undefined) return first;
  }
  return null;
}

async function checkAll(options: ImportOptions, header: HeaderRow, mark: FileMark): Promise<number> {
  let bad = 0;
  let seen = 0;
  for await (const rows of rowsFrom(options.file, { byte: header.end, line: header.line })) {
    for (const row of rows) {
      const result = read(row, header.header, options.defaults);
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

async function writeAll(options: ImportOptions, header: HeaderRow, start: ImportProgress): Promise<ImportProgress> {
  let progress = start;
  let batch: NewSuppression[] = [];
  let bad = 0;
  const commit = async (row: CsvRow | null): Promise<void> => {
    await writeBatch(options.store, batch, progress);
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
      const result = read(row, header.header, options.defaults);
      if (result.ok) batch.push(result.suppression);
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

async function writeBatch(
  store: Pick<Store, 'suppress'>,
  batch: readonly NewSuppression[],
  at: ImportProgress,
): Promise<void> {
  if (batch.length === 0) return;
  for (const pause of [...RETRY_PAUSES_MS, null]) {
    try {
      return await store.suppress(batch);
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

function read(row: CsvRow, header: Header, defaults: RowDefaults): ReturnType<typeof readRow> {
  return row.content.ok ? readRow(row.content.fields, header, defaults) : { ok: false, problem: row.content.problem };
}

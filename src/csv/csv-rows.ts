/**
 * A CSV file (RFC 4180) as rows, each with the line where it begins and the byte
 * where it ends. Framed by lines here, since a parser of the whole stream loses
 * count after a stray quote and takes the good rows behind it along; csv-parse
 * reads each record that has quotes.
 */

import { parse } from 'csv-parse/sync';

export interface CsvRow {
  /** Line where the row begins, 1 for the first. */
  readonly line: number;
  /** Octets of the file up to the row's end, and the line after it: where to go on. */
  readonly end: number;
  readonly nextLine: number;
  readonly content:
    | { readonly ok: true; readonly fields: readonly string[] }
    | { readonly ok: false; readonly problem: string };
}

interface Line {
  readonly number: number;
  readonly end: number;
  /** Null: longer than any row of ours may be. */
  readonly text: string | null;
}

/** Longer is no row of ours, and must not fill the memory. */
const MAX_LINE_OCTETS = 64 * 1024;
/** Lines that one quoted field may span before its opening quote is taken for a stray one. */
const MAX_LINES_OF_A_ROW = 50;
const NEWLINE = 0x0a;

/** Rows in the order of the file, as many at once as a chunk had; empty lines are left out. */
export async function* readCsv(
  source: AsyncIterable<Buffer>,
  start: { readonly byte: number; readonly line: number },
): AsyncGenerator<readonly CsvRow[]> {
  let open: readonly Line[] = [];
  for await (const lines of readLines(source, start)) {
    const { rows, rest } = assemble([...open, ...lines], false);
    open = rest;
    if (rows.length > 0) yield rows;
  }
  const { rows } = assemble(open, true);
  if (rows.length > 0) yield rows;
}

/** `rest`: lines of a row whose quotes are not closed yet. */
function assemble(
  lines: readonly Line[],
  atEnd: boolean,
): { readonly rows: readonly CsvRow[]; readonly rest: readonly Line[] } {
  const rows: CsvRow[] = [];
  let at = 0;
  while (at < lines.length) {
    const read = readRow(lines, at, atEnd);
    if (read === null) return { rows, rest: lines.slice(at) };
    if (read.row !== null) rows.push(read.row);
    at += read.lines;
  }
  return { rows, rest: [] };
}

/** Null: more lines are needed to tell. */
function readRow(lines: readonly Line[], at: number, atEnd: boolean): { row: CsvRow | null; lines: number } | null {
  const first = lines[at] as Line;
  const row = (last: Line, content: CsvRow['content']): CsvRow => ({
    line: first.number,
    end: last.end,
    nextLine: last.number + 1,
    content,
  });
  if (first.text === null) return { row: row(first, bad('the line is too long')), lines: 1 };
  if (first.text.trim() === '') return { row: null, lines: 1 };
  if (first.text.includes('\ufffd')) return { row: row(first, bad('not UTF-8')), lines: 1 };
  if (!first.text.includes('"')) return { row: row(first, { ok: true, fields: first.text.split(',') }), lines: 1 };
  let text = first.text;
  for (let count = 1; count <= MAX_LINES_OF_A_ROW; count += 1) {
    const last = lines[at + count - 1];
    if (last === undefined) return atEnd ? { row: row(first, bad('a quote is not closed')), lines: 1 } : null;
    if (last.text === null) break;
    if (count > 1) text += `\n${last.text}`;
    const fields = parseRecord(text);
    if (fields === 'malformed') break;
    if (fields !== 'open') return { row: row(last, { ok: true, fields }), lines: count };
  }
  return { row: row(first, bad('quotes are malformed, or not closed')), lines: 1 };
}

function parseRecord(text: string): readonly string[] | 'open' | 'malformed' {
  try {
    const records: string[][] = parse(text, { relax_column_count: true });
    return records.length === 1 && records[0] !== undefined ? records[0] : 'malformed';
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED' ? 'open' : 'malformed';
  }
}

function bad(problem: string): { readonly ok: false; readonly problem: string } {
  return { ok: false, problem };
}

async function* readLines(
  source: AsyncIterable<Buffer>,
  start: { readonly byte: number; readonly line: number },
): AsyncGenerator<readonly Line[]> {
  let number = start.line;
  let end = start.byte;
  let held: Buffer[] = [];
  let heldOctets = 0;
  const finish = (piece: Buffer, newline: number): Line => {
    const octets = held.length === 0 ? piece : Buffer.concat([...held, piece]);
    end += heldOctets + piece.length + newline;
    held = [];
    heldOctets = 0;
    const made = { number, end, text: octets.length > MAX_LINE_OCTETS ? null : textOf(octets, number === 1) };
    number += 1;
    return made;
  };
  for await (const chunk of source) {
    const lines: Line[] = [];
    let from = 0;
    for (let to = chunk.indexOf(NEWLINE, from); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
      lines.push(finish(chunk.subarray(from, to), 1));
      from = to + 1;
    }
    const piece = chunk.subarray(from);
    if (heldOctets <= MAX_LINE_OCTETS) held.push(piece);
    heldOctets += piece.length;
    yield lines;
  }
  if (heldOctets > 0) yield [finish(Buffer.alloc(0), 0)];
}

/** Without CR and, at the very start, byte order mark. */
function textOf(octets: Buffer, isFirst: boolean): string {
  const text = octets.toString('utf8');
  const unmarked = isFirst && text.startsWith('\ufeff') ? text.slice(1) : text;
  return unmarked.endsWith('\r') ? unmarked.slice(0, -1) : unmarked;
}

/** Aligned columns without frames: they read well and cut well with awk. */

import { stripVTControlCharacters } from 'node:util';
import { colours, line } from './output.js';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

const GAP = '  ';
/** In fewer columns a text is no easier to read for being kept in them. */
const NARROWEST_TEXT = 20;

/**
 * Cells may carry colours, the last column none. It is not padded, and broken
 * between words where a terminal is too narrow for it.
 */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const widths = columnWidths(columns, rows);
  const last = columns.length - 1;
  const before = widths.slice(0, last).reduce((sum, one) => sum + one + GAP.length, 0);
  const room = (process.stdout.columns ?? Number.POSITIVE_INFINITY) - before;
  const put = (cells: readonly string[]): void => {
    const padded = cells.map((cell, i) => pad(cell, widths[i] ?? 0, columns[i], i === last));
    line(padded.join(GAP).trimEnd());
  };
  put(columns.map(({ head }) => colours.bold(head.toUpperCase())));
  for (const row of rows) {
    const [first = '', ...others] = room < NARROWEST_TEXT ? [row[last] ?? ''] : broken(row[last] ?? '', room);
    put([...row.slice(0, last), first]);
    for (const other of others) line(' '.repeat(before) + other);
  }
}

/** Columns of the terminal that the widest row takes. */
export function tableWidth(columns: readonly Column[], rows: readonly (readonly string[])[]): number {
  return columnWidths(columns, rows).reduce((sum, one) => sum + one + GAP.length, -GAP.length);
}

function columnWidths(columns: readonly Column[], rows: readonly (readonly string[])[]): readonly number[] {
  return columns.map(({ head }, i) => rows.reduce((widest, row) => Math.max(widest, width(row[i] ?? '')), head.length));
}

/** In lines of at most so many characters, but for a longer word. */
function broken(text: string, room: number): readonly string[] {
  if (width(text) <= room) return [text];
  const lines: string[] = [];
  for (const word of text.split(' ')) {
    const current = lines.at(-1);
    if (current !== undefined && width(current) + 1 + width(word) <= room)
      lines[lines.length - 1] = `${current} ${word}`;
    else lines.push(word);
  }
  return lines;
}

function pad(cell: string, to: number, column: Column | undefined, last: boolean): string {
  const fill = ' '.repeat(Math.max(0, to - width(cell)));
  if (column?.align === 'right') return fill + cell;
  return last ? cell : cell + fill;
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}

/** Aligned columns without frames: they read well and cut well with awk. */

import { stripVTControlCharacters } from 'node:util';
import { colours, line } from './output.js';

export interface Column {
  readonly head: string;
  readonly align?: 'left' | 'right';
}

/** Cells may carry colours. The last column is not padded. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): void {
  const widths = columns.map(({ head }, i) => Math.max(head.length, ...rows.map((row) => width(row[i] ?? ''))));
  const put = (cells: readonly string[]): void =>
    line(
      cells
        .map((cell, i) => pad(cell, widths[i] ?? 0, columns[i], i === columns.length - 1))
        .join('  ')
        .trimEnd(),
    );
  put(columns.map(({ head }) => colours.bold(head.toUpperCase())));
  for (const row of rows) put(row);
}

function pad(cell: string, to: number, column: Column | undefined, last: boolean): string {
  const fill = ' '.repeat(Math.max(0, to - width(cell)));
  if (column?.align === 'right') return fill + cell;
  return last ? cell : cell + fill;
}

function width(cell: string): number {
  return [...stripVTControlCharacters(cell)].length;
}

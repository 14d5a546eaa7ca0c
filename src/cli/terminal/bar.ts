/** How full something is, drawn. */

import { colours } from './output.js';

const WIDEST = 20;
const NARROWEST = 5;
const FRAME = 2;

/** Cells of the bars that fit so many columns of a terminal; 0: none do. */
export function barCells(columns: number): number {
  const cells = Math.min(WIDEST, columns - FRAME);
  return cells < NARROWEST ? 0 : cells;
}

/** `[##########----------]`, yellow from four fifths on and red when full. */
export function bar(share: number, width: number): string {
  const bounded = Math.min(1, Math.max(0, share));
  // Not drawn full before it is, nor empty when something is in it.
  const cells = bounded >= 1 ? width : Math.min(width - 1, Math.ceil(bounded * width));
  const drawn = `[${'#'.repeat(cells)}${'-'.repeat(width - cells)}]`;
  if (bounded >= 1) return colours.red(drawn);
  return bounded >= 0.8 ? colours.yellow(drawn) : colours.green(drawn);
}

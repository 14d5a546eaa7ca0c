/** How full something is, drawn. */

import { colours } from './output.js';

const WIDTH = 20;

/** `[##########----------]`, yellow from four fifths on and red when full. */
export function bar(share: number): string {
  const bounded = Math.min(1, Math.max(0, share));
  // Not drawn full before it is, nor empty when something is in it.
  const cells = bounded >= 1 ? WIDTH : Math.min(WIDTH - 1, Math.ceil(bounded * WIDTH));
  const drawn = `[${'#'.repeat(cells)}${'-'.repeat(WIDTH - cells)}]`;
  if (bounded >= 1) return colours.red(drawn);
  return bounded >= 0.8 ? colours.yellow(drawn) : colours.green(drawn);
}

import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/**
 * How node runs the program: the built one that SLUICE_BIN names (`npm test`
 * does), which starts in half the time and is what operators run, or the sources.
 */
export const PROGRAM: readonly string[] =
  process.env.SLUICE_BIN === undefined ? ['--import', import.meta.resolve('tsx'), SOURCE] : [process.env.SLUICE_BIN];

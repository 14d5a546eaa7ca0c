import { fileURLToPath } from 'node:url';

const SOURCE = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/**
 * Arguments of env(1) that run node. tap puts a loader of its own into the
 * NODE_OPTIONS of all that a test starts: with it a program takes four times as
 * long to start, and writes files as it ends.
 */
export const NODE: readonly string[] = ['-u', 'NODE_OPTIONS', process.execPath];

/**
 * How node runs the program: the built one that SLUICE_BIN names (`npm test`
 * does), which starts in half the time and is what operators run, or the sources.
 */
export const PROGRAM: readonly string[] =
  process.env.SLUICE_BIN === undefined ? ['--import', import.meta.resolve('tsx'), SOURCE] : [process.env.SLUICE_BIN];

/**
 * `npm test [-- FILES and options of tap]`: compiles all and runs all tests, or
 * those of the source files that are named.
 */
import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import './compile-tests.mjs';

const args = process.argv.slice(2).map((arg) => arg.replace(/^(test\/.*)\.ts$/, '.build/$1.js'));
const { status } = spawnSync('npx', ['tap', ...args], {
  stdio: 'inherit',
  env: { ...process.env, SLUICE_BIN: resolve('dist/cli/main.js') },
});
process.exitCode = status ?? 1;

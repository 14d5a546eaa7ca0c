/**
 * `npm test [-- FILES and options of tap]`: compiles all and runs all tests, or
 * those of the source files that are named.
 */
import { spawnSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { tests } from './compile-tests.mjs';

const given = process.argv.slice(2);
const named = given.filter((arg) => !arg.startsWith('-'));
const files = (named.length > 0 ? named : tests()).map(compiled);
const options = given.filter((arg) => arg.startsWith('-'));
const args = [...options, ...files.map((file) => `--test-arg=${file}`)];
const { status } = spawnSync('npx', ['tap', 'scripts/test-files.mjs', ...args], {
  stdio: 'inherit',
  env: { ...process.env, SLUICE_BIN: resolve('dist/cli/main.js') },
});
process.exitCode = status ?? 1;

function compiled(file) {
  return join('.build', file.replace(/\.ts$/, '.js'));
}

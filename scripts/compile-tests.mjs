/**
 * Compiles the tests, with all that they import, tap included: each of two
 * hundred files would read hundreds of modules, through tap's loaders, at some
 * five milliseconds each. `.build` is laid out as the repository, so that a test
 * finds by relative paths what its source finds.
 */
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { bundling } from './bundling.mjs';

const COMPILED = '.build';
const SOURCES = ['bench', 'scripts', 'src', 'test'];
const OF_NO_TEST = [COMPILED, '.git', 'node_modules'];
/** What tests run as processes of their own. */
const PROGRAMS = [
  'src/service/worker-link.ts',
  'src/telemetry/line-writer.ts',
  'test/faults/recording-relay.ts',
  'test/hostile/customer.ts',
  'test/store/embedded-process.ts',
  'test/store/telling-process.ts',
];
/** What `bench/inspection.ts` measures. */
const MEASURED = [
  'src/message/inspection-report.ts',
  'src/message/inspector.ts',
  'src/message/words.ts',
  'src/smtp/path.ts',
];

rmSync(COMPILED, { recursive: true, force: true });
await build({
  // A module may be joined into any chunk, at another depth than its own.
  ...bundling((path) => JSON.stringify(pathToFileURL(placeOf(path)).href)),
  entryPoints: [...tests(), ...PROGRAMS, ...MEASURED],
  outdir: COMPILED,
  outbase: '.',
  sourcemap: true,
  // Node reads the map of each file that it loads, for the places that tap reports.
  sourcesContent: false,
});
for (const name of readdirSync('.')) {
  if (!SOURCES.includes(name) && !OF_NO_TEST.includes(name)) linkToSource(name);
}
for (const source of SOURCES) {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith('.ts')) linkToSource(join(entry.parentPath, entry.name));
  }
}

/** The sources of all tests, in the order of their names. */
export function tests() {
  const names = readdirSync('test', { recursive: true }).filter((name) => name.endsWith('.test.ts'));
  return names.sort().map((name) => join('test', name));
}

function placeOf(path) {
  return resolve(COMPILED, relative('.', path).replace(/\.ts$/, '.js'));
}

function linkToSource(path) {
  const link = join(COMPILED, path);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(resolve(path), link);
}

/**
 * Compiles the tests, with all that they import, once: through a loader each of
 * two hundred files would pay for it anew. `.build` is laid out as the
 * repository, so that a test finds by relative paths what its source finds.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

const COMPILED = '.build';
const SOURCES = ['bench', 'scripts', 'src', 'test'];
const OF_NO_TEST = [COMPILED, '.git', 'node_modules'];

rmSync(COMPILED, { recursive: true, force: true });
execFileSync('npx', ['tsc', '-p', 'tsconfig.tests.json'], { stdio: 'inherit' });
for (const name of readdirSync('.')) {
  if (!SOURCES.includes(name) && !OF_NO_TEST.includes(name)) linkToSource(name);
}
for (const source of SOURCES) {
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    if (entry.isFile() && !entry.name.endsWith('.ts')) linkToSource(join(entry.parentPath, entry.name));
  }
}

function linkToSource(path) {
  const link = join(COMPILED, path);
  mkdirSync(dirname(link), { recursive: true });
  symlinkSync(resolve(path), link);
}

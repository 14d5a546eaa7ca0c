/**
 * Builds `dist`: the program and the packages that it uses, joined into a few
 * files. Reading some six hundred of them took half of the time of a start, and
 * a primary starts each of its workers.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';
import { bundling } from './bundling.mjs';

const SOURCES = 'src';
const BUILT = 'dist';

rmSync(BUILT, { recursive: true, force: true });
await build({
  // `dist` may be moved as a whole, and all its files are one folder deep.
  ...bundling((path) => `new URL('${join('..', relative(resolve(SOURCES), path))}', import.meta.url).href`),
  entryPoints: { 'cli/main': `${SOURCES}/cli/main.ts` },
  outdir: BUILT,
  sourcemap: true,
  legalComments: 'linked',
});
for (const name of readdirSync(SOURCES, { recursive: true })) {
  if (!name.endsWith('.lua') && !/^message[/\\]words[/\\].*\.json$/.test(name)) continue;
  mkdirSync(dirname(join(BUILT, name)), { recursive: true });
  copyFileSync(join(SOURCES, name), join(BUILT, name));
}
chmodSync(join(BUILT, 'cli/main.js'), 0o755);

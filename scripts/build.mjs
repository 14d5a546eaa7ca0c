/**
 * Builds `dist`: the program and the packages that it uses, joined into a few
 * files. Reading some six hundred of them took half of the time of a start, and
 * a primary starts each of its workers.
 */
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { build } from 'esbuild';

const SOURCES = 'src';
const BUILT = 'dist';

/** What a module finds beside itself lies at the same place under `dist`, where all files are one folder deep. */
const ownPlace = {
  name: 'own-place',
  setup({ onLoad }) {
    onLoad({ filter: /\.ts$/ }, ({ path }) => {
      const place = join('..', relative(resolve(SOURCES), path));
      const contents = readFileSync(path, 'utf8');
      return {
        loader: 'ts',
        contents: contents.replaceAll('import.meta.url', `new URL('${place}', import.meta.url).href`),
      };
    });
  },
};

rmSync(BUILT, { recursive: true, force: true });
await build({
  entryPoints: { 'cli/main': `${SOURCES}/cli/main.ts` },
  outdir: BUILT,
  chunkNames: 'chunks/[name]-[hash]',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20.19',
  sourcemap: true,
  legalComments: 'linked',
  // These bring machine code of their own.
  external: ['libsql', '@node-rs/*'],
  // CommonJS packages ask for Node's own modules by it.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module';\nconst require = requireFrom(import.meta.url);",
  },
  plugins: [ownPlace],
  logLevel: 'warning',
});
for (const name of readdirSync(SOURCES, { recursive: true })) {
  if (!name.endsWith('.lua') && !/^message[/\\]words[/\\].*\.json$/.test(name)) continue;
  mkdirSync(dirname(join(BUILT, name)), { recursive: true });
  copyFileSync(join(SOURCES, name), join(BUILT, name));
}
chmodSync(join(BUILT, 'cli/main.js'), 0o755);

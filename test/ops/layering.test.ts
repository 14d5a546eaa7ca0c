/** The linter must refuse an import that points the wrong way, or the layering is only a drawing. */

import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import t from 'tap';

const BIOME = resolve('node_modules/.bin/biome');

interface Report {
  readonly diagnostics: readonly {
    readonly category: string;
    readonly location: { readonly path: string; readonly start: { readonly line: number } };
  }[];
}

/** What the linter reports of files with these imports, each as `FILE IMPORTED: RULE`. */
async function reported(imports: readonly (readonly [file: string, imported: string])[]): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-layering-'));
  const files = new Map<string, string[]>();
  for (const [file, imported] of imports) files.set(file, [...(files.get(file) ?? []), imported]);
  try {
    await mkdir(join(folder, '.git'));
    await copyFile('.gitignore', join(folder, '.gitignore'));
    await copyFile('biome.json', join(folder, 'biome.json'));
    for (const [file, its] of files) {
      await mkdir(dirname(join(folder, file)), { recursive: true });
      await writeFile(
        join(folder, file),
        its.map((imported, n) => `export { thing as thing${n} } from '${imported}';\n`).join(''),
      );
    }
    const out = await new Promise<string>((done) => {
      execFile(BIOME, ['lint', '--reporter=json', '.'], { cwd: folder, timeout: 60_000 }, (_error, stdout) =>
        done(stdout),
      );
    });
    const { diagnostics }: Report = JSON.parse(out);
    return diagnostics.map(
      ({ category, location: { path, start } }) => `${path} ${files.get(path)?.[start.line - 1]}: ${category}`,
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const REFUSED: [file: string, imported: string][] = [
  ['src/policy/engine.ts', '../store/redis/redis-store.js'],
  ['src/policy/rules/volume.ts', '../../store/embedded/embedded-store.js'],
  ['src/policy/rules/volume.ts', '../../door/smtp/smtp-connection.js'],
  ['src/policy/engine.ts', '../relay/pool.js'],
  ['src/policy/engine.ts', '../config/schema.js'],
  ['src/policy/engine.ts', '../transaction/transaction.js'],
  ['src/policy/engine.ts', 'ioredis'],
  ['src/smtp/reply.ts', '../store/contract.js'],
  ['src/store/contract.ts', './redis/redis-store.js'],
  ['src/store/redis/redis-store.ts', '../../policy/rule.js'],
  ['src/store/redis/redis-store.ts', '../embedded/embedded-store.js'],
  ['src/door/smtp/smtp-door.ts', '../../store/redis/redis-store.js'],
  ['src/door/smtp/smtp-door.ts', '../../relay/pool.js'],
  ['src/door/smtp/smtp-door.ts', '../../config/schema.js'],
  ['src/transaction/transaction.ts', '../door/smtp/smtp-door.js'],
  ['src/transaction/transaction.ts', '../relay/pool.js'],
  ['src/transaction/transaction.ts', '../replay/explanation.js'],
  ['src/replay/explanation.ts', '../store/redis/redis-store.js'],
  ['src/relay/pool.ts', '../policy/rule.js'],
  ['src/account/identify.ts', '../config/schema.js'],
  ['src/service.ts', './cli/main.js'],
];

const ALLOWED: [file: string, imported: string][] = [
  ['src/policy/rules/volume.ts', '../../store/window.js'],
  ['src/store/redis/redis-store.ts', '../contract.js'],
  ['src/store/redis/redis-store.ts', 'ioredis'],
  ['src/door/smtp/smtp-door.ts', '../../relay/contract.js'],
  ['src/door/smtp/smtp-door.ts', '../../smtp/reply.js'],
  ['src/transaction/transaction.ts', '../policy/engine.js'],
  ['src/replay/supposed-mail.ts', '../transaction/transaction.js'],
  ['src/service.ts', './store/redis/redis-store.js'],
  ['src/service.ts', './config/schema.js'],
];

t.test('imports that point the wrong way are refused', async (t) => {
  const expected = REFUSED.map(([file, imported]) => `${file} ${imported}: lint/style/noRestrictedImports`);
  t.strictSame((await reported(REFUSED)).sort(), expected.sort());
});

t.test('imports that point down are allowed', async (t) => {
  t.strictSame(await reported(ALLOWED), []);
});

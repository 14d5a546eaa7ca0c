/** What hand-written pages point at exists: files and anchors, config keys, commands with their options. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';
import { commandTree, everyNode } from '../../src/cli/completion/command-tree.js';
import { createProgram } from '../../src/cli/program.js';
import { parseConfig } from '../../src/config/load.js';
import { CATALOGUE } from '../../src/policy/catalogue.js';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly items?: Schema;
}

const inDocs = (await readdir('docs', { recursive: true })).filter((name) => name.endsWith('.md'));
const paths = ['README.md', 'CONTRIBUTING.md', ...inDocs.map((name) => join('docs', name))];
const pages = new Map<string, string>();
for (const path of paths) pages.set(path, await readFile(path, 'utf8'));

/** The page without its fenced blocks. */
function prose(text: string): string {
  return text.replace(/^ *```[\s\S]*?^ *```$/gm, '');
}

/** Anchors as GitHub makes them of headings, and those that a page sets itself. */
function anchorsOf(text: string): ReadonlySet<string> {
  const headings = [...prose(text).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
  const own = [...text.matchAll(/<a id="([^"]+)">/g)].map(([, id = '']) => id);
  return new Set([...headings, ...own]);
}

t.test('links lead to files, and to places in them', async (t) => {
  for (const [page, text] of pages) {
    for (const [, target = ''] of prose(text).matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^[a-z]+:/.test(target)) continue;
      const [file = '', anchor] = target.split('#', 2);
      const path = file === '' ? page : join(dirname(page), file);
      await t.resolves(stat(path), `${page}: ${target}`);
      if (anchor === undefined) continue;
      const there = pages.get(path) ?? (await readFile(path, 'utf8'));
      t.ok(anchorsOf(there).has(anchor), `${page}: ${target} has its anchor`);
    }
  }
});

t.test('config keys in backticks exist', async (t) => {
  const schema = JSON.parse(await readFile('config/sluice.schema.json', 'utf8')) as Schema;
  const sections = Object.keys(schema.properties ?? {}).join('|');
  const key = new RegExp(`\`((?:${sections})(?:\\[\\])?(?:\\.\\w+(?:\\[\\])?)+)(?=[\`: ])`, 'g');
  const rules = new Set<string>(CATALOGUE.map(({ id }) => id));
  let found = 0;
  for (const [page, text] of pages) {
    for (const [, path = ''] of prose(text).matchAll(key)) {
      if (rules.has(path)) continue;
      t.ok(isKey(schema, path) || (page === 'docs/config.md' && isKeyOfSection(schema, path)), `${page}: ${path}`);
      found += 1;
    }
  }
  t.ok(found > 20, 'there were some');
});

/** The reference names keys within their section. */
function isKeyOfSection(schema: Schema, path: string): boolean {
  return Object.keys(schema.properties ?? {}).some((section) => isKey(schema, `${section}.${path}`));
}

function isKey(schema: Schema, path: string): boolean {
  let at: Schema | undefined = schema;
  for (const name of path.replaceAll('[]', '').split('.')) {
    const inside: Schema | undefined = at?.items ?? at;
    const open: boolean | Schema | undefined = inside?.additionalProperties;
    at = inside?.properties?.[name] ?? (typeof open === 'object' ? open : undefined);
  }
  return at !== undefined;
}

/** For whatever a page takes from the environment. */
const SECRET = 'long enough for any key';

t.test('YAML in pages is config', async (t) => {
  let found = 0;
  for (const [page, text] of pages) {
    for (const [, yaml = ''] of text.matchAll(/^ *```yaml\n([\s\S]*?)^ *```$/gm)) {
      const env = Object.fromEntries([...yaml.matchAll(/\$\{env:(\w+)\}/g)].map(([, name]) => [name, SECRET]));
      const loaded = parseConfig(page, yaml, { env, directory: 'docs' });
      // What a snippet names on the operator's machine is not here.
      const wrong = loaded.ok ? [] : loaded.errors.filter((error) => !error.found.includes('no such file'));
      t.strictSame(wrong, [], `${page}:\n${yaml}`);
      found += 1;
    }
  }
  t.ok(found > 0);
});

t.test('commands and options exist', async (t) => {
  const nodes = everyNode(commandTree(await createProgram()));
  const byPath = new Map(nodes.map((node) => [node.path, node]));
  let found = 0;
  for (const [page, text] of pages) {
    for (const [, line = ''] of text.matchAll(/(?:^|`)sluice ([a-z][^`|\n]*)/gm)) {
      const words = line.trim().split(/\s+/);
      const node = byPath.get(words.slice(0, 2).join(' ')) ?? byPath.get(words[0] ?? '');
      t.ok(node !== undefined, `${page}: sluice ${line}`);
      const known = new Set(['--help', ...(node?.options ?? []).map(({ long }) => long)]);
      for (const option of line.match(/--[a-z][a-z-]*/g) ?? []) t.ok(known.has(option), `${page}: sluice ${line}`);
      found += 1;
    }
  }
  t.ok(found > 20, 'there were some');
});

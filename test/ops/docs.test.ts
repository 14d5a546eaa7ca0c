/** Docs that are written by hand must not rot: their links lead somewhere, and files that they show are those files. */

import { access, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import t from 'tap';

const pages = [
  'README.md',
  'CONTRIBUTING.md',
  'CHANGELOG.md',
  ...(await readdir('docs', { recursive: true }))
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

t.test('links within the repository lead to files', async (t) => {
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    for (const [, target = ''] of text.matchAll(/\]\(([^)\s]+)\)/g)) {
      if (/^(?:https?:|#)/.test(target)) continue;
      const file = join(dirname(page), target.replace(/#.*$/, ''));
      await t.resolves(access(file), `${page}: ${target}`);
    }
  }
});

t.test('files that a page shows are shown as they are', async (t) => {
  let shown = 0;
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    for (const [, file = '', block] of text.matchAll(/<!-- file: (\S+) -->\n```\w*\n([\s\S]*?)\n```/g)) {
      t.equal(block, (await readFile(file, 'utf8')).trimEnd(), `${page} shows ${file}`);
      shown += 1;
    }
  }
  t.ok(shown > 0);
});

t.test('commands of the program that pages name exist', async (t) => {
  const commands = (await readdir('src/cli/commands')).map((name) => name.replace(/\.ts$/, ''));
  for (const page of pages) {
    const text = await readFile(page, 'utf8');
    for (const [, command = ''] of text.matchAll(/`(?:npx )?sluice ([a-z][a-z-]*)/g)) {
      t.ok(commands.includes(command), `${page}: sluice ${command}`);
    }
  }
});

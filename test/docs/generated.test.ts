import { readFileSync } from 'node:fs';
import t from 'tap';
import { GENERATED_PAGES } from '../../scripts/generated-pages.js';

t.test('no generated page is stale', async (t) => {
  for (const [path, content] of GENERATED_PAGES) {
    const committed = readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
    t.equal(committed, content(), `${path} is what \`npm run docs\` writes`);
  }
});

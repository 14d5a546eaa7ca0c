/** Our own corpus: every message as it should be read, and nothing suppressed by what is no bounce. */

import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { countsAgainstRecipient } from '../../src/feedback/outcome.js';
import { readReport } from '../../src/feedback/read-report.js';
import { CORPUS, checkCorpus } from './corpus-check.js';

const checked = await checkCorpus();

t.test('every message is read as is written beside it', async (t) => {
  for (const { group, family, file, differences } of checked) t.same(differences, [], `${group}/${family}/${file}`);
});

t.test('there is enough of each', async (t) => {
  const of = (group: string) => checked.filter((one) => one.group === group);
  t.ok(of('bounces').length >= 150);
  t.ok(new Set(of('bounces').map(({ family }) => family)).size >= 25);
  t.ok(of('complaints').length >= 30);
  t.ok(of('non-bounces').length >= 40);
});

t.test('what is no bounce counts against nobody', async (t) => {
  for (const group of ['non-bounces', 'complaints', 'revocations']) {
    for (const name of await messagesIn(group)) {
      const { outcomes } = readReport(await readFile(join(CORPUS, group, name)));
      t.same(outcomes.filter(countsAgainstRecipient), [], `${group}/${name}`);
    }
  }
});

async function messagesIn(group: string): Promise<string[]> {
  const names = await readdir(join(CORPUS, group), { recursive: true });
  return names.filter((name) => name.endsWith('.eml'));
}

import { readFile } from 'node:fs/promises';
import t from 'tap';
import { CATALOGUE } from '../../src/policy/catalogue.js';
import { CASES } from './cases.js';
import { EXAMPLES, examples } from './examples.js';
import { judgeCase } from './judge-case.js';

t.test('every message is judged as it should be', async (t) => {
  for (const one of CASES) {
    const { verdict, reply } = await judgeCase(one);
    t.equal(verdict, one.verdict, `${one.rule}, ${one.name}: should ${one.verdict}, says ${reply}`);
  }
});

t.test('ten that pass and ten that do not, of each rule on messages', async (t) => {
  // What is known of recipients is the store's, and tested there.
  const rules = CATALOGUE.filter(
    ({ messageNeeds, judge }) => messageNeeds !== undefined && judge.recipient === undefined,
  );
  for (const { id: rule } of rules) {
    for (const verdict of ['pass', 'refuse'] as const) {
      const count = CASES.filter((one) => one.rule === rule && one.verdict === verdict).length;
      t.ok(count >= 10, `${rule}: ${count} that ${verdict}`);
    }
  }
});

t.test('the examples are those of the corpus', async (t) => {
  for (const [name, message] of examples()) t.equal(await readFile(new URL(name, EXAMPLES), 'utf8'), message, name);
});

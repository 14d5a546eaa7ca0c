import { readFile } from 'node:fs/promises';
import t from 'tap';
import { CASES } from './cases.js';
import { EXAMPLES, examples } from './examples.js';
import { judgeCase } from './judge-case.js';

/** What is judged wrongly, and known: each is a wish to the words and finders of `src/message/`. */
const KNOWN: readonly string[] = [
  // "Your unsubscription takes effect immediately.": the noun is not among the words.
  'message.revocation-notice, once',
  // Authentication-Results of a host further down the way cannot be told from a forged one.
  'message.source, a forged result',
];

t.test('every message is judged as it should be', async (t) => {
  const wrong: string[] = [];
  for (const one of CASES) {
    const { verdict, reply } = await judgeCase(one);
    const name = `${one.rule}, ${one.name}`;
    if (verdict === one.verdict) continue;
    wrong.push(name);
    if (!KNOWN.includes(name)) t.fail(`${name}: should ${one.verdict}, says ${reply}`);
  }
  t.same(wrong.sort(), [...KNOWN].sort(), 'and what was wrong once and is right now is off the list');
});

t.test('ten that pass and ten that do not, of each rule', async (t) => {
  for (const rule of new Set(CASES.map((one) => one.rule))) {
    for (const verdict of ['pass', 'refuse'] as const) {
      const count = CASES.filter((one) => one.rule === rule && one.verdict === verdict).length;
      t.ok(count >= 10, `${rule}: ${count} that ${verdict}`);
    }
  }
});

t.test('the examples are those of the corpus', async (t) => {
  for (const [name, message] of examples()) t.equal(await readFile(new URL(name, EXAMPLES), 'utf8'), message, name);
});

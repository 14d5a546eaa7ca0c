/**
 * Precision and recall of each rule over the corpus:
 *
 *     node --import tsx test/corpus/precision.ts
 *
 * Precision: of what is refused, how much should be. Recall: of what should be
 * refused, how much is. What is judged wrongly is named.
 */

import type { Case } from './case.js';
import { CASES } from './cases.js';
import { judgeCase } from './judge-case.js';

/** Messages that pass, and that do not, for each rule. */
const FEWEST = 10;

const judged = await Promise.all(CASES.map(async (one) => ({ one, ...(await judgeCase(one)) })));
const rules = [...new Set(CASES.map(({ rule }) => rule))].sort();
const out = (text: string) => process.stdout.write(`${text}\n`);
out(`${'rule'.padEnd(28)}${['pass', 'refuse', 'precision', 'recall'].map((head) => head.padStart(10)).join('')}`);
for (const rule of rules) {
  const own = judged.filter(({ one }) => one.rule === rule);
  const count = (expected: Case['verdict'], got: Case['verdict']) =>
    own.filter(({ one, verdict }) => one.verdict === expected && verdict === got).length;
  const [right, tooMuch, missed] = [count('refuse', 'refuse'), count('pass', 'refuse'), count('refuse', 'pass')];
  const share = (of: number, all: number) => (all === 0 ? '-' : (of / all).toFixed(3));
  const cells = [
    count('pass', 'pass') + tooMuch,
    right + missed,
    share(right, right + tooMuch),
    share(right, right + missed),
  ];
  out(rule.padEnd(28) + cells.map((cell) => String(cell).padStart(10)).join(''));
}
const few = rules.filter((rule) =>
  (['pass', 'refuse'] as const).some(
    (verdict) => CASES.filter((one) => one.rule === rule && one.verdict === verdict).length < FEWEST,
  ),
);
out(
  `${CASES.length} messages; rules with fewer than ${FEWEST} of either kind: ${few.length === 0 ? 'none' : few.join(', ')}`,
);
for (const { one, verdict, reply } of judged) {
  if (verdict !== one.verdict)
    out(`${one.rule}, ${one.name}: should ${one.verdict}${reply === null ? '' : `, says ${reply}`}`);
}

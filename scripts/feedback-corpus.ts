/** Prints how the reader does on the corpus, by family: read, misread, refused. */

import { checkCorpus } from '../test/feedback/corpus-check.js';

const checked = await checkCorpus();
const families = new Map<string, { read: number; misread: number; refused: number }>();
for (const { group, family, verdict } of checked) {
  const tally = families.get(`${group}/${family}`) ?? { read: 0, misread: 0, refused: 0 };
  tally[verdict] += 1;
  families.set(`${group}/${family}`, tally);
}
const lines = [...families].map(([name, { read, misread, refused }]) => row(name, read, misread, refused));
const total = (verdict: string): number => checked.filter((one) => one.verdict === verdict).length;
process.stdout.write(
  `${[row('family', 'read', 'misread', 'refused'), ...lines, row('all', total('read'), total('misread'), total('refused'))].join('\n')}\n`,
);
for (const { group, family, file, differences } of checked) {
  for (const difference of differences) process.stdout.write(`${group}/${family}/${file}: ${difference}\n`);
}
process.exitCode = checked.every(({ verdict }) => verdict === 'read') ? 0 : 1;

function row(name: string, ...numbers: readonly (number | string)[]): string {
  return [name.padEnd(32), ...numbers.map((number) => String(number).padStart(8))].join('');
}

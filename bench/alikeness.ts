/**
 * Prints how well alike messages are known, template by template:
 *
 *   node --import tsx bench/alikeness.ts [messages of each template, 2000]
 */

import { measure } from './alikeness-measure.js';

const perTemplate = Number(process.argv[2] ?? 2_000);
const measured = measure(perTemplate);
const percent = (share: number): string => (Number.isNaN(share) ? '-' : `${(100 * share).toFixed(2)} %`);

process.stdout.write(
  '| template | messages | features | met (recall) | met another |\n| --- | ---: | ---: | ---: | ---: |\n',
);
for (const { template, messages, recall, strayed, features } of measured)
  process.stdout.write(`| ${template} | ${messages} | ${features} | ${percent(recall)} | ${percent(strayed)} |\n`);
const templates = measured.filter(({ recall }) => !Number.isNaN(recall));
const met = templates.reduce((sum, { recall, messages }) => sum + recall * messages, 0);
const all = templates.reduce((sum, { messages }) => sum + messages, 0);
const strayed = measured.reduce((sum, one) => sum + one.strayed * one.messages, 0);
process.stdout.write(`\nrecall ${percent(met / all)}, precision ${percent(met / (met + strayed))}\n`);

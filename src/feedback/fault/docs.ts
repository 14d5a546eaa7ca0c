import { FAULT_OF } from '../outcome.js';
import { WORDINGS } from './classify.js';

/** The reference page of the wordings: an example of each, in the order in which they are tried. */
export function wordingsPage(): string {
  const rows = WORDINGS.map(
    ({ class: fault, weight, example }, index) =>
      `| ${index + 1} | \`${fault}\` | ${FAULT_OF[fault]} | ${weight} | ${example.replaceAll('|', '\\|').replaceAll('<', '\\<')} |`,
  );
  return [
    '# Wordings of bounces',
    '',
    'By what words a failure is told to be whose fault, in the order in which they are tried (see [feedback-reading.md](feedback-reading.md)). The patterns are in `src/feedback/fault/`; the examples are ours, and each is tested.',
    '',
    '| | class | whose fault | weight | an example |',
    '| --- | --- | --- | --- | --- |',
    ...rows,
    '',
  ].join('\n');
}

import { Command } from 'commander';
import type { Report } from '../../feedback/outcome.js';
import { readReport } from '../../feedback/read-report.js';
import { type JsonOption, withExamples, withJson } from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { messagesOf, type SourceTrouble } from '../feedback/mail-source.js';
import { drained, jsonLine, line, note, plain } from '../terminal/output.js';

export function feedbackRead(): Command {
  const command = new Command('read')
    .description('what bounces, complaints, Remove mails and automatic answers say; needs no config and no store')
    .argument('<files...>', 'messages: files, folders, Maildirs, mboxes, - for standard input')
    .action(run);
  return withExamples(withJson(command), [
    'sluice feedback read bounce.eml',
    'sluice feedback read ~/Maildir/.bounces --json',
    'sluice feedback read - --json < mbox',
  ]);
}

async function run(names: readonly string[], options: JsonOption): Promise<void> {
  const show = options.json ? showJson : showLines;
  for await (const source of messagesOf(names)) {
    if ('trouble' in source) tell(source);
    else show(source.file, readReport(source.octets));
    await drained();
  }
}

/** The others are read all the same. */
function tell({ file, trouble }: SourceTrouble): void {
  note(`sluice: ${plain(file)}: ${plain(trouble)}`);
  process.exitCode = EXIT.config;
}

/** Exactly these fields: programs judge the reading by them (docs/feedback-reading.md). */
function showJson(file: string, { kind, outcomes, message }: Report): void {
  jsonLine({ file, kind, outcomes, message });
}

function showLines(file: string, { kind, outcomes }: Report): void {
  if (outcomes.length === 0) line([file, kind].map(plain).join(' '));
  for (const { recipient, action, status, class: fault, permanent, diagnostic } of outcomes) {
    const words = [file, kind, action ?? '-', status ?? '-', fault, permanent ? 'permanent' : '-', recipient];
    line([...words, diagnostic ?? ''].map(plain).join(' ').trimEnd());
  }
}

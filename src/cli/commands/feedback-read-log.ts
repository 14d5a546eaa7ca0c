import { Command, Option } from 'commander';
import { LOG_FORMAT_NAMES, type LogFormatName, logFormat } from '../../feedback/relay-log/formats.js';
import { LogLines } from '../../feedback/relay-log/log-lines.js';
import { type LogOutcome, RelayLog } from '../../feedback/relay-log/relay-log.js';
import { type JsonOption, withExamples, withJson } from '../common-options.js';
import { lastWritten, octetsOf } from '../octets.js';
import { drained, instant, jsonLine, line, plain } from '../terminal/output.js';

interface Options extends JsonOption {
  readonly format: LogFormatName;
}

export function feedbackReadLog(): Command {
  const command = new Command('read-log')
    .description("what a relay's log says became of each recipient; needs no config and no store")
    .argument('<file>', 'the log, - for standard input')
    .addOption(
      new Option('--format <name>', 'whose log it is; events: JSON written by a program of yours (docs/feedback.md)')
        .choices(LOG_FORMAT_NAMES)
        .default('auto'),
    )
    .action(run);
  return withExamples(withJson(command), [
    'sluice feedback read-log /var/log/mail.log',
    'zcat /var/log/mail.log.*.gz | sluice feedback read-log - --json',
    'sluice feedback read-log /var/log/exim4/mainlog --format exim --json',
  ]);
}

async function run(file: string, options: Options): Promise<void> {
  const show = options.json ? showJson : showLine;
  const log = new RelayLog(logFormat(options.format));
  const lines = new LogLines();
  const reference = await lastWritten(file);
  const read = (text: string): void => log.line(text, reference).forEach(show);
  for await (const chunk of octetsOf(file)) {
    lines.push(chunk, read);
    await drained();
  }
  lines.end(read);
  log.end().forEach(show);
}

function showJson({ at, fate, outcome, sender, agent, chain, message }: LogOutcome): void {
  jsonLine({ at: new Date(at).toISOString(), fate, ...outcome, sender, agent, chain, message });
}

function showLine({ at, outcome, chain }: LogOutcome): void {
  const { recipient, action, status, class: fault, diagnostic } = outcome;
  const words = [action, status ?? '-', fault, recipient, chain.join('>'), diagnostic ?? ''];
  line([instant(at), ...words.map((word) => plain(word ?? ''))].join(' '));
}

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Command, Option } from 'commander';
import { LOG_FORMAT_NAMES, type LogFormatName, logFormat } from '../../feedback/relay-log/formats.js';
import { LogLines } from '../../feedback/relay-log/log-lines.js';
import { type LogOutcome, RelayLog } from '../../feedback/relay-log/relay-log.js';
import { type JsonOption, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { drained, instant, jsonLine, line, plain } from '../terminal/output.js';

interface Options extends JsonOption {
  readonly format: LogFormatName;
}

const STANDARD_INPUT = '-';

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
  const reference = file === STANDARD_INPUT ? Date.now() : await lastWritten(file);
  const read = (text: string): void => log.line(text, reference).forEach(show);
  for await (const chunk of octetsOf(file)) {
    lines.push(chunk, read);
    await drained();
  }
  lines.end(read);
  log.end().forEach(show);
}

/** Lines without a year are of the year before this. */
async function lastWritten(file: string): Promise<number> {
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    throw unreadable(file, error);
  }
}

async function* octetsOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* file === STANDARD_INPUT ? process.stdin : createReadStream(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): Failure {
  return new Failure(EXIT.config, `${plain(file)}: ${error instanceof Error ? plain(error.message) : String(error)}`);
}

function showJson({ at, fate, outcome, sender, agent, chain, message }: LogOutcome): void {
  jsonLine({ at: new Date(at).toISOString(), fate, ...outcome, sender, agent, chain, message });
}

function showLine({ at, outcome, chain }: LogOutcome): void {
  const { recipient, action, status, class: fault, diagnostic } = outcome;
  const words = [action, status ?? '-', fault, recipient, chain.join('>'), diagnostic ?? ''];
  line([instant(at), ...words.map((word) => plain(word ?? ''))].join(' '));
}

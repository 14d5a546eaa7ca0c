import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { Command, InvalidArgumentError } from 'commander';
import type { Inspection } from '../../message/inspection.js';
import { reportOf } from '../../message/inspection-report.js';
import { builtInWords, type LanguageWords, parseWords, type Words, wordsWith } from '../../message/words.js';
import type { Address } from '../../smtp/address.js';
import { parseAddress } from '../../smtp/path.js';
import { type JsonOption, withExamples, withJson } from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { drained, jsonLine, line, note, plain } from '../terminal/output.js';
import { reportLines } from '../terminal/report-lines.js';

interface Options extends JsonOption {
  readonly to?: readonly Address[];
  readonly words?: readonly string[];
}

export function inspect(): Command {
  const command = new Command('inspect')
    .description('what Sluice sees in messages, and what each rule about them finds; needs neither config nor store')
    .argument('<file...>', 'messages (.eml); - is standard input')
    .option('-t, --to <address>', 'a recipient of the envelope: is it visible? (repeatable)', recipientArgument)
    .option('-w, --words <file>', 'words of another language, as docs/inspection.md says (repeatable)', fileArgument)
    .action(run);
  return withExamples(withJson(command), [
    'sluice inspect newsletter.eml --to bob@example.net',
    'sluice inspect --json *.eml | jq -c .findings',
    'sluice inspect - < message.eml',
  ]);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const words = await readWords(options.words ?? []);
  for (const file of files) {
    const inspection = await inspectFile(file, words);
    if (inspection === null) {
      process.exitCode = EXIT.config;
      continue;
    }
    const report = reportOf(inspection, { recipients: options.to ?? [], words, now: Date.now() });
    if (options.json) jsonLine({ file, ...report });
    else for (const text of [...reportLines(file, report), '']) line(text);
    await drained();
  }
}

/** Null: it cannot be read, which is said. */
async function inspectFile(file: string, words: Words): Promise<Inspection | null> {
  // Other commands need not wait until what reads messages is loaded.
  const { createInspector } = await import('../../message/inspector.js');
  const inspector = createInspector('fingerprint');
  try {
    const source = file === '-' ? process.stdin : createReadStream(file);
    for await (const chunk of source) inspector.feed(chunk as Buffer);
  } catch (error) {
    note(`sluice: ${plain(file)} cannot be read: ${error instanceof Error ? plain(error.message) : 'unknown error'}`);
    return null;
  }
  return inspector.end(words);
}

async function readWords(files: readonly string[]): Promise<Words> {
  if (files.length === 0) return builtInWords();
  const more: LanguageWords[] = [];
  for (const file of files) {
    const text = await readFile(file, 'utf8').catch((error: Error) => {
      throw new Failure(EXIT.config, `${file} cannot be read: ${error.message}`);
    });
    const result = parseWords(text);
    if (!result.ok) throw new Failure(EXIT.config, `${file}: ${result.reason}`);
    more.push(result.words);
  }
  return wordsWith(more);
}

function recipientArgument(text: string, before: readonly Address[] | undefined): readonly Address[] {
  const address = parseAddress(text);
  if (address === null) throw new InvalidArgumentError('Not an address.');
  return [...(before ?? []), address];
}

function fileArgument(file: string, before: readonly string[] | undefined): readonly string[] {
  return [...(before ?? []), file];
}

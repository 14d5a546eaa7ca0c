import { SingleBar } from 'cli-progress';
import { Command, Option } from 'commander';
import type { AccountId, SuppressionReason } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  type JsonOption,
  reasonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { type BadRow, type ImportOptions, type ImportResult, importSuppressions } from '../suppression/import.js';
import { STANDARD_INPUT, withInputFile } from '../suppression/input-file.js';
import { json, line, note, plain } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly reason: SuppressionReason;
  readonly by: string;
  readonly badRows: 'skip' | 'refuse';
  readonly resume?: string;
}

/** A wrong file has millions of bad rows; these are enough to see why. */
const BAD_ROWS_SHOWN = 100;

export function suppressImport(): Command {
  const command = new Command('import')
    .description('suppressions from a CSV file of any length')
    .argument(
      '<file>',
      'CSV in UTF-8, - for standard input; the first line names the columns: address and any of account, reason, at, by, note, expires',
    )
    .option('-a, --account <id>', 'for rows without an account (default: all accounts)', accountArgument)
    .addOption(reasonOption('for rows without one'))
    .option('--by <name>', 'for rows that do not say by whom', currentUser())
    .addOption(
      new Option(
        '--bad-rows <choice>',
        'refuse: look at every row first, write nothing if one is bad; skip: leave them out',
      )
        .choices(['refuse', 'skip'])
        .default('refuse'),
    )
    .option('--resume <file>', 'keep how far it came in this file; a run that was broken off goes on there')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice suppress import unsubscribed.csv --account acme --reason unsubscribed',
    'sluice suppress import all.csv --bad-rows skip --resume all.csv.progress',
    'ssh old-relay cat /etc/unsubscribed.csv | sluice suppress import - --reason unsubscribed',
  ]);
}

async function run(file: string, options: Options): Promise<void> {
  if (file === STANDARD_INPUT && options.resume !== undefined)
    throw new Failure(EXIT.usage, 'standard input cannot be resumed: it is not there the next time');
  const stop = new AbortController();
  const onInterrupt = () => stop.abort();
  // Once: a second Ctrl-C ends the command on the spot.
  process.once('SIGINT', onInterrupt);
  try {
    await withInputFile(file, stop.signal, (path) => importFile(path, options, stop.signal));
  } finally {
    process.off('SIGINT', onInterrupt);
  }
}

async function importFile(file: string, options: Options, stop: AbortSignal): Promise<void> {
  const shown: BadRow[] = [];
  let badRows = 0;
  const progress = startProgress();
  const onBadRow = (row: BadRow): void => {
    badRows += 1;
    if (badRows > BAD_ROWS_SHOWN) return;
    shown.push(row);
    if (!progress.visible) note(badRowLine(row));
  };
  const result = await withStore(options, ({ store }) =>
    importSuppressions({
      store,
      file,
      defaults: { account: options.account ?? null, reason: options.reason, by: options.by },
      badRows: options.badRows,
      resume: options.resume ?? null,
      onBadRow,
      onUnknownColumns: (names) => note(`columns left out: ${names.map(plain).join(', ')}`),
      onProgress: progress.show,
      stop,
    }),
  ).finally(progress.stop);
  if (progress.visible) for (const row of shown) note(badRowLine(row));
  if (badRows > BAD_ROWS_SHOWN) note(`and ${badRows - BAD_ROWS_SHOWN} more bad rows`);
  if (options.json) json({ ...result, badRows: shown });
  else line(summary(result));
  if (result.bad > 0) process.exitCode = EXIT.data;
}

function badRowLine({ line: number, problem }: BadRow): string {
  return `line ${number}: ${plain(problem)}`;
}

function summary(result: ImportResult): string {
  if (result.refused) return `nothing imported: ${result.bad} bad rows (--bad-rows skip leaves them out)`;
  const resumed = result.resumedAt === null ? '' : `, this run from line ${result.resumedAt} on`;
  return `${result.imported} suppressions imported, ${result.bad} bad rows left out${resumed}`;
}

interface Progress {
  readonly visible: boolean;
  readonly show: ImportOptions['onProgress'];
  readonly stop: () => void;
}

/** `importing [] 100% | 10000000 rows | 1h30m to go`, so that a line of the terminal holds it. */
const TEXT_BESIDE_BAR = 55;

/** A bar over the file's octets; nothing where nobody watches. */
function startProgress(): Progress {
  if (process.stderr.isTTY !== true) return { visible: false, show: () => undefined, stop: () => undefined };
  const bar = new SingleBar({
    format: '{phase} [{bar}] {percentage}% | {rows} rows | {eta_formatted} to go',
    stream: process.stderr,
    barsize: Math.max(5, Math.min(40, process.stderr.columns - TEXT_BESIDE_BAR)),
    hideCursor: true,
    clearOnComplete: true,
  });
  let phase = '';
  const show: Progress['show'] = (current, done, size, rows) => {
    if (current !== phase) bar.start(size, 0, { phase: current, rows: 0 });
    phase = current;
    bar.update(done, { rows });
  };
  return { visible: true, show, stop: () => bar.stop() };
}

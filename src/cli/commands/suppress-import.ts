import { Command } from 'commander';
import type { AccountId, SuppressionReason } from '../../store/contract.js';
import { accountArgument, currentUser, reasonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { badRowsOption, type ImportCommandOptions, resumeOption, runImport } from '../csv/import-command.js';
import { suppressionReader } from '../suppression/csv-columns.js';

interface Options extends ImportCommandOptions {
  readonly account?: AccountId;
  readonly reason: SuppressionReason;
  readonly by: string;
}

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
    .addOption(badRowsOption())
    .addOption(resumeOption())
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice suppress import unsubscribed.csv --account acme --reason unsubscribed',
    'sluice suppress import all.csv --bad-rows skip --resume all.csv.progress',
    'ssh old-relay cat /etc/unsubscribed.csv | sluice suppress import - --reason unsubscribed',
  ]);
}

async function run(file: string, options: Options): Promise<void> {
  const { account = null, reason, by } = options;
  await runImport(file, options, {
    reader: suppressionReader({ account, reason, by }),
    write: (store, batch) => store.suppress(batch),
    noun: 'suppressions',
  });
}

import { Command } from 'commander';
import { consentReader } from '../../csv/consent-columns.js';
import type { AccountId } from '../../store/contract.js';
import { accountArgument, withConfig, withExamples, withJson } from '../common-options.js';
import { badRowsOption, type ImportCommandOptions, resumeOption, runImport } from '../csv/import-command.js';

interface Options extends ImportCommandOptions {
  readonly account?: AccountId;
  readonly source: string;
}

export function consentImport(): Command {
  const command = new Command('import')
    .description('consents from a CSV file of any length')
    .argument(
      '<file>',
      'CSV in UTF-8, - for standard input; the first line names the columns: address and any of account, source, at, ip, url, text, confirmed, proof (SHA-256)',
    )
    .option('-a, --account <id>', 'for rows without an account', accountArgument)
    .option('--source <name>', 'for rows that do not say how it was given', 'import')
    .addOption(badRowsOption())
    .addOption(resumeOption())
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice consent import subscribers.csv --account acme --source web-form',
    'sluice consent import all.csv --bad-rows skip --resume all.csv.progress',
  ]);
}

async function run(file: string, options: Options): Promise<void> {
  const { account = null, source } = options;
  await runImport(file, options, {
    reader: consentReader({ account, source }),
    write: (store, batch) => store.recordConsents(batch),
    noun: 'consents',
  });
}

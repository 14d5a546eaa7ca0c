import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { Command, Option } from 'commander';
import type { AccountId } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { allSuppressions, exportSuppressions } from '../suppression/export.js';
import { drained, jsonLine, note } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly global?: true;
  readonly output?: string;
}

export function suppressExport(): Command {
  const command = new Command('export')
    .description('suppressions as CSV, as suppress import reads it (with --json: one JSON document a line)')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .addOption(new Option('-g, --global', 'only those for all accounts').conflicts('account'))
    .addOption(new Option('-o, --output <file>', 'write there (default: standard output)').conflicts('json'))
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice suppress export --output suppressions.csv']);
}

async function run(options: Options): Promise<void> {
  const account = options.global ? null : options.account;
  await withStore(options, async ({ store }) => {
    if (options.json) {
      for await (const page of allSuppressions(store, account)) {
        for (const suppression of page) jsonLine(suppression);
        await drained();
      }
    } else if (options.output === undefined) await exportSuppressions(store, account, process.stdout);
    else {
      const file = createWriteStream(options.output);
      await once(file, 'open').catch((error: Error) => {
        throw new Failure(EXIT.config, `${options.output}: ${error.message}`);
      });
      const count = await exportSuppressions(store, account, file);
      file.end();
      await finished(file);
      note(`${count} suppressions written to ${options.output}`);
    }
  });
}

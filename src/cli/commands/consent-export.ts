import { once } from 'node:events';
import { Command } from 'commander';
import { stringify } from 'csv-stringify/sync';
import { COLUMNS, fieldsOf } from '../../csv/consent-columns.js';
import { type AccountId, everyPage } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { drained, jsonLine } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
}

const PAGE = 1_000;

export function consentExport(): Command {
  const command = new Command('export')
    .description('consents of an account as CSV, as consent import reads it (with --json: one JSON document a line)')
    .requiredOption('-a, --account <id>', 'whose', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice consent export --account acme > consents.csv']);
}

async function run(options: Options): Promise<void> {
  await withStore(options, async ({ store }) => {
    if (!options.json) process.stdout.write(`${COLUMNS.join(',')}\n`);
    const consents = everyPage((start) => store.consents({ account: options.account, limit: PAGE, ...start }));
    for await (const page of consents) {
      if (options.json) {
        for (const consent of page) jsonLine(consent);
        await drained();
      } else if (!process.stdout.write(stringify(page.map((consent) => [...fieldsOf(consent)])))) {
        await once(process.stdout, 'drain');
      }
    }
  });
}

import { Command, Option } from 'commander';
import type { AccountId, Suppression } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  countOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { allSuppressions } from '../suppression/export.js';
import { json, line, note } from '../terminal/output.js';
import { suppressionTable } from '../terminal/suppressions.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly global?: true;
  readonly limit: number;
}

export function suppressList(): Command {
  const command = new Command('list')
    .description('suppressions, by address')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .addOption(new Option('-g, --global', 'only those for all accounts').conflicts('account'))
    .option('-l, --limit <count>', 'at most so many', countOption, 100)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice suppress list --account acme --limit 1000']);
}

async function run(options: Options): Promise<void> {
  const account = options.global ? null : options.account;
  const { items, more } = await withStore(options, async ({ store }) => {
    const found: Suppression[] = [];
    for await (const page of allSuppressions(store, account)) {
      found.push(...page);
      if (found.length > options.limit) break;
    }
    return { items: found.slice(0, options.limit), more: found.length > options.limit };
  });
  if (options.json) json({ suppressions: items, more });
  else if (items.length === 0) line('no suppressions');
  else {
    suppressionTable(items);
    if (more) note(`only the first ${options.limit}; see --limit, or sluice suppress export`);
  }
}

import { Command } from 'commander';
import type { AccountId, AddressKey } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  keysArgument,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
}

export function suppressRemove(): Command {
  const command = new Command('remove')
    .description('let mail pass again')
    .argument('<address...>', 'addresses, or @domain', keysArgument)
    .option('-a, --account <id>', "this account's suppression (default: the one for all accounts)", accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice suppress remove bob@example.net --account acme']);
}

async function run(keys: readonly AddressKey[], options: Options): Promise<void> {
  const account = options.account ?? null;
  const answers = await withStore(options, ({ store }) =>
    Promise.all(keys.map(async (key) => ({ key, account, removed: await store.unsuppress(key, account) }))),
  );
  if (options.json) json({ suppressions: answers });
  else {
    for (const { key, removed } of answers) {
      line(`${removed ? 'removed' : 'no suppression of'} ${key} for ${account ?? 'all accounts'}`);
    }
  }
  if (answers.some(({ removed }) => !removed)) process.exitCode = EXIT.negative;
}

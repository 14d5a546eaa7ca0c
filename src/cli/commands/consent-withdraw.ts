import { Command } from 'commander';
import type { AccountId, AddressKey } from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
}

export function consentWithdraw(): Command {
  const command = new Command('withdraw')
    .description('take a consent off the record, as one that was never given (a recipient who revokes: sluice revoke)')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'to whose mail', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice consent withdraw bob@example.net --account acme']);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account } = options;
  const withdrawn = await withStore(options, ({ store }) => store.withdrawConsent(key, account));
  if (options.json) json({ address: key, account, withdrawn });
  else line(withdrawn ? `withdrawn: ${key}, ${account}` : `${key} had no consent to mail of ${account} on record`);
  if (!withdrawn) process.exitCode = EXIT.negative;
}

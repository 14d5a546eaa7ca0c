import { Command, InvalidArgumentError } from 'commander';
import type { Address } from '../../smtp/address.js';
import { parseAddress } from '../../smtp/path.js';
import type { AccountId } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';
import { suppressionTable } from '../terminal/suppressions.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
}

export function suppressCheck(): Command {
  const command = new Command('check')
    .description('would mail to this address be stopped? exits with 1 if so')
    .argument('<address>', 'an address', mailbox)
    .option('-a, --account <id>', 'mail of this account (default: of any account)', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice suppress check bob@example.net',
    'sluice suppress check bob@example.net --account acme --json',
  ]);
}

async function run(address: Address, options: Options): Promise<void> {
  const all = await withStore(options, ({ store }) => store.suppressionsOf(address));
  const { account } = options;
  const stopping = account === undefined ? all : all.filter((one) => one.account === null || one.account === account);
  if (options.json)
    json({ address: address.key, account: account ?? null, suppressed: stopping.length > 0, suppressions: stopping });
  else if (stopping.length > 0) suppressionTable(stopping);
  else line(`${address.key} is not suppressed${account === undefined ? '' : ` for ${account}`}`);
  if (stopping.length > 0) process.exitCode = EXIT.negative;
}

function mailbox(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new InvalidArgumentError('Not an address.');
  return address;
}

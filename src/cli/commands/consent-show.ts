import { Command } from 'commander';
import type { AccountId, AddressKey, Consent } from '../../store/contract.js';
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
import { evidenceLines } from '../terminal/evidence.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
}

export function consentShow(): Command {
  const command = new Command('show')
    .description('the consent of a recipient to mail of an account, with its evidence; exits with 1 if there is none')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'to whose mail', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice consent show bob@example.net --account acme']);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const [consent = null] = await withStore(options, ({ store }) => store.consentsOf(options.account, [key]));
  if (options.json) json(consent);
  else if (consent === null) line(`${key} has no consent to mail of ${options.account} on record`);
  else for (const text of described(consent)) line(text);
  if (consent === null) process.exitCode = EXIT.negative;
}

function described({ key, account, at, ...consent }: Consent): string[] {
  return [`${key} consented to mail of ${account} on ${new Date(at).toISOString()}`, ...evidenceLines(consent)];
}

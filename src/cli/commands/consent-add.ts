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
import { type EvidenceOptions, evidenceOf, withEvidence } from '../evidence-options.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption, EvidenceOptions {
  readonly account: AccountId;
  readonly source: string;
}

export function consentAdd(): Command {
  const command = new Command('add')
    .description('record that a recipient consented to mail of an account, and what proves it')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'to whose mail', accountArgument)
    .option('--source <name>', 'how it was given', 'cli')
    .action(run);
  return withExamples(withJson(withConfig(withEvidence(command))), [
    'sluice consent add bob@example.net --account acme --source web-form --url https://acme.example/join --ip 192.0.2.7',
    'sluice consent add bob@example.net --account acme --source paper --proof scan.pdf',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account, source, at = null } = options;
  const evidence = await evidenceOf(options);
  await withStore(options, ({ store }) => store.recordConsents([{ key, account, source, at, evidence }]));
  if (options.json) json({ address: key, account, source, at, evidence });
  else line(`recorded: ${key} consented to mail of ${account}${evidence === null ? ' (without evidence)' : ''}`);
}

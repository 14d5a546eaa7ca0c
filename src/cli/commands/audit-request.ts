import { Command } from 'commander';
import type { AccountId, AddressKey } from '../../store/contract.js';
import { type OpeningOptions, withAuthor } from '../audit-options.js';
import { accountArgument, addressesArgument, withConfig, withExamples, withJson } from '../common-options.js';
import { openCase } from '../open-case.js';
import { withStore } from '../open-store.js';

export function auditRequest(): Command {
  const command = new Command('request')
    .description('ask an account for what proves the consent of recipients; it has 72 hours')
    .argument('<account>', 'who is asked', accountArgument)
    .argument('<addresses...>', "the recipients' addresses", addressesArgument)
    .action(run);
  return withExamples(withJson(withConfig(withAuthor(command))), [
    'sluice audit request acme bob@example.net --note "complaint of 2026-11-20, ticket 4711"',
  ]);
}

async function run(account: AccountId, addresses: readonly AddressKey[], options: OpeningOptions): Promise<void> {
  const keys = [...new Set(addresses)];
  await withStore(options, (open) => openCase(open, { account, kind: 'request', keys, sample: null }, options));
}

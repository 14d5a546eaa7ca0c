import { Command } from 'commander';
import type { AccountId, AddressKey, Instant } from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  pastOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly at?: Instant;
  readonly source: string;
  readonly lift?: true;
}

export function revoke(): Command {
  const command = new Command('revoke')
    .description('record that a recipient revoked consent to mail of an account (policy: honoured within 48 hours)')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'whose mail it is', accountArgument)
    .option('--at <when>', 'when it was revoked: 12h (ago), or a time (default: now)', pastOption)
    .option('--source <name>', 'how it came', 'cli')
    .option('--lift', 'consent was given again: forget the revocation')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice revoke bob@example.net --account acme',
    'sluice revoke bob@example.net --account acme --at 2026-11-20T09:30Z --source phone',
    'sluice revoke bob@example.net --account acme --lift',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account, source } = options;
  if (options.lift) {
    const lifted = await withStore(options, ({ store }) => store.liftRevocation(key, account));
    if (options.json) json({ address: key, account, lifted });
    else
      line(
        lifted ? `lifted: ${key} may get mail of ${account}` : `${key} had not revoked consent to mail of ${account}`,
      );
    if (!lifted) process.exitCode = EXIT.negative;
    return;
  }
  const at = options.at ?? null;
  await withStore(options, ({ store }) => store.revoke({ key, account, at, source }));
  if (options.json) json({ address: key, account, at, source, revoked: true });
  else line(`recorded: ${key} revoked consent to mail of ${account}`);
}

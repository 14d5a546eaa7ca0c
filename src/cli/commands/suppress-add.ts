import { Command } from 'commander';
import type { AccountId, AddressKey, Instant, SuppressionReason } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  futureOption,
  type JsonOption,
  keysArgument,
  reasonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly reason: SuppressionReason;
  readonly note: string;
  readonly expires?: Instant;
  readonly by: string;
}

export function suppressAdd(): Command {
  const command = new Command('add')
    .description('stop mail to addresses or whole domains')
    .argument('<address...>', 'addresses, or @domain', keysArgument)
    .option('-a, --account <id>', 'for this account only (default: all accounts)', accountArgument)
    .addOption(reasonOption('why'))
    .option('-n, --note <text>', 'what a colleague should know', '')
    .option('-e, --expires <when>', 'when it ends: 30d, or a time (default: never)', futureOption)
    .option('--by <name>', 'who decided it', currentUser())
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice suppress add bob@example.net',
    'sluice suppress add @example.org --account acme --reason complained --note "ticket 4711" --expires 90d',
  ]);
}

async function run(keys: readonly AddressKey[], options: Options): Promise<void> {
  const { reason, note, by } = options;
  const account = options.account ?? null;
  const expiresAt = options.expires ?? null;
  const added = keys.map((key) => ({ key, account, reason, at: null, by, note, expiresAt }));
  await withStore(options, ({ store }) => store.suppress(added));
  if (options.json) json({ suppressed: added });
  else for (const { key } of added) line(`suppressed ${key} for ${account ?? 'all accounts'}`);
}

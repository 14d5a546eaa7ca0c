import { Command } from 'commander';
import type { AccountId, Instant } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  futureOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { instant, json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly reason: string;
  readonly until?: Instant;
  readonly by: string;
}

export function accountSuspend(): Command {
  const command = new Command('suspend')
    .description('an account may send nothing until it is reinstated')
    .argument('<account>', 'account id', accountArgument)
    .requiredOption('-r, --reason <text>', 'why, for colleagues')
    .option('-u, --until <when>', 'when it ends by itself: 48h, or a time (default: never)', futureOption)
    .option('--by <name>', 'who decided it', currentUser())
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice account suspend acme --reason "spam run, ticket 4711"',
    'sluice account suspend acme --reason "too many complaints" --until 48h',
  ]);
}

async function run(account: AccountId, options: Options): Promise<void> {
  const { reason, by } = options;
  const change = { account, standing: 'suspended', reason, by, until: options.until ?? null } as const;
  const state = await withStore(options, ({ store }) => store.changeStanding(change));
  if (options.json) json(state);
  else line(`${account} is suspended${state.until === null ? '' : ` until ${instant(state.until)}`}`);
}

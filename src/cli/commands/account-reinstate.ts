import { Command } from 'commander';
import type { AccountId } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly reason: string;
  readonly by: string;
}

export function accountReinstate(): Command {
  const command = new Command('reinstate')
    .description('an account is in good standing again; exits with 1 if it was already')
    .argument('<account>', 'account id', accountArgument)
    .option('-r, --reason <text>', 'why, for colleagues', 'reinstated')
    .option('--by <name>', 'who decided it', currentUser())
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice account reinstate acme --reason "list cleaned"']);
}

async function run(account: AccountId, options: Options): Promise<void> {
  const { reason, by } = options;
  const { before, state } = await withStore(options, async ({ store }) => {
    const before = await store.stateOf(account);
    if (before.standing === 'good') return { before, state: before };
    return { before, state: await store.changeStanding({ account, standing: 'good', reason, by, until: null }) };
  });
  const changed = before.standing !== 'good';
  if (options.json) json({ ...state, before: before.standing });
  else
    line(
      changed
        ? `${account} was ${before.standing} and is in good standing again`
        : `${account} is in good standing already`,
    );
  if (!changed) process.exitCode = EXIT.negative;
}

/** Commands that put an account into a worse standing; `account reinstate` is the way back. */

import { Command } from 'commander';
import type { Config } from '../config/schema.js';
import type { AccountId, AccountState, Instant, Standing } from '../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  currentUser,
  futureOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from './common-options.js';
import { withStore } from './open-store.js';
import { instant, json, line, note } from './terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly reason: string;
  readonly until?: Instant;
  readonly by: string;
}

export interface StandingCommand {
  readonly verb: string;
  readonly standing: Exclude<Standing, 'good'>;
  readonly description: string;
  readonly examples: readonly string[];
}

/** The command of that verb. */
export function standingCommand({ verb, standing, description, examples }: StandingCommand): Command {
  const command = new Command(verb)
    .description(description)
    .argument('<account>', 'account id', accountArgument)
    .requiredOption('-r, --reason <text>', 'why, for colleagues')
    .option('-u, --until <when>', 'when it ends by itself: 48h, or a time (default: never)', futureOption)
    .option('--by <name>', 'who decided it', currentUser())
    .action((account: AccountId, options: Options) => change(account, standing, options));
  return withExamples(withJson(withConfig(command)), examples);
}

async function change(account: AccountId, standing: StandingCommand['standing'], options: Options): Promise<void> {
  const { reason, by, until = null } = options;
  const { state, known } = await withStore(options, async ({ store, config }) => {
    const before = await store.stateOf(account);
    const state = await store.changeStanding({ account, standing, reason, by, until });
    return { state, known: isKnown(before, config) };
  });
  if (options.json) json(state);
  else line(`${account} is ${standing}${state.until === null ? '' : ` until ${instant(state.until)}`}`);
  // Accounts come into being by use, so that a misspelt one is no error; but whoever spams on goes on.
  if (!known) note(`${account} is not in the config and never sent mail; is the name right?`);
}

function isKnown({ account, firstAcceptedAt, changed }: AccountState, { accounts }: Config): boolean {
  return firstAcceptedAt !== null || changed !== null || Object.hasOwn(accounts.list, account);
}

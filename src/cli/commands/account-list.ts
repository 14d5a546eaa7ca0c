import { Command } from 'commander';
import type { Config } from '../../config/schema.js';
import { type AccountId, type AccountState, everyPage, type Store } from '../../store/contract.js';
import { planOf } from '../account-policy.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { withStore } from '../open-store.js';
import { instant, json, line, plain } from '../terminal/output.js';
import { standingInColour } from '../terminal/standing.js';
import { table } from '../terminal/table.js';

const PAGE = 1_000;

type Listed = AccountState & { readonly plan: string; readonly listed: boolean };

export function accountList(): Command {
  const command = new Command('list').description('accounts of the config, and those that ever sent mail').action(run);
  return withExamples(withJson(withConfig(command)), ['sluice account list', 'sluice account list --json']);
}

async function run(options: ConfigOption & JsonOption): Promise<void> {
  const accounts = await withStore(options, ({ store, config }) => allAccounts(store, config));
  if (options.json) json({ accounts });
  else if (accounts.length === 0) line('no accounts');
  else {
    table(
      [
        { head: 'account' },
        { head: 'plan' },
        { head: 'standing' },
        { head: 'until' },
        { head: 'first accepted' },
        { head: 'why' },
      ],
      accounts.map(({ account, plan, standing, until, firstAcceptedAt, changed }) => [
        account,
        plan,
        standingInColour(standing),
        until === null ? '-' : instant(until),
        firstAcceptedAt === null ? '-' : instant(firstAcceptedAt),
        changed === null ? '' : plain(changed.reason),
      ]),
    );
  }
}

async function allAccounts(store: Store, config: Config): Promise<readonly Listed[]> {
  const known = new Map<AccountId, AccountState>();
  for await (const page of everyPage((start) => store.accounts({ ...start, limit: PAGE }))) {
    for (const state of page) known.set(state.account, state);
  }
  for (const account of Object.keys(config.accounts.list)) {
    if (!known.has(account)) known.set(account, untouched(account));
  }
  return [...known.values()]
    .sort((a, b) => (a.account < b.account ? -1 : 1))
    .map((state) => ({
      ...state,
      plan: planOf(config, state.account),
      listed: Object.hasOwn(config.accounts.list, state.account),
    }));
}

function untouched(account: AccountId): AccountState {
  return { account, standing: 'good', changed: null, until: null, firstAcceptedAt: null };
}

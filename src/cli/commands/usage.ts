import { Command } from 'commander';
import type { AccountId, WindowUsage } from '../../store/contract.js';
import { formatDuration, waitInShort } from '../../units/duration.js';
import { sizeInWords } from '../../units/size.js';
import { policyOfAccount } from '../account-policy.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { bar, barCells } from '../terminal/bar.js';
import { json, line } from '../terminal/output.js';
import { type Column, table, tableWidth } from '../terminal/table.js';

export function usage(): Command {
  const command = new Command('usage')
    .description('how much of its limits an account has used')
    .argument('<account>', 'account id', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice usage acme']);
}

async function run(account: AccountId, options: ConfigOption & JsonOption): Promise<void> {
  const { plan, windows } = await withStore(options, async ({ store, config }) => {
    const { plan, policy } = policyOfAccount(config, account);
    const state = await store.stateOf(account);
    const limits = policy.limitsOf('account', state, Date.now());
    return { plan, windows: await store.usage(account, limits) };
  });
  if (options.json) json({ account, plan, windows: windows.map(asJson) });
  else if (windows.length === 0) line(`no limits apply to ${account} (plan ${plan})`);
  else usageTable(account, plan, windows);
}

function asJson({ limit, used, freesUpInMs }: WindowUsage) {
  const { rule, resource, perMs, count, enforced } = limit;
  return { rule, resource, perMs, limit: count, used, enforced, freesUpInMs };
}

function usageTable(account: AccountId, plan: string, windows: readonly WindowUsage[]): void {
  line(`${account} (plan ${plan})`);
  const columns: readonly Column[] = [
    { head: 'rule' },
    { head: 'of' },
    { head: 'limit', align: 'right' },
    { head: 'used', align: 'right' },
    { head: 'frees up' },
  ];
  const rows = windows.map(({ limit, used, freesUpInMs }) => [
    limit.enforced ? limit.rule : `${limit.rule} (observed)`,
    limit.resource,
    `${amount(limit.resource, limit.count)}/${formatDuration(limit.perMs)}`,
    amount(limit.resource, used),
    freesUp(used >= limit.count, freesUpInMs),
  ]);
  // Bars take what the terminal has left.
  const cells = process.stdout.isTTY === true ? barCells(process.stdout.columns - tableWidth(columns, rows) - 2) : 0;
  if (cells === 0) return table(columns, rows);
  const bars = windows.map(({ limit, used }) => bar(limit.count === 0 ? 1 : used / limit.count, cells));
  table(
    columns.toSpliced(-1, 0, { head: '' }),
    rows.map((row, i) => row.toSpliced(-1, 0, bars[i] ?? '')),
  );
}

function amount(resource: string, count: number): string {
  return resource.endsWith('bytes') ? sizeInWords(count) : String(count);
}

function freesUp(full: boolean, freesUpInMs: number | null): string {
  if (freesUpInMs !== null) return `in ${waitInShort(freesUpInMs)}`;
  return full ? 'unknown' : '-';
}

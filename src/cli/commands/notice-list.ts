import { Command } from 'commander';
import type { AccountId } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  countOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { instant, json, line, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly limit: number;
}

export function noticeList(): Command {
  const command = new Command('list')
    .description('what waits to be told, by account, oldest first')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .option('-l, --limit <count>', 'at most so many of each account and way', countOption, 100)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice notice list',
    'sluice notice list --account acme --json',
  ]);
}

async function run({ account, limit, ...options }: Options): Promise<void> {
  const query = { limit, ...(account === undefined ? {} : { account }) };
  const waiting = await withStore(options, ({ store }) => store.waitingNotices(query));
  if (options.json) {
    json({ notices: waiting.map(({ body, ...notice }) => ({ ...notice, notice: JSON.parse(body) as unknown })) });
    return;
  }
  if (waiting.length === 0) return line('nothing waits');
  table(
    ['account', 'way', 'since', 'about'].map((head) => ({ head })),
    waiting.map(({ account: whose, channel, at, key }) => [whose, channel, instant(at), plain(key)]),
  );
}

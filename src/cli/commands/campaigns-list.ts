import { Command, Option } from 'commander';
import { type AccountId, type Campaign, type CampaignState, everyPage, type Store } from '../../store/contract.js';
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
import { instant, json, line, note, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly state?: CampaignState;
  readonly limit: number;
}

export function campaignsList(): Command {
  const command = new Command('list')
    .description('campaigns by account, the latest first')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .addOption(new Option('-s, --state <state>', 'in this state only').choices(['seen', 'approved', 'refused']))
    .option('-l, --limit <count>', 'at most so many', countOption, 100)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice campaigns list --account acme --state seen']);
}

async function run(options: Options): Promise<void> {
  const found = await withStore(options, ({ store }) => collect(store, options));
  const items = found.slice(0, options.limit);
  const more = found.length > options.limit;
  if (options.json) return json({ campaigns: items, more });
  if (items.length === 0) return line('no campaigns');
  campaignTable(items);
  if (more) note(`only the first ${options.limit}; see --limit`);
}

async function collect(store: Store, { account, state, limit }: Options): Promise<Campaign[]> {
  const query = {
    ...(account === undefined ? {} : { account }),
    ...(state === undefined ? {} : { state }),
    limit: 500,
  };
  const found: Campaign[] = [];
  for await (const page of everyPage((start) => store.campaigns({ ...query, ...start }))) {
    found.push(...page);
    if (found.length > limit) break;
  }
  return found;
}

function campaignTable(campaigns: readonly Campaign[]): void {
  table(
    [
      { head: 'account' },
      { head: 'campaign' },
      { head: 'state' },
      { head: 'messages', align: 'right' },
      { head: 'recipients', align: 'right' },
      { head: 'first' },
      { head: 'last' },
      { head: 'subject' },
    ],
    campaigns.map(({ account, id, state, messages, recipients, firstAt, latestAt, subject }) => [
      ...[account, id, state, String(messages), String(recipients), instant(firstAt), instant(latestAt)],
      plain(subject),
    ]),
  );
}

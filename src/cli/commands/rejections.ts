import { Command } from 'commander';
import type { AddressKey, RejectionStreak } from '../../store/contract.js';
import {
  addressArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { instant, json, line, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly forget?: true;
}

export function rejections(): Command {
  const command = new Command('rejections')
    .description('consecutive delivery rejections of an address; exits with 1 if there are none')
    .argument('<address>', 'an address', addressArgument)
    .option('--forget', 'forget them, so that mail is tried again')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice rejections bob@example.net',
    'sluice rejections bob@example.net --forget',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const streaks = await withStore(options, async ({ store }) => {
    const found = await store.rejectionsOf(key);
    if (options.forget) for (const { account } of found) await store.forgetRejections(key, account);
    return found;
  });
  const forgotten = options.forget === true && streaks.length > 0;
  if (options.json) json({ address: key, rejections: streaks, forgotten });
  else if (streaks.length === 0) line(`no rejections of ${key}`);
  else {
    streakTable(streaks);
    if (forgotten) line('forgotten');
  }
  if (streaks.length === 0) process.exitCode = EXIT.negative;
}

function streakTable(streaks: readonly RejectionStreak[]): void {
  table(
    [
      { head: 'account' },
      { head: 'in a row', align: 'right' },
      { head: 'first' },
      { head: 'latest' },
      { head: 'what was said' },
    ],
    streaks.map(({ account, count, firstAt, latestAt, latestStatus }) => [
      account ?? '(all)',
      String(count),
      instant(firstAt),
      instant(latestAt),
      plain(latestStatus),
    ]),
  );
}

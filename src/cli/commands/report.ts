import { Command, Option } from 'commander';
import { Observed, type ObservedReport } from '../../replay/observed.js';
import type { AccountId, Instant } from '../../store/contract.js';
import { MS } from '../../units/duration.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  pastOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { decisionStream } from '../decision-stream.js';
import { EXIT } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';
import { instant, json, line, note, plain } from '../terminal/output.js';
import { timeBar } from '../terminal/time-bar.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly since: Instant;
}

export function report(): Command {
  const command = new Command('report')
    .description('what rules in observe mode would have done to recorded mail; text to paste')
    .addOption(
      new Option('-s, --since <when>', 'from then on: 24h (ago), or a time')
        .argParser(pastOption)
        .default(Date.now() - MS.d, '24h'),
    )
    .option('-a, --account <id>', "this account's mail only", accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice report --since 24h', 'sluice report --since 7d --json']);
}

async function run(options: Options): Promise<void> {
  const until = Date.now();
  const { since, account } = options;
  const observed = new Observed();
  const bar = timeBar(since, until, 'decisions');
  const stopped = await stopOnInterrupt(async (stop) => {
    await withStore(options, async ({ store }) => {
      const span = account === undefined ? { since, until } : { since, until, account };
      let done = 0;
      const events = { stop, onUnreadable: (error: Error) => note(error.message) };
      for await (const decision of decisionStream(store, span, events)) {
        observed.take(decision);
        done += 1;
        bar.at(decision.at, done);
      }
    }).finally(bar.stop);
    return stop.aborted;
  });
  const result = observed.result();
  if (options.json) json({ since, until, complete: !stopped, ...result });
  else show(result, since, until);
  if (!stopped) return;
  note('interrupted: the later decisions are not in it');
  process.exitCode = EXIT.interrupted;
}

function show({ decisions, accounts, messages, rules }: ObservedReport, since: number, until: number): void {
  line(`## Observed rules, ${instant(since)} to ${instant(until)}`);
  line();
  line(`${decisions} decisions of ${accounts} accounts; observed rules object to ${messages} of them.`);
  if (rules.length === 0) return;
  line();
  line('| rule | would | messages | recipients | accounts | most of them | decisions |');
  line('| --- | --- | ---: | ---: | ---: | --- | --- |');
  for (const { rule, verdict, messages, recipients, accounts, topAccounts, samples } of rules) {
    const top = topAccounts.map((one) => `${plain(one.account)} (${one.messages})`).join(', ');
    line(`| ${rule} | ${verdict} | ${messages} | ${recipients} | ${accounts} | ${top} | ${samples.join(', ')} |`);
  }
  line();
  line('`sluice explain DECISION` shows what a rule saw.');
}

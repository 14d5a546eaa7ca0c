import { Command, Option } from 'commander';
import { Intake } from '../../feedback/intake.js';
import { LOG_FORMAT_NAMES, type LogFormatName, logFormat } from '../../feedback/relay-log/formats.js';
import { LogLines } from '../../feedback/relay-log/log-lines.js';
import { type LogOutcome, RelayLog } from '../../feedback/relay-log/relay-log.js';
import { announcedRevocations } from '../../notice/announced-revocations.js';
import { announcerOf } from '../../service/notice-settings.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { lastWritten, octetsOf } from '../octets.js';
import { withStore } from '../open-store.js';
import { feedbackOf } from '../report-policy.js';
import { json, line } from '../terminal/output.js';
import { Tally } from '../terminal/tally.js';

interface Options extends ConfigOption, JsonOption {
  readonly format: LogFormatName;
}

/** Reports under way at once. */
const AT_ONCE = 64;

export function feedbackLog(): Command {
  const command = new Command('log')
    .description("take in what a relay's log says; what was told before counts no second time")
    .argument('<file>', 'the log, - for standard input, which may have no end')
    .addOption(new Option('--format <name>', 'whose log it is').choices(LOG_FORMAT_NAMES).default('auto'))
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice feedback log /var/log/mail.log.1',
    'zcat /var/log/mail.log.*.gz | sluice feedback log -',
  ]);
}

async function run(file: string, options: Options): Promise<void> {
  const tally = new Tally();
  const reference = await lastWritten(file);
  await withStore(options, async ({ store, config }) => {
    const { policyOf } = feedbackOf(config);
    const intake = new Intake({
      store,
      policyOf,
      revoked: announcedRevocations(announcerOf(config, store)),
      told: (_, answer) => tally.add(answer),
    });
    const log = new RelayLog(logFormat(options.format));
    const lines = new LogLines();
    for await (const chunk of octetsOf(file)) {
      const outcomes: LogOutcome[] = [];
      lines.push(chunk, (text) => outcomes.push(...log.line(text, reference)));
      await takeIn(outcomes, intake);
    }
    const last: LogOutcome[] = [];
    lines.end((text) => last.push(...log.line(text, reference)));
    await takeIn([...last, ...log.end()], intake);
  });
  if (options.json) json(tally.counts);
  else line(tally.line);
}

/** A log that is given by hand says of nothing that the message may come later. */
async function takeIn(outcomes: readonly LogOutcome[], intake: Intake): Promise<void> {
  for (let from = 0; from < outcomes.length; from += AT_ONCE) {
    await Promise.all(outcomes.slice(from, from + AT_ONCE).map((one) => intake.logged(one, Number.POSITIVE_INFINITY)));
  }
}

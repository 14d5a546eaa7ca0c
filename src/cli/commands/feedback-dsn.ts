import { Command } from 'commander';
import { Intake } from '../../feedback/intake.js';
import { readReport } from '../../feedback/read-report.js';
import { signedTransaction } from '../../feedback/signed-transaction.js';
import { announcedRevocations } from '../../notice/announced-revocations.js';
import { announcerOf } from '../../service/notice-settings.js';
import { type ConfigOption, type JsonOption, withConfig, withExamples, withJson } from '../common-options.js';
import { EXIT } from '../exit-codes.js';
import { messagesOf } from '../feedback/mail-source.js';
import { withStore } from '../open-store.js';
import { feedbackOf } from '../report-policy.js';
import { json, line, note, plain } from '../terminal/output.js';
import { Tally } from '../terminal/tally.js';

interface Options extends ConfigOption, JsonOption {
  readonly to?: string;
}

export function feedbackDsn(): Command {
  const command = new Command('dsn')
    .description('take in bounces, complaints and Remove mails; each must name a message that we passed')
    .argument('[files...]', 'messages: files, folders, Maildirs, mboxes; standard input without any')
    .option('--to <address>', 'the address that it was sent to, where the message does not say')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice feedback dsn < bounce.eml',
    'sluice feedback dsn --to "$ORIGINAL_RECIPIENT" || exit 75   # a pipe: the MTA tries again',
    'sluice feedback dsn ~/Maildir/.bounces --json',
  ]);
}

async function run(files: readonly string[], options: Options): Promise<void> {
  const tally = new Tally();
  await withStore(options, async ({ store, config }) => {
    const { policyOf, reversePath } = feedbackOf(config);
    const intake = new Intake({
      store,
      policyOf,
      revoked: announcedRevocations(announcerOf(config, store)),
      told: (_, answer) => tally.add(answer),
    });
    for await (const source of messagesOf(files.length === 0 ? ['-'] : files)) {
      if ('trouble' in source) {
        note(`sluice: ${plain(source.file)}: ${plain(source.trouble)}`);
        process.exitCode = EXIT.config;
        continue;
      }
      const report = readReport(source.octets);
      const to = options.to === undefined ? report.evidence.sentTo : [options.to, ...report.evidence.sentTo];
      await intake.mailed(report, signedTransaction(to, reversePath, Date.now()));
    }
  });
  if (options.json) json(tally.counts);
  else line(tally.line);
}

import { randomUUID } from 'node:crypto';
import { Command, Option } from 'commander';
import { Intake } from '../../feedback/intake.js';
import { announcedRevocations } from '../../notice/announced-revocations.js';
import { announcerOf } from '../../service/notice-settings.js';
import {
  type AccountId,
  type AddressKey,
  type Instant,
  type OutcomeReport,
  REPORTED_KINDS,
  type ReportedFault,
  type ReportedKind,
} from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  pastOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { feedbackOf } from '../report-policy.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly kind: ReportedKind;
  readonly message?: string;
  readonly fault: ReportedFault;
  readonly status: string;
  readonly at?: Instant;
}

const FAULTS: readonly ReportedFault[] = ['recipient', 'message', 'sender', 'undetermined'];

export function outcomeAdd(): Command {
  const command = new Command('add')
    .description('say what became of mail to a recipient, on your own word')
    .argument('<recipient>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'whose mail it was', accountArgument)
    .addOption(new Option('-k, --kind <kind>', 'what became of it').choices(REPORTED_KINDS).makeOptionMandatory())
    .option('-m, --message <transaction>', 'of which message (ref= in replies); without it, each time is another one')
    .addOption(new Option('--fault <whose>', 'of a rejection').choices(FAULTS).default('recipient'))
    .option('--status <text>', 'reply or diagnostic', '')
    .option('--at <when>', 'when it was: 12h (ago), or a time (default: now)', pastOption)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice outcome add bob@example.net --account acme --kind rejected --status "550 5.1.1 User unknown"',
    'sluice outcome add bob@example.net --account acme --kind complained --at 2026-11-20',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account, kind, status, fault } = options;
  const message = options.message ?? `cli-${randomUUID()}`;
  const report: OutcomeReport = {
    source: 'cli',
    kind,
    recipients: [key],
    message: { id: null, queueIds: [], envid: null, messageId: null },
    vouched: { account, message },
    fault: kind === 'rejected' ? fault : 'none',
    reason: 'stated',
    status,
    at: options.at ?? null,
    ifUnmatched: 'say',
  };
  const { result } = await withStore(options, ({ store, config }) => {
    const { policyOf } = feedbackOf(config);
    const revoked = announcedRevocations(announcerOf(config, store));
    return new Intake({ store, policyOf, revoked, told: () => undefined }).report(report);
  });
  if (options.json) json({ recipient: key, account, kind, message, result });
  else line(result === 'known' ? `known already: ${key} ${kind}` : `counted: ${key} ${kind}, mail of ${account}`);
}

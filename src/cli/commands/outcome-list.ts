import { Command, Option } from 'commander';
import {
  type AccountId,
  type AddressKey,
  type CountedOutcome,
  everyPage,
  REPORTED_KINDS,
  type ReportedKind,
  type Store,
  type UnmatchedReport,
} from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
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
  readonly recipient?: AddressKey;
  readonly message?: string;
  readonly kind?: ReportedKind;
  readonly unmatched?: true;
  readonly limit: number;
}

const PAGE = 500;

export function outcomeList(): Command {
  const command = new Command('list')
    .description('reports that counted, newest first; or those that fit no message')
    .option('-a, --account <id>', 'of this account', accountArgument)
    .option('-r, --recipient <address>', 'about this recipient', addressArgument)
    .option('-m, --message <transaction>', 'about the message of this transaction (ref= in replies)')
    .addOption(new Option('-k, --kind <kind>', 'of this kind').choices(REPORTED_KINDS))
    .option('--unmatched', 'those that named no message that we passed to such a recipient: they changed nothing')
    .option('-n, --limit <count>', 'at most so many', countOption, 50)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice outcome list --account acme --kind complained',
    'sluice outcome list --recipient bob@example.net --json',
    'sluice outcome list --unmatched',
  ]);
}

async function run(options: Options): Promise<void> {
  if (options.unmatched) return showUnmatched(options);
  const outcomes = await withStore(options, ({ store }) => read(store, options));
  if (options.json) json({ outcomes });
  else if (outcomes.length === 0) line('nothing was reported');
  else outcomeTable(outcomes);
}

async function read(store: Store, { account, recipient, message, kind, limit }: Options): Promise<CountedOutcome[]> {
  const query = {
    ...(account === undefined ? {} : { account }),
    ...(recipient === undefined ? {} : { key: recipient }),
    ...(message === undefined ? {} : { message }),
    ...(kind === undefined ? {} : { kind }),
  };
  const found: CountedOutcome[] = [];
  const pages = everyPage((start) =>
    store.outcomes({ ...query, ...start, limit: Math.min(PAGE, limit - found.length) }),
  );
  for await (const page of pages) {
    found.push(...page);
    if (found.length >= limit) break;
  }
  return found;
}

async function showUnmatched(options: Options): Promise<void> {
  const { counts, items } = await withStore(options, ({ store }) => store.unmatched({ limit: options.limit }));
  if (options.json) return json({ counts, unmatched: items });
  const total = Object.entries(counts).map(([source, count]) => `${source} ${count}`);
  line(total.length === 0 ? 'every report fitted a message' : `so far: ${total.join(', ')}`);
  if (items.length > 0) unmatchedTable(items);
}

function outcomeTable(outcomes: readonly CountedOutcome[]): void {
  table(
    ['at', 'account', 'recipient', 'what', 'whose fault', 'by', 'message', 'what was said'].map((head) => ({ head })),
    outcomes.map(({ at, account, key, kind, fault, reason, source, message, status }) => [
      instant(at),
      account,
      plain(key ?? '(hidden)'),
      kind,
      fault === 'none' ? '' : `${fault} (${plain(reason)})`,
      source,
      plain(message),
      plain(status),
    ]),
  );
}

function unmatchedTable(items: readonly UnmatchedReport[]): void {
  table(
    ['at', 'by', 'what', 'recipient', 'message', 'what was said'].map((head) => ({ head })),
    items.map(({ at, source, kind, recipients, message, status }) => [
      instant(at),
      source,
      kind,
      plain(recipients.join(' ')),
      plain(message.id ?? message.queueIds.join('>') ?? message.envid ?? message.messageId ?? ''),
      plain(status),
    ]),
  );
}

import { Command, InvalidArgumentError, Option } from 'commander';
import { gapInWords } from '../../replay/gap.js';
import { Observed, type ObservedReport } from '../../replay/observed.js';
import { Simulation, type SimulationResult } from '../../replay/simulation.js';
import { suppose } from '../../replay/supposed-mail.js';
import type { ReadStore } from '../../replay/supposing-store.js';
import { createPolicyToTry } from '../../service/policy-context.js';
import type { Address } from '../../smtp/address.js';
import { parseAddress } from '../../smtp/path.js';
import type { AccountId, Instant } from '../../store/contract.js';
import type { PolicyContext } from '../../transaction/context.js';
import { MS } from '../../units/duration.js';
import { archivedEnvelope } from '../archived-envelope.js';
import { archivedMail } from '../archived-mail.js';
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
import { EXIT, Failure } from '../exit-codes.js';
import { withOpenStore } from '../open-store.js';
import { readConfig } from '../read-config.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';
import { colours, instant, json, line, note, plain } from '../terminal/output.js';
import { table } from '../terminal/table.js';
import { timeBar } from '../terminal/time-bar.js';

interface Options extends ConfigOption, JsonOption {
  readonly storeOf?: string;
  readonly store?: true;
  readonly account?: AccountId;
  readonly since: Instant;
  readonly eml?: readonly string[];
  readonly maildir?: string;
  readonly mbox?: string;
  readonly from?: Address;
  readonly to?: readonly Address[];
}

const WEEK_MS = 7 * MS.d;

export function simulate(): Command {
  const command = new Command('simulate')
    .description(
      'what another config would have made of recorded mail: what would be refused, deferred or let through that was not',
    )
    .addOption(
      new Option('-s, --since <when>', 'from then on: 7d (ago), or a time')
        .argParser(pastOption)
        .default(Date.now() - WEEK_MS, '7d'),
    )
    .option('-a, --account <id>', "this account's mail only", accountArgument)
    .option('--eml <file...>', 'instead of decisions: these messages')
    .option('--maildir <folder>', 'the messages of a maildir')
    .option('--mbox <file>', 'the messages of an mbox')
    .option('-f, --from <address>', 'MAIL FROM of archived mail (default: Return-Path, else From)', addressOption)
    .option(
      '-t, --to <address...>',
      'its recipients (default: Delivered-To and its like, else To and Cc)',
      addressesOption,
    )
    .option(
      '--store',
      'archived mail by what the store holds now, which is only read: suppressions, consents, limits (default: as if nothing were known)',
    )
    .option('--store-of <file>', 'config of the running Sluice, if the new one names another store')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice simulate --config new.yaml --since 7d',
    'sluice simulate --config new.yaml --since 24h --account acme --json',
    'sluice simulate --config new.yaml --account acme --maildir ~/Maildir --store',
  ]);
}

interface Cost {
  readonly cpuSeconds: number;
  readonly decisionsPerSecond: number;
}

async function run(options: Options): Promise<void> {
  const candidate = await readConfig(options);
  const recorded = options.storeOf === undefined ? candidate : await readConfig({ config: options.storeOf });
  if (options.eml ?? options.maildir ?? options.mbox) {
    const policy = createPolicyToTry(candidate);
    if (options.store === undefined && options.storeOf === undefined) return tryArchives(options, policy, null);
    return withOpenStore(recorded.store, (store) => tryArchives(options, policy, store));
  }
  const until = Date.now();
  const { since, account } = options;
  const simulation = new Simulation(createPolicyToTry(candidate));
  const bar = timeBar(since, until, 'decisions');
  const began = { wall: performance.now(), cpu: process.cpuUsage() };
  let unreadable = 0;
  const stopped = await stopOnInterrupt(async (stop) => {
    await withOpenStore(recorded.store, async (store) => {
      const span = account === undefined ? { since, until } : { since, until, account };
      let done = 0;
      const onUnreadable = () => {
        unreadable += 1;
      };
      for await (const decision of decisionStream(store, span, { stop, onUnreadable })) {
        simulation.take(decision);
        done += 1;
        bar.at(decision.at, done);
      }
    }).finally(bar.stop);
    return stop.aborted;
  });
  const result = simulation.result();
  const { user, system } = process.cpuUsage(began.cpu);
  const seconds = (performance.now() - began.wall) / 1000;
  const cost: Cost = {
    cpuSeconds: Math.round((user + system) / 10_000) / 100,
    decisionsPerSecond: Math.round(result.decisions / seconds),
  };
  const caveats = caveatsOf(result, recorded.decisions.passes, unreadable);
  if (options.json) json({ since, until, complete: !stopped, ...result, gaps: undefined, caveats, cost });
  else show(result, caveats, cost);
  if (!stopped) return;
  note('interrupted: the later decisions are not in it');
  process.exitCode = EXIT.interrupted;
}

/**
 * Each message by itself.
 *
 * @param store null: as if nothing were counted or known, for rules on what mail says
 */
async function tryArchives(options: Options, policy: PolicyContext, store: ReadStore | null): Promise<void> {
  const { account } = options;
  if (account === undefined) throw new Failure(EXIT.usage, 'archived mail needs --account: who would send it');
  const profile = policy.accounts.profileOf(account);
  const objected = new Observed(['observe', 'enforce']);
  let withoutRecipients = 0;
  const stopped = await stopOnInterrupt(async (stop) => {
    for await (const message of archivedMail(options)) {
      if (stop.aborted) break;
      const envelope = archivedEnvelope(message);
      const recipients = options.to ?? envelope.recipients;
      if (recipients.length === 0) withoutRecipients += 1;
      else {
        const reversePath = options.from ?? envelope.reversePath;
        const client = { address: '127.0.0.1', listener: 'archive' };
        const decision = await suppose({ account: profile, client, reversePath, recipients, message }, policy, store);
        objected.take(decision, message.name);
      }
    }
    return stop.aborted;
  });
  const { decisions: messages, messages: hit, rules } = objected.result();
  const judgedBy = store === null ? 'nothing' : 'the store';
  if (options.json) json({ complete: !stopped, judgedBy, messages, objectedTo: hit, withoutRecipients, rules });
  else {
    line(`${colours.bold(`${messages} messages`)}; rules object to ${hit} of them`);
    if (rules.length > 0) line();
    if (rules.length > 0) archiveTable(rules);
    line(colours.dim(store === null ? WITHOUT_STORE : WITH_STORE));
    if (withoutRecipients > 0) line(`${withoutRecipients} messages name no recipient and were left out (--to)`);
  }
  if (stopped) process.exitCode = EXIT.interrupted;
}

const WITHOUT_STORE =
  'each message by itself, as if nothing were counted, suppressed, consented to or approved; --store asks the store';
const WITH_STORE = 'each message by itself, by what the store holds now; nothing was written';

function archiveTable(rules: ObservedReport['rules']): void {
  table(
    [{ head: 'rule' }, { head: 'would' }, { head: 'messages', align: 'right' }, { head: 'such as' }],
    rules.map(({ rule, verdict, messages, samples }) => [
      rule,
      inColour(verdict),
      String(messages),
      plain(samples.join(', ')),
    ]),
  );
}

function addressOption(text: string): Address {
  const address = parseAddress(text);
  if (address === null) throw new InvalidArgumentError('Not an address.');
  return address;
}

function addressesOption(text: string, before: readonly Address[] | undefined): readonly Address[] {
  return [...(before ?? []), addressOption(text)];
}

/** What the record cannot answer, said of this very run. */
function caveatsOf(result: SimulationResult, passes: number, unreadable: number): readonly string[] {
  const { gaps, forgottenWindows, differences } = result;
  const changesVolume = differences.some(({ rule }) => rule.startsWith('volume.') || rule.startsWith('flood.'));
  return [
    ...gaps.map(({ gap, decisions }) => {
      const counted = gap.kind === 'window' ? ', so that it was counted from the recorded mail' : '';
      return `${gapInWords(gap)}${counted} (${decisions} decisions)`;
    }),
    ...(changesVolume
      ? [
          'a mail server tries deferred mail again: each attempt is a decision of its own here, and attempts after one that passes would not have come',
        ]
      : []),
    ...(passes < 1 ? [`only a share of ${passes} of the passed mail is recorded (decisions.passes)`] : []),
    ...(forgottenWindows > 0 ? [`${forgottenWindows} windows were forgotten for want of memory`] : []),
    ...(unreadable > 0 ? [`${unreadable} decisions could not be read`] : []),
  ];
}

const WORDS = { reject: 'newly rejected', defer: 'newly deferred', pass: 'newly passes', observe: 'newly observed' };

function show(result: SimulationResult, caveats: readonly string[], cost: Cost): void {
  const { decisions, recipients, from, to, differences, changedMessages } = result;
  const span = from === null || to === null ? '' : `, ${instant(from)} to ${instant(to)}`;
  line(`${colours.bold(`${decisions} decisions`)} with ${recipients} recipients${span}`);
  line(`${changedMessages} of them would fare otherwise`);
  if (differences.length > 0) {
    line();
    table(
      [
        { head: 'rule' },
        { head: 'change' },
        { head: 'messages', align: 'right' },
        { head: 'recipients', align: 'right' },
        { head: 'accounts', align: 'right' },
        { head: 'most of them' },
      ],
      differences.map(({ rule, change, messages, recipients, accounts, topAccounts }) => [
        rule,
        inColour(change),
        String(messages),
        String(recipients),
        String(accounts),
        topAccounts.map((one) => `${plain(one.account)} (${one.recipients})`).join(', '),
      ]),
    );
    line();
    for (const { rule, change, samples } of differences) line(`${rule}, ${WORDS[change]}: ${samples.join(' ')}`);
  }
  line();
  for (const caveat of caveats) line(colours.yellow(`Not certain: ${caveat}`));
  line(colours.dim(`${cost.cpuSeconds} s of CPU, ${cost.decisionsPerSecond} decisions/s`));
}

function inColour(change: keyof typeof WORDS): string {
  const text = WORDS[change];
  if (change === 'reject') return colours.red(text);
  return change === 'pass' ? colours.green(text) : colours.yellow(text);
}

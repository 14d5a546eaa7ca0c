import { setTimeout as delay } from 'node:timers/promises';
import { Command, Option } from 'commander';
import { decodeDecision, UnreadableDecision } from '../../ledger/codec.js';
import type { AccountId, DecisionQuery, Instant, Store, StoredDecision } from '../../store/contract.js';
import { StoreUnavailable } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  countOption,
  type JsonOption,
  pastOption,
  RULE_IDS,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { withStore } from '../open-store.js';
import { decisionLine } from '../terminal/decision-line.js';
import { drained, jsonLine, line, note } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly rule?: string;
  readonly verdict?: StoredDecision['verdict'];
  readonly since?: Instant;
  readonly limit: number;
  readonly follow?: true;
}

type Filter = Pick<DecisionQuery, 'account' | 'rule' | 'verdict' | 'since'>;

const PAGE = 500;
/** New decisions come to the store every tenth of a second. */
const POLL_MS = 300;
/** While following, a store that is away is asked again. */
const RETRY_MS = 2_000;

export function decisions(): Command {
  const command = new Command('decisions')
    .description('what was decided about transactions, oldest first (with --json: one JSON document a line)')
    .option('-f, --follow', 'go on as new ones come')
    .option('-a, --account <id>', "this account's only", accountArgument)
    .addOption(new Option('-r, --rule <id>', 'only those that this rule objected to').choices(RULE_IDS))
    .addOption(
      new Option('-v, --verdict <verdict>', 'only those with this verdict').choices(['pass', 'defer', 'reject']),
    )
    .option('-s, --since <when>', 'from then on: 24h (ago), or a time', pastOption)
    .option('-l, --limit <count>', 'the latest so many', countOption, 50)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice decisions --account acme --since 24h',
    'sluice decisions --follow --verdict reject',
    'sluice decisions --rule volume.recipients --json | jq .reply',
  ]);
}

async function run(options: Options): Promise<void> {
  const filter: Filter = {
    ...(options.account === undefined ? {} : { account: options.account }),
    ...(options.rule === undefined ? {} : { rule: options.rule }),
    ...(options.verdict === undefined ? {} : { verdict: options.verdict }),
    ...(options.since === undefined ? {} : { since: options.since }),
  };
  const show = options.json ? showJson : showLine;
  await withStore(options, async ({ store }) => {
    const latest = await latestDecisions(store, filter, options.limit);
    for (const decision of latest.items) show(decision);
    await drained();
    if (options.follow) await follow(store, filter, latest.position, show);
    else if (latest.items.length === 0 && !options.json) note('no decisions');
  });
}

async function latestDecisions(
  store: Store,
  filter: Filter,
  limit: number,
): Promise<{ readonly items: readonly StoredDecision[]; readonly position: string }> {
  const first = await store.decisions({ ...filter, limit: Math.min(limit, PAGE) });
  const items = [...first.items];
  let cursor = first.next;
  while (cursor !== null && items.length < limit) {
    const page = await store.decisions({ ...filter, cursor, limit: Math.min(limit - items.length, PAGE) });
    items.push(...page.items);
    cursor = page.next;
  }
  return { items: items.reverse(), position: first.position };
}

/** Until the command is stopped. */
async function follow(
  store: Store,
  filter: Filter,
  from: string,
  show: (decision: StoredDecision) => void,
): Promise<never> {
  let after = from;
  let away = false;
  for (;;) {
    try {
      const page = await store.decisions({ ...filter, after, limit: PAGE });
      after = page.position;
      away = false;
      for (const decision of page.items) show(decision);
      await drained();
      if (page.items.length < PAGE) await delay(POLL_MS);
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      if (!away) note(`${error.message}; trying again`);
      away = true;
      await delay(RETRY_MS);
    }
  }
}

function showJson(stored: StoredDecision): void {
  try {
    jsonLine(decodeDecision(stored));
  } catch (error) {
    unreadable(error);
  }
}

function showLine(stored: StoredDecision): void {
  try {
    line(decisionLine(decodeDecision(stored)));
  } catch (error) {
    unreadable(error);
  }
}

function unreadable(error: unknown): void {
  if (!(error instanceof UnreadableDecision)) throw error;
  note(error.message);
}

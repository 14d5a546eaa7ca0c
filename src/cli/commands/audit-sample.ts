import { randomBytes } from 'node:crypto';
import { Command, InvalidArgumentError, Option } from 'commander';
import { RecipientSample } from '../../audit/recipient-sample.js';
import { type AccountId, type AuditSample, type Instant, MOST_AUDITED, type Store } from '../../store/contract.js';
import { MS } from '../../units/duration.js';
import { type OpeningOptions, withAuthor } from '../audit-options.js';
import { accountArgument, countOption, pastOption, withConfig, withExamples, withJson } from '../common-options.js';
import { decisionStream } from '../decision-stream.js';
import { EXIT, Failure } from '../exit-codes.js';
import { openCase } from '../open-case.js';
import { withStore } from '../open-store.js';
import { stopOnInterrupt } from '../stop-on-interrupt.js';
import { json, line, note } from '../terminal/output.js';

interface Options extends OpeningOptions {
  readonly size: number;
  readonly since: Instant;
  readonly until?: Instant;
  readonly seed?: string;
  readonly dryRun?: true;
}

const MONTH_MS = 30 * MS.d;
const SEED_OCTETS = 6;

export function auditSample(): Command {
  const command = new Command('sample')
    .description('ask an account for what proves the consent of some of its recipients, drawn at random')
    .argument('<account>', 'who is asked', accountArgument)
    .option('--size <count>', `how many, at most ${MOST_AUDITED}`, sizeOption, 20)
    .addOption(
      new Option('-s, --since <when>', 'mailed from then on: 30d (ago), or a time')
        .argParser(pastOption)
        .default(Date.now() - MONTH_MS, '30d'),
    )
    .option('--until <when>', 'and until then (default: now)', pastOption)
    .option('--seed <text>', 'seed of the draw: the same seed and times draw the same recipients (default: by chance)')
    .option('--dry-run', 'show who would be drawn, and ask nobody')
    .action(run);
  return withExamples(withJson(withConfig(withAuthor(command))), [
    'sluice audit sample acme --size 20 --since 30d',
    'sluice audit sample acme --size 20 --since 2026-11-01 --until 2026-11-20 --seed 2026-11 --dry-run',
  ]);
}

function sizeOption(text: string): number {
  const size = countOption(text);
  if (size > MOST_AUDITED) throw new InvalidArgumentError(`At most ${MOST_AUDITED}.`);
  return size;
}

async function run(account: AccountId, options: Options): Promise<void> {
  await withStore(options, async (open) => {
    const { keys, sample } = await draw(open.store, account, options);
    if (options.dryRun) {
      if (options.json) return json({ account, addresses: keys, sample });
      for (const key of keys) line(key);
      return note(`drawn of ${sample.outOf} recipients by the seed ${sample.seed}; nobody was asked`);
    }
    if (keys.length === 0) throw new Failure(EXIT.negative, `no decision since then has a recipient of ${account}`);
    await openCase(open, { account, kind: 'sample', keys, sample }, options);
  });
}

async function draw(store: Store, account: AccountId, { size, since, until: given, seed: stated }: Options) {
  const seed = stated ?? randomBytes(SEED_OCTETS).toString('hex');
  const until = given ?? Date.now();
  const drawn = new RecipientSample(seed, size);
  await stopOnInterrupt(async (stop) => {
    const events = { stop, onUnreadable: (error: Error) => note(error.message) };
    for await (const decision of decisionStream(store, { since, until, account }, events)) drawn.take(decision);
    if (stop.aborted) throw new Failure(EXIT.interrupted, 'interrupted: nobody was drawn');
  });
  const { keys, outOf } = drawn.result();
  const sample: AuditSample = { seed, since, until, outOf };
  return { keys, sample };
}

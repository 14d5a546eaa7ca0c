import { Command, Option } from 'commander';
import { announcerOf } from '../../service/notice-settings.js';
import type { AccountId, AddressKey, Instant, Subscription } from '../../store/contract.js';
import { policyOfAccount } from '../account-policy.js';
import { checkStreamName } from '../check-stream-name.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  listArgument,
  pastOption,
  streamArgument,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withStore } from '../open-store.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly at?: Instant;
  readonly list?: string;
  readonly stream?: string;
  readonly source: string;
  readonly lift?: true;
}

export function revoke(): Command {
  const command = new Command('revoke')
    .description('record that a recipient revoked consent to mail of an account (policy: honoured within 48 hours)')
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'whose mail it is', accountArgument)
    .option('--list <id>', 'only mail of this list, as its List-Id has it (default: all mail)', listArgument)
    .addOption(
      new Option('--stream <name>', 'only mail of this stream of campaigns')
        .argParser(streamArgument)
        .conflicts('list'),
    )
    .option('--at <when>', 'when it was revoked: 12h (ago), or a time (default: now)', pastOption)
    .option('--source <name>', 'how it came', 'cli')
    .option('--lift', 'consent was given again: forget the revocation')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice revoke bob@example.net --account acme',
    'sluice revoke bob@example.net --account acme --at 2026-11-20T09:30Z --source phone',
    'sluice revoke bob@example.net --account acme --list news.acme.example',
    'sluice revoke bob@example.net --account acme --stream offers',
    'sluice revoke bob@example.net --account acme --lift',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { account, source, list = null, stream = null } = options;
  const subscription = subscriptionIn(options);
  if (options.lift) {
    const lifted = await withStore(options, ({ store }) => store.liftRevocation(key, account));
    if (options.json) json({ address: key, account, lifted });
    else
      line(
        lifted ? `lifted: ${key} may get mail of ${account}` : `${key} had not revoked consent to mail of ${account}`,
      );
    if (!lifted) process.exitCode = EXIT.negative;
    return;
  }
  const at = options.at ?? null;
  await withStore(options, async ({ store, config }) => {
    const { scope } = policyOfAccount(config, account).policy.revocations;
    if (subscription !== null && subscription.kind !== scope) {
      const of = scope === 'account' ? 'all its mail' : `one ${scope}, or of all its mail`;
      const why = `rules.recipient.revoked.scope is ${scope} for ${account}: revocations are of ${of}`;
      throw new Failure(EXIT.usage, `${why}; leave out --${subscription.kind}`);
    }
    if (stream !== null) checkStreamName(config, account, stream);
    await store.revoke({ key, account, at, source, subscription });
    const fact = `${source} ${at ?? Date.now()}`;
    await announcerOf(config, store).revoked(account, { address: key, subscriptions: { list, stream }, source, fact });
  });
  if (options.json) json({ address: key, account, list, stream, at, source, revoked: true });
  else
    line(
      `recorded: ${key} revoked consent to mail of ${account}${subscription === null ? '' : `, ${subscription.kind} ${subscription.name}`}`,
    );
}

function subscriptionIn({ list, stream }: Options): Subscription | null {
  if (list !== undefined) return { kind: 'list', name: list };
  return stream === undefined ? null : { kind: 'stream', name: stream };
}

import { Command, InvalidArgumentError } from 'commander';
import type { Config } from '../../config/schema.js';
import type { Decision } from '../../ledger/decision.js';
import { explain as explainDecision } from '../../replay/explanation.js';
import { type SupposedMail, suppose } from '../../replay/supposed-mail.js';
import { createPolicyToTry } from '../../service/policy-context.js';
import type { Address } from '../../smtp/address.js';
import { parseForwardPath, parseReversePath } from '../../smtp/path.js';
import type { AccountId } from '../../store/contract.js';
import type { PolicyContext } from '../../transaction/context.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { findDecision, isDecisionId } from '../find-decision.js';
import { messageIn } from '../message-file.js';
import { withOpenStore } from '../open-store.js';
import { readConfig } from '../read-config.js';
import { explanationJson, showExplanation } from '../terminal/explanation.js';
import { json } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly from?: Address | 'null';
  /** As they were given; the last one may be the message file. */
  readonly to?: readonly string[];
  readonly client: string;
  readonly listener?: string;
  /** False with `--no-store`. */
  readonly store: boolean;
}

export function explain(): Command {
  const command = new Command('explain')
    .description(
      'why mail was refused, or what would become of one that nobody sends: each rule, what it saw, what it says. Exits with 0 if it passes, 7 if any of it is deferred, 1 if any is rejected',
    )
    .argument(
      '[what]',
      'the id of a decision (`ref=` of a reply); or with --from and --to a message file, - for standard input',
    )
    .option('-a, --account <id>', 'who would send it (default: whoever the client address is)', accountArgument)
    .option('-f, --from <address>', 'MAIL FROM; <> for a bounce', fromArgument)
    .option('-t, --to <address...>', 'RCPT TO, one or more')
    .option('--client <ip>', 'address of the client', '127.0.0.1')
    .option('--listener <name>', 'listener that it connects to (default: the first of the config)')
    .option('--no-store', 'as if nothing were counted, suppressed or known, without asking the store')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice explain 1k8754vo2dlus2ll7.1',
    'sluice explain --account acme --from news@acme.example --to bob@example.net',
    'sluice explain --account acme --from news@acme.example --to bob@example.net eve@example.net mail.eml --config new.yaml',
  ]);
}

async function run(given: string | undefined, options: Options): Promise<void> {
  const { recipients: to, what } = recipientsAndWhat(options.to ?? [], given);
  const { from } = options;
  const config = await readConfig(options);
  const policy = createPolicyToTry(config);
  const isSupposed = from !== undefined || to.length > 0;
  if (!isSupposed && what === undefined) {
    throw new Failure(EXIT.usage, 'give the id of a decision, or --from and --to of a mail to suppose');
  }
  const decision = isSupposed
    ? await supposeMail({ file: what, to }, options, config, policy)
    : await recordedDecision(what ?? '', options, config);
  const explanation = explainDecision(decision, policy);
  if (options.json) json(explanationJson(decision, explanation));
  else showExplanation(decision, explanation, isSupposed ? 'supposed' : 'recorded');
  process.exitCode = exitCodeOf(decision);
}

async function recordedDecision(id: string, options: Options, config: Config): Promise<Decision> {
  if (!options.store) throw new Failure(EXIT.usage, 'a decision is in the store: --no-store finds none');
  if (!isDecisionId(id)) {
    throw new Failure(EXIT.usage, `${id} is no id of a decision; a message file needs --from and --to`);
  }
  return withOpenStore(config.store, (store) => findDecision(store, id));
}

async function supposeMail(
  { file, to }: { readonly file: string | undefined; readonly to: readonly Address[] },
  options: Options,
  config: Config,
  policy: PolicyContext,
): Promise<Decision> {
  const { from } = options;
  if (from === undefined || to.length === 0) throw new Failure(EXIT.usage, 'a mail needs --from and --to');
  const client = { address: options.client, listener: options.listener ?? config.listen[0]?.name ?? 'smtp' };
  const mail: SupposedMail = {
    account: policy.accounts.profileOf(accountOf(options, policy, client)),
    client,
    reversePath: from === 'null' ? null : from,
    recipients: to,
    message: file === undefined ? null : await messageIn(file),
  };
  if (!options.store) return suppose(mail, policy, null);
  return withOpenStore(config.store, (store) => suppose(mail, policy, store));
}

/** As a listener without AUTH would find it. */
function accountOf(
  { account }: Options,
  { accounts }: PolicyContext,
  client: { readonly address: string; readonly listener: string },
): AccountId {
  if (account !== undefined) return account;
  const known = accounts.identify({ ...client, certificate: null, login: null, mta: null }) ?? accounts.unknown;
  if (known === null) throw new Failure(EXIT.usage, `no account is known for ${client.address}: give --account`);
  return known.account;
}

/** Of a recorded decision, as it was recorded. */
function exitCodeOf({ verdict }: Decision): number {
  if (verdict === 'pass') return EXIT.ok;
  return verdict === 'defer' ? EXIT.deferred : EXIT.negative;
}

function fromArgument(text: string): Address | 'null' {
  if (text === '' || text === '<>') return 'null';
  const parsed = parseReversePath(text);
  if (!parsed.ok || parsed.rest !== '' || parsed.path.address === null)
    throw new InvalidArgumentError('Not an address; <> is the null reverse-path.');
  return parsed.path.address;
}

/** `--to a b mail.eml`: the option takes all that follows it, the file too. */
function recipientsAndWhat(
  to: readonly string[],
  given: string | undefined,
): { readonly recipients: readonly Address[]; readonly what: string | undefined } {
  const last = to.at(-1);
  const isFile = given === undefined && to.length > 1 && last !== undefined && recipientIn(last) === null;
  const recipients = (isFile ? to.slice(0, -1) : to).map((text) => {
    const recipient = recipientIn(text);
    if (recipient === null) throw new Failure(EXIT.usage, `--to ${text}: not an address`);
    return recipient;
  });
  return { recipients, what: isFile ? last : given };
}

function recipientIn(text: string): Address | null {
  // Without brackets a bare postmaster is no path.
  const parsed = parseForwardPath(text.startsWith('<') ? text : `<${text}>`);
  return parsed.ok && parsed.rest === '' ? parsed.path.address : null;
}

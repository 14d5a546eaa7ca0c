import { Command } from 'commander';
import { linkUrl } from '../../feedback/one-click/link-token.js';
import type { AccountId, AddressKey } from '../../store/contract.js';
import { checkStreamName } from '../check-stream-name.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  listArgument,
  streamArgument,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { readConfig } from '../read-config.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
  readonly list?: string;
  readonly stream?: string;
}

export function feedbackLink(): Command {
  const command = new Command('link')
    .description(
      'the unsubscribe link of one recipient (RFC 8058), as header fields for whoever signs the mail by DKIM',
    )
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'whose mail it is', accountArgument)
    .option('--list <id>', 'the list of the mail, as its List-Id has it', listArgument)
    .option('--stream <name>', 'the stream of campaigns of the mail (rules.recipient.revoked)', streamArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice feedback link bob@example.net --account acme',
    'sluice feedback link bob@example.net --account acme --list news.acme.example',
  ]);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const config = await readConfig(options);
  const { feedback } = config;
  const oneClick = feedback?.http?.oneClick;
  const secret = oneClick?.keys[0];
  if (oneClick === undefined || secret === undefined) {
    throw new Failure(EXIT.config, 'the config has no feedback.http.oneClick, so there are no links');
  }
  const expiresAt = Date.now() + oneClick.validFor;
  const { account, list = null, stream = null } = options;
  if (stream !== null) checkStreamName(config, account, stream);
  const url = linkUrl(oneClick.url, { account, key, list, stream, expiresAt }, secret);
  if (options.json) {
    json({ address: key, account, list, stream, url, expiresAt });
    return;
  }
  line(`List-Unsubscribe: <${url}>`);
  line('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
}

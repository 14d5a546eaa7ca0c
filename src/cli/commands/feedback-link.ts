import { Command } from 'commander';
import { signLink } from '../../feedback/one-click/link-token.js';
import type { AccountId, AddressKey } from '../../store/contract.js';
import {
  accountArgument,
  addressArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { readConfig } from '../read-config.js';
import { json, line } from '../terminal/output.js';

interface Options extends ConfigOption, JsonOption {
  readonly account: AccountId;
}

export function feedbackLink(): Command {
  const command = new Command('link')
    .description(
      'the unsubscribe link of one recipient (RFC 8058), as header fields for whoever signs the mail by DKIM',
    )
    .argument('<address>', "the recipient's address", addressArgument)
    .requiredOption('-a, --account <id>', 'whose mail it is', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice feedback link bob@example.net --account acme']);
}

async function run(key: AddressKey, options: Options): Promise<void> {
  const { feedback } = await readConfig(options);
  const oneClick = feedback?.http?.oneClick;
  const secret = oneClick?.keys[0];
  if (oneClick === undefined || secret === undefined) {
    throw new Failure(EXIT.config, 'the config has no feedback.http.oneClick, so there are no links');
  }
  const expiresAt = Date.now() + oneClick.validFor;
  const url = `${oneClick.url}/u/${signLink({ account: options.account, key, expiresAt }, secret)}`;
  if (options.json) {
    json({ address: key, account: options.account, url, expiresAt });
    return;
  }
  line(`List-Unsubscribe: <${url}>`);
  line('List-Unsubscribe-Post: List-Unsubscribe=One-Click');
}

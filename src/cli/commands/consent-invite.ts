import { Command } from 'commander';
import { invitationUrl } from '../../feedback/double-opt-in/invitation.js';
import type { AccountId, AddressKey } from '../../store/contract.js';
import {
  accountArgument,
  addressesArgument,
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

export function consentInvite(): Command {
  const command = new Command('invite')
    .description('links by which recipients confirm their consent (double opt-in), one a line, to be mailed to them')
    .argument('<address...>', "the recipients' addresses", addressesArgument)
    .requiredOption('-a, --account <id>', 'to whose mail', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice consent invite bob@example.net ann@example.net --account acme',
  ]);
}

async function run(keys: readonly AddressKey[], { account, ...options }: Options): Promise<void> {
  const { feedback } = await readConfig(options);
  const settings = feedback?.http?.doubleOptIn;
  const secret = settings?.keys[0];
  if (settings === undefined || secret === undefined) {
    throw new Failure(EXIT.config, 'the config has no feedback.http.doubleOptIn, so there are no links');
  }
  const expiresAt = Date.now() + settings.validFor;
  const links = keys.map((key) => ({
    address: key,
    url: invitationUrl(settings.url, { account, key, expiresAt }, secret),
  }));
  if (options.json) json({ account, expiresAt, links });
  else for (const { address, url } of links) line(`${address} ${url}`);
}

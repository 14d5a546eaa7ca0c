import { Command, Option } from 'commander';
import { isAccountId } from '../../account/account-id.js';
import { hashPassword } from '../../account/password.js';
import type { Config } from '../../config/schema.js';
import type { AccountId } from '../../store/contract.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { EXIT, Failure } from '../exit-codes.js';
import { withOpenStore } from '../open-store.js';
import { readConfig } from '../read-config.js';
import { json, line } from '../terminal/output.js';
import { readPassword } from '../terminal/password-prompt.js';
import { dropUser, putUser } from '../users-file-edit.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
  readonly file?: string;
  readonly print?: true;
  readonly remove?: true;
}

/** Where a username is kept: a users file, or the store of the config. */
type Place = { readonly file: string } | { readonly store: Config['store'] };

export function accountPasswd(): Command {
  const command = new Command('passwd')
    .description('set the password of a username; asked for, or read from standard input')
    .argument('<username>', 'what clients authenticate as')
    .option('-a, --account <id>', 'the account that it sends for (default: the username)', accountArgument)
    .option('--file <file>', 'keep it in this users file (default: where accounts.identify of the config looks)')
    .addOption(new Option('--print', 'only print the hash').conflicts(['file', 'account', 'remove', 'config']))
    .option('--remove', 'remove the username')
    .action(run);
  return withExamples(withJson(withConfig(command)), [
    'sluice account passwd anna@acme.example --account acme',
    'openssl rand -base64 18 | tee secret | sluice account passwd robot --account acme',
    'sluice account passwd anna@acme.example --remove',
  ]);
}

async function run(username: string, options: Options): Promise<void> {
  if (!/^[^\s:\p{Cc}](?:[^:\p{Cc}]{0,254})$/u.test(username))
    throw new Failure(EXIT.usage, 'not a username: 1 to 255 characters without colon');
  if (options.print) return printHash(username, options);
  const place = options.file === undefined ? placeIn(await readConfig(options)) : { file: options.file };
  if (options.remove) return remove(username, place, options);
  const account = options.account ?? username;
  if (!isAccountId(account)) throw new Failure(EXIT.usage, `${account} is no account id; name one with --account`);
  const hash = await hashPassword(await readPassword(username));
  if ('file' in place) await putUser(place.file, { username, hash, account });
  else await withOpenStore(place.store, (store) => store.setCredential({ username, account, hash }));
  if (options.json) json({ username, account, set: true });
  else line(`password of ${username} set, account ${account}`);
}

async function printHash(username: string, options: Options): Promise<void> {
  const hash = await hashPassword(await readPassword(username));
  if (options.json) json({ username, hash });
  else line(hash);
}

async function remove(username: string, place: Place, options: Options): Promise<void> {
  const removed =
    'file' in place
      ? await dropUser(place.file, username)
      : await withOpenStore(place.store, (store) => store.removeCredential(username));
  if (options.json) json({ username, removed });
  else line(removed ? `${username} removed` : `no username ${username}`);
  if (!removed) process.exitCode = EXIT.negative;
}

/** The first place of `accounts.identify` that keeps passwords of its own. */
function placeIn(config: Config): Place {
  for (const { users, store } of config.accounts.identify) {
    if (users !== undefined) return { file: users.file };
    if (store !== undefined) return { store: config.store };
  }
  throw new Failure(
    EXIT.config,
    'accounts.identify of the config has neither users nor store; name a users file with --file',
  );
}

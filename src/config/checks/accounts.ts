import { parseUsers } from '../../account/users-file.js';
import { closest } from '../closest.js';
import type { ConfigError } from '../config-error.js';
import { quoted } from '../quoted.js';
import { readText } from '../substitution.js';
import type { CheckedConfig } from './checked-config.js';

const MAX_USERS_OCTETS = 256 * 1024 ** 2;

export function* checkAccounts(checked: CheckedConfig): Iterable<ConfigError> {
  yield* checkNames(checked);
  yield* checkUsersFiles(checked);
  yield* checkClues(checked);
}

/** Plans and languages that accounts name are there. */
function* checkNames({ config, source, accountsSource, intact }: CheckedConfig): Iterable<ConfigError> {
  const plans = Object.keys(config.plans);
  const languages = Object.keys(config.replies.texts);
  for (const [id, { plan, language }] of Object.entries(config.accounts.list)) {
    const inline = accountsSource === null || source.has(['accounts', 'list', id]);
    const where = inline ? source : accountsSource;
    const at = inline ? ['accounts', 'list', id] : [id];
    if (plan !== 'default' && !plans.includes(plan) && intact(['plans'])) {
      const found = `the plan ${where.shownAt([...at, 'plan'], quoted(plan))}`;
      yield where.error([...at, 'plan'], found, one('of plans', plans), closest(plan, plans));
    }
    if (language !== undefined && language !== 'en' && !languages.includes(language) && intact(['replies', 'texts'])) {
      const found = `the language ${where.shownAt([...at, 'language'], quoted(language))}`;
      yield where.error([...at, 'language'], found, one('of replies.texts', languages), closest(language, languages));
    }
  }
}

function one(where: string, names: readonly string[]): string {
  if (names.length === 0) return `one ${where}, which is empty`;
  return names.length <= 10 ? `one ${where}: ${names.join(', ')}` : `one ${where}`;
}

function* checkUsersFiles({ config, source }: CheckedConfig): Iterable<ConfigError> {
  for (const [index, { users }] of config.accounts.identify.entries()) {
    if (users === undefined) continue;
    const read = readText(users.file, MAX_USERS_OCTETS);
    if (!read.ok) {
      const path = ['accounts', 'identify', index, 'users', 'file'];
      yield source.error(path, source.shownAt(path, read.problem), 'a readable users file');
      continue;
    }
    for (const error of parseUsers(read.text).errors) yield { file: users.file, path: '', suggestion: null, ...error };
  }
}

/** Ways to recognise a client that no listener lets happen. */
function* checkClues({ config, source, intact }: CheckedConfig): Iterable<ConfigError> {
  if (!intact(['listen'])) return;
  const asked = config.milter.listen.length + config.policyd.listen.length > 0;
  for (const [index, { certificate, xclient, mta, daemon }] of config.accounts.identify.entries()) {
    const path = ['accounts', 'identify', index];
    for (const [key, clue] of Object.entries({ mta, daemon })) {
      if (clue === undefined || asked) continue;
      yield source.errorAtKey(
        [...path, key],
        'no listener that an MTA asks',
        'a listener in milter.listen or policyd.listen',
      );
    }
    const certificates = asked || config.listen.some((listener) => listener.clientCertificates !== undefined);
    if (certificate !== undefined && !certificates) {
      yield source.errorAtKey(
        [...path, 'certificate'],
        'no listener that asks for certificates',
        'clientCertificates of a listener',
      );
    }
    if (xclient !== undefined && config.listen.every((listener) => listener.xclient === undefined)) {
      yield source.errorAtKey(
        [...path, 'xclient'],
        'no listener that believes XCLIENT',
        'xclient.trusted of a listener',
      );
    }
  }
}

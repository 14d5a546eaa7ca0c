/**
 * The one place that decides who is answerable for a session's mail. The entries
 * of `accounts.identify` are asked in their order and the first match wins.
 */

import type { Credential } from '../store/contract.js';
import { isAccountId } from './account-id.js';
import { type CertificateTable, certificateTable } from './certificate.js';
import { type NetworkTable, networkTable } from './cidr.js';
import type { AccountProfile, Accounts, Authentication, Connection, Identity } from './contract.js';
import { askHttpBackend, type HttpBackendOptions } from './http-backend.js';
import { createPasswordChecker, type PasswordChecker } from './password-checker.js';
import { readUsersFile, type Users } from './users-file.js';

/** One entry of `accounts.identify`: exactly one key. */
export interface IdentifyEntry {
  readonly users?: { readonly file: string };
  readonly store?: object;
  readonly http?: HttpBackendOptions;
  readonly relay?: object;
  /** Account by network. */
  readonly address?: { readonly [network: string]: string };
  /** Account by fingerprint, e-mail address or subject. */
  readonly certificate?: { readonly [key: string]: string };
  readonly xclient?: object;
  /** `accounts`: account by login, where that is not the account itself. */
  readonly mta?: { readonly accounts: { readonly [login: string]: string } };
  /** Account by the name of the MTA's service. */
  readonly daemon?: { readonly [name: string]: string };
}

export interface AccountsOptions {
  readonly identify: readonly IdentifyEntry[];
  /** `refuse`, or the account of clients that nothing matches. */
  readonly unknown: string;
  readonly list: {
    readonly [account: string]: {
      readonly plan: string;
      readonly senders?: readonly string[];
      readonly language?: string;
    };
  };
}

export interface AccountsSources {
  /** Rejects when the store does not answer. */
  credentialOf(username: string): Promise<Credential | null>;
  /** Rejects when the relay does not answer. */
  relayLogin(username: string, password: string): Promise<'accepted' | 'refused'>;
}

/** Reads the users files; throws an Error that names what cannot be read. */
export function createAccounts(options: AccountsOptions, sources: AccountsSources): Accounts {
  const entries = options.identify.map(openEntry);
  const clues = entries.flatMap((entry) => ('recognise' in entry ? [entry] : []));
  const backends = entries.flatMap((entry) => ('kind' in entry ? [entry] : []));
  const passwords = createPasswordChecker({ decoy: decoyFrom(backends) });
  return {
    takesPasswords: backends.length > 0,
    unknown: options.unknown === 'refuse' ? null : { account: options.unknown, username: null, by: 'unknown' },
    identify(connection) {
      for (const clue of clues) {
        const identity = clue.recognise(connection);
        if (identity !== null) return identity;
      }
      return null;
    },
    authenticate: (username, password, connection) =>
      authenticate({ backends, passwords, sources }, username, password, connection),
    profileOf: (account) => profile(options.list, account),
  };
}

// ---------------------------------------------------------------- the list

interface Clue {
  recognise(connection: Connection): Identity | null;
}

type Backend =
  | { readonly kind: 'users'; readonly users: Users }
  | { readonly kind: 'store' }
  | { readonly kind: 'http'; readonly options: HttpBackendOptions }
  | { readonly kind: 'relay' };

function openEntry(entry: IdentifyEntry): Clue | Backend {
  if (entry.users !== undefined) return { kind: 'users', users: readUsersFile(entry.users.file) };
  if (entry.store !== undefined) return { kind: 'store' };
  if (entry.http !== undefined) return { kind: 'http', options: entry.http };
  if (entry.relay !== undefined) return { kind: 'relay' };
  if (entry.address !== undefined) return byAddress(networkTable(Object.entries(entry.address)));
  if (entry.certificate !== undefined) return byCertificate(certificateTable(entry.certificate));
  if (entry.mta !== undefined) return byMtaLogin(entry.mta.accounts);
  if (entry.daemon !== undefined) return byDaemon(entry.daemon);
  return { recognise: byLogin };
}

/** The MTA has checked the password, or the certificate, of this login. */
function byMtaLogin(accounts: { readonly [login: string]: string }): Clue {
  return {
    recognise({ mta }) {
      const login = mta?.login ?? null;
      if (login === null) return null;
      const account = Object.hasOwn(accounts, login) ? accounts[login] : login;
      return account !== undefined && isAccountId(account) ? known(account, login, 'mta') : null;
    },
  };
}

function byDaemon(accounts: { readonly [name: string]: string }): Clue {
  return {
    recognise({ mta }) {
      const daemon = mta?.daemon ?? null;
      const account = daemon !== null && Object.hasOwn(accounts, daemon) ? accounts[daemon] : undefined;
      return known(account ?? null, mta?.login ?? null, 'daemon');
    },
  };
}

function byAddress(table: NetworkTable<string>): Clue {
  return { recognise: ({ address }) => known(table.lookup(address), null, 'address') };
}

function byCertificate(table: CertificateTable): Clue {
  return {
    recognise: ({ certificate }) =>
      certificate === null ? null : known(table.lookup(certificate), null, 'certificate'),
  };
}

function byLogin({ login }: Connection): Identity | null {
  return login !== null && isAccountId(login) ? known(login, login, 'xclient') : null;
}

function known(account: string | null, username: string | null, by: Identity['by']): Identity | null {
  return account === null ? null : { account, username, by };
}

// ---------------------------------------------------------------- passwords

interface Checks {
  readonly backends: readonly Backend[];
  readonly passwords: PasswordChecker;
  readonly sources: AccountsSources;
}

/**
 * The users file and the store know whether a username is theirs, and decide
 * then. The HTTP endpoint and the relay only say yes or no: after a no the next
 * is asked; one that does not answer ends it, since nobody can tell whose the
 * username is.
 */
async function authenticate(
  checks: Checks,
  username: string,
  password: string,
  connection: Connection,
): Promise<Authentication> {
  try {
    for (const backend of checks.backends) {
      const answer = await ask(checks, backend, username, password, connection);
      if (answer !== 'not-mine') return answer;
    }
    if (checks.backends.some(({ kind }) => kind === 'users' || kind === 'store')) {
      await checks.passwords.check(username, password, null);
    }
    return REFUSED;
  } catch (cause) {
    return { kind: 'unavailable', cause };
  }
}

const REFUSED: Authentication = { kind: 'refused' };

async function ask(
  { passwords, sources }: Checks,
  backend: Backend,
  username: string,
  password: string,
  { address }: Connection,
): Promise<Authentication | 'not-mine'> {
  switch (backend.kind) {
    case 'users':
    case 'store': {
      const user = backend.kind === 'users' ? backend.users.get(username) : await sources.credentialOf(username);
      if (user === undefined || user === null) return 'not-mine';
      const right = await passwords.check(username, password, user.hash);
      return right ? accepted(user.account, username, backend.kind) : REFUSED;
    }
    case 'http': {
      const answer = await askHttpBackend(backend.options, { username, password, client: address });
      if (answer.kind === 'accepted') return accepted(answer.account, username, 'http');
      return answer.kind === 'refused' ? 'not-mine' : answer;
    }
    case 'relay': {
      // A username that can be no account is not worth asking for.
      if (!isAccountId(username)) return 'not-mine';
      const answer = await sources.relayLogin(username, password);
      return answer === 'accepted' ? accepted(username, username, 'relay') : 'not-mine';
    }
  }
}

function accepted(account: string, username: string, by: Identity['by']): Authentication {
  return { kind: 'accepted', identity: { account, username, by } };
}

/** Unknown usernames must cost what known ones do: a hash of the users' own kind, or one as we write them. */
function decoyFrom(backends: readonly Backend[]): string {
  for (const backend of backends) {
    if (backend.kind !== 'users') continue;
    for (const { hash } of backend.users.values()) return hash;
  }
  return OWN_KIND;
}

/** Of nobody's password. */
const OWN_KIND = '$scrypt$ln=15,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA';

function profile(list: AccountsOptions['list'], account: string): AccountProfile {
  const settings = Object.hasOwn(list, account) ? list[account] : undefined;
  return {
    id: account,
    plan: settings?.plan ?? 'default',
    senders: settings?.senders ?? null,
    language: settings?.language ?? null,
  };
}

/**
 * The users file: one user a line, `username:hash` or `username:hash:account`.
 * Without an account the username is the account. Empty lines and lines that
 * begin with `#` say nothing.
 */

import { readFileSync } from 'node:fs';
import { ACCOUNT_ID_EXPECTED, isAccountId } from './account-id.js';
import { hashProblem } from './password.js';

export interface User {
  readonly hash: string;
  readonly account: string;
}

export type Users = ReadonlyMap<string, User>;

export interface UsersFileError {
  readonly line: number;
  readonly column: number;
  /** Never with the hash in it. */
  readonly found: string;
  readonly expected: string;
}

export interface ParsedUsers {
  readonly users: Users;
  readonly errors: readonly UsersFileError[];
}

/** All good lines, and what is wrong with the others. */
export function parseUsers(text: string): ParsedUsers {
  const users = new Map<string, User>();
  const firstLines = new Map<string, number>();
  const errors: UsersFileError[] = [];
  const lines = text.replace(/^\ufeff/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '' || line.startsWith('#')) continue;
    const parsed = parseLine(line);
    if ('expected' in parsed) {
      errors.push({ line: index + 1, ...parsed });
      continue;
    }
    const first = firstLines.get(parsed.username);
    if (first !== undefined) {
      const found = `${JSON.stringify(parsed.username)} again, after line ${first}`;
      errors.push({ line: index + 1, column: 1, found, expected: 'each username once' });
      continue;
    }
    firstLines.set(parsed.username, index + 1);
    users.set(parsed.username, { hash: parsed.hash, account: parsed.account });
  }
  return { users, errors };
}

type LineError = Omit<UsersFileError, 'line'>;

function parseLine(line: string): (User & { readonly username: string }) | LineError {
  const colon = line.indexOf(':');
  if (colon < 1) {
    return {
      column: 1,
      found: colon === 0 ? 'no username' : 'no colon',
      expected: 'username:hash or username:hash:account',
    };
  }
  const username = line.slice(0, colon);
  const rest = line.slice(colon + 1);
  const second = rest.indexOf(':');
  const hash = second < 0 ? rest : rest.slice(0, second);
  const problem = hashProblem(hash);
  if (problem !== null) {
    const expected = 'a scrypt, argon2 or bcrypt hash, as `sluice account passwd` prints it';
    return { column: colon + 2, found: problem, expected };
  }
  const account = second < 0 ? username : rest.slice(second + 1);
  if (isAccountId(account)) return { username, hash, account };
  const column = second < 0 ? 1 : colon + second + 3;
  return { column, found: JSON.stringify(account), expected: ACCOUNT_ID_EXPECTED };
}

/** Throws an Error that names the file, and the first bad line. */
export function readUsersFile(path: string): Users {
  const { users, errors } = parseUsers(readFileSync(path, 'utf8'));
  const [first] = errors;
  if (first === undefined) return users;
  throw new Error(`${path}:${first.line}:${first.column}: found ${first.found}, expected ${first.expected}`);
}

/** Changes one user of a users file and leaves every other line, comments too, as it is. */

import { chmod, chown, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { parseUsers } from '../account/users-file.js';
import type { AccountId } from '../store/contract.js';
import { EXIT, Failure } from './exit-codes.js';

export interface UserLine {
  readonly username: string;
  readonly hash: string;
  readonly account: AccountId;
}

/** Adds the user or replaces its line; a file that is not there is made, for its owner only. */
export async function putUser(path: string, user: UserLine): Promise<void> {
  if (user.username.includes(':')) throw new Failure(EXIT.usage, 'a username in a users file has no colon');
  const { username, hash, account } = user;
  const written = username === account ? `${username}:${hash}` : `${username}:${hash}:${account}`;
  const lines = await readLines(path);
  const place = lines.findIndex((line) => isOf(line, username));
  if (place === -1) lines.push(written);
  else lines[place] = written;
  await replaceFile(path, lines);
}

/** False: no line was the user's. */
export async function dropUser(path: string, username: string): Promise<boolean> {
  const lines = await readLines(path);
  const kept = lines.filter((line) => !isOf(line, username));
  if (kept.length === lines.length) return false;
  await replaceFile(path, kept);
  return true;
}

function isOf(line: string, username: string): boolean {
  return !line.startsWith('#') && line.startsWith(`${username}:`);
}

async function readLines(path: string): Promise<string[]> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw new Failure(EXIT.config, error.message);
  });
  const [error] = parseUsers(text).errors;
  if (error !== undefined) {
    throw new Failure(
      EXIT.config,
      `${path}:${error.line}:${error.column}: found ${error.found}, expected ${error.expected}`,
    );
  }
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}

/** Renamed into place: the service may read it at any moment. Keeps owner and rights. */
async function replaceFile(path: string, lines: readonly string[]): Promise<void> {
  const next = `${path}.${process.pid}.new`;
  try {
    const before = await stat(path).catch(() => null);
    await writeFile(next, lines.map((line) => `${line}\n`).join(''), { mode: 0o600 });
    if (before !== null) {
      await chmod(next, before.mode & 0o7777);
      if (before.uid !== process.getuid?.() || before.gid !== process.getgid?.())
        await chown(next, before.uid, before.gid);
    }
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new Failure(EXIT.config, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

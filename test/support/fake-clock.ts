/** A wall clock that a test can step while the program runs, by Debian's libfaketime; the monotonic clock goes on. */

import { existsSync, readdirSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

export interface FakeClock {
  /** For the program that is to live by it. */
  readonly env: Readonly<Record<string, string>>;
  /** The same for Redis. */
  readonly redisEnv: Readonly<Record<string, string>>;
  /** What it was set to last. */
  readonly aheadMs: number;
  /** From now on its clock is ahead by so much; behind when negative. */
  set(aheadMs: number): Promise<void>;
}

export async function fakeClock(directory: string): Promise<FakeClock> {
  const path = join(directory, 'clock');
  let ahead = 0;
  const set = async (aheadMs: number) => {
    // In one step: a reader must not find half a number.
    await writeFile(`${path}.new`, `${aheadMs < 0 ? '-' : '+'}${Math.abs(aheadMs) / 1000}`);
    await rename(`${path}.new`, path);
    ahead = aheadMs;
  };
  await set(0);
  const env = {
    LD_PRELOAD: library(),
    FAKETIME_TIMESTAMP_FILE: path,
    FAKETIME_NO_CACHE: '1',
    // As when somebody sets a machine's clock: it changes the time of day only.
    DONT_FAKE_MONOTONIC: '1',
  };
  // jemalloc asks for the time while libfaketime, to tell it, asks for memory: with libc's malloc neither waits for the other.
  const redisEnv = { ...env, LD_PRELOAD: `${env.LD_PRELOAD} libc.so.6` };
  return {
    env,
    redisEnv,
    set,
    get aheadMs() {
      return ahead;
    },
  };
}

function library(): string {
  const found = readdirSync('/usr/lib')
    .map((folder) => join('/usr/lib', folder, 'faketime', 'libfaketime.so.1'))
    .find((path) => existsSync(path));
  if (found === undefined) throw new Error('no libfaketime: see scripts/test-prerequisites');
  return found;
}

/** What is imported, as a file: its rows may have to be read twice. */

import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { EXIT, Failure } from '../exit-codes.js';

/** Instead of a file's name. */
export const STANDARD_INPUT = '-';

/** Standard input is put into a file of its own first, which only this user may read and which goes afterwards. */
export async function withInputFile<T>(
  name: string,
  stop: AbortSignal,
  work: (path: string) => Promise<T>,
): Promise<T> {
  if (name !== STANDARD_INPUT) return work(name);
  const folder = await mkdtemp(join(tmpdir(), 'sluice-import-'));
  try {
    const path = join(folder, 'standard input');
    await copyInput(path, stop);
    return await work(path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function copyInput(path: string, stop: AbortSignal): Promise<void> {
  try {
    await pipeline(process.stdin, createWriteStream(path, { mode: 0o600 }), { signal: stop });
  } catch (error) {
    if (stop.aborted) throw new Failure(EXIT.interrupted, 'interrupted; nothing was written');
    throw new Failure(EXIT.config, `standard input: ${error instanceof Error ? error.message : String(error)}`);
  }
}

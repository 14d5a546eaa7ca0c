/** How far an import came, kept in a file after each batch, so that one that was broken off goes on there. */

import { createHash } from 'node:crypto';
import { type FileHandle, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { EXIT, Failure } from '../exit-codes.js';

const progressSchema = z.object({
  version: z.literal(1),
  /** Which file it was: its size, and a hash of its first octets. */
  file: z.object({ size: z.number(), head: z.string() }),
  /** Octets and lines that are done. */
  byte: z.number(),
  line: z.number(),
  imported: z.number(),
  bad: z.number(),
  done: z.boolean(),
});

export type ImportProgress = z.infer<typeof progressSchema>;
export type FileMark = ImportProgress['file'];

/** So much of the file tells it from another one. */
const HEAD_OCTETS = 64 * 1024;

export async function markOf(path: string): Promise<FileMark> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_OCTETS), 0, HEAD_OCTETS, 0);
    return { size, head: createHash('sha256').update(buffer.subarray(0, bytesRead)).digest('hex') };
  } finally {
    await file.close();
  }
}

/** Null: there is none yet. Fails when it belongs to another file. */
export async function readProgress(path: string, mark: FileMark): Promise<ImportProgress | null> {
  const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw new Failure(EXIT.config, `${path}: ${error.message}`);
  });
  if (text === null) return null;
  const progress = parseProgress(text);
  if (progress === null) throw new Failure(EXIT.config, `${path}: not a resume file of sluice`);
  if (progress.file.size !== mark.size || progress.file.head !== mark.head) {
    throw new Failure(
      EXIT.config,
      `${path}: belongs to another import; remove it, or name the file that it belongs to`,
    );
  }
  return progress;
}

/** Renamed into place, so that a kill at any moment leaves a whole file. */
export async function writeProgress(path: string, progress: ImportProgress): Promise<void> {
  const next = `${path}.${process.pid}.new`;
  try {
    await writeFile(next, `${JSON.stringify(progress)}\n`);
    await rename(next, path);
  } catch (error) {
    await rm(next, { force: true });
    throw new Failure(EXIT.config, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

function parseProgress(text: string): ImportProgress | null {
  try {
    return progressSchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'r');
  } catch (error) {
    throw new Failure(EXIT.config, `${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

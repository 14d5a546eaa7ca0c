import { createHash } from 'node:crypto';
import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pauseFor } from 'node:timers/promises';
import { z } from 'zod';
import type { FollowerPosition } from '../../store/contract.js';
import { LineCutter } from './line-cutter.js';
import type { LogBatch, LogSource } from './log-source.js';

export interface LogFileTimes {
  /** How often is looked for new lines. */
  readonly pollMs: number;
  /** A renamed file of which nothing came for so long is done: its writers have the new one. */
  readonly quietMs: number;
}

const TIMES: LogFileTimes = { pollMs: 250, quietMs: 2000 };
const CHUNK = 256 * 1024;
/** Files begin differently: by so many octets one is known again, whatever its name and inode. */
const PREFIX = 1024;
/** Read again after a restart, to understand what comes. */
const HISTORY = 64 * 1024 * 1024;
const COMPRESSED = /\.(?:gz|xz|bz2|zst|lz4)$/;

const positionSchema = z.object({
  inode: z.number(),
  offset: z.number(),
  prefix: z.object({ length: z.number(), hash: z.string() }),
});
type Place = z.output<typeof positionSchema>;

/**
 * A log file, followed across rotation: renamed with a new one in its place, or
 * copied and truncated. What was not read of the old one is read from wherever
 * it went, if it is in the same folder and not compressed yet.
 */
export class LogFile implements LogSource {
  readonly name: string;

  constructor(
    private readonly path: string,
    /** Lines may be missing from here on: the place where it was read last is not there any more. */
    private readonly onGap: (why: string) => void,
    private readonly times: LogFileTimes = TIMES,
  ) {
    this.name = `${hostname()}:${path}`;
  }

  async *history(position: FollowerPosition): AsyncIterable<readonly string[]> {
    const place = readPlace(position);
    const file = place === null ? null : await this.#find(place);
    if (place === null || file === null) return;
    try {
      const before = HISTORY - place.offset;
      if (before > 0) yield* this.#endOfOlder(await modifiedAt(file), before);
      yield* linesOf(file, Math.max(0, place.offset - HISTORY), place.offset);
    } finally {
      await file.close();
    }
  }

  async *batches(position: FollowerPosition | null, stop: AbortSignal): AsyncIterable<LogBatch> {
    let file: FileHandle | null = null;
    try {
      const begun = await this.#begin(position);
      file = begun.file ?? (await this.#openNext(null, stop));
      let offset = begun.offset;
      while (file !== null && !stop.aborted) {
        const end = yield* this.#follow(file, offset, stop);
        if (end === 'renamed') {
          const next = await this.#openNext(file, stop);
          await file.close();
          file = next;
        }
        offset = 0;
      }
    } finally {
      await file?.close();
    }
  }

  /** Where to go on; without a file: where one will be made. */
  async #begin(position: FollowerPosition | null): Promise<{ file: FileHandle | null; offset: number }> {
    const place = position === null ? null : readPlace(position);
    if (place !== null) {
      const file = await this.#find(place);
      if (file !== null) return { file, offset: place.offset };
      this.onGap('the file that was read last is gone');
    }
    const file = await open(this.path, 'r').catch(() => null);
    if (file === null) return { file: null, offset: 0 };
    return { file, offset: place === null ? await lastLineEnd(file) : 0 };
  }

  /** Gives what is written until the file is another's: renamed and quiet, or truncated. */
  async *#follow(file: FileHandle, from: number, stop: AbortSignal): AsyncGenerator<LogBatch, 'renamed' | 'truncated'> {
    const cutter = new LineCutter(from);
    let read = from;
    let place = await placeOf(file, from);
    let quietSince = performance.now();
    yield { lines: [], position: JSON.stringify(place) };
    while (!stop.aborted) {
      if ((await file.stat()).size < read || !(await begins(file, place))) {
        yield* this.#restOfCopy(place);
        return 'truncated';
      }
      const chunk = await readChunk(file, read, CHUNK);
      if (chunk.length > 0) {
        read += chunk.length;
        quietSince = performance.now();
        const lines = cutter.cut(chunk);
        place = await placeOf(file, cutter.position);
        yield { lines, position: JSON.stringify(place) };
        continue;
      }
      if (performance.now() - quietSince > this.times.quietMs && (await this.#isRenamed(file))) return 'renamed';
      yield { lines: [], position: JSON.stringify(place) };
      await pauseFor(this.times.pollMs, undefined, { signal: stop }).catch(() => undefined);
    }
    return 'truncated';
  }

  /** `copytruncate`: what was written between the last look and the copy. */
  async *#restOfCopy(place: Place): AsyncGenerator<LogBatch> {
    const copy = await this.#findSibling(place);
    if (copy === null) {
      this.onGap('the file was truncated and no copy of it is there');
      return;
    }
    try {
      for await (const lines of linesOf(copy, place.offset, (await copy.stat()).size)) {
        yield { lines, position: JSON.stringify(place) };
      }
    } finally {
      await copy.close();
    }
  }

  /** The oldest of those that came after; null: told to stop. */
  async #openNext(after: FileHandle | null, stop: AbortSignal): Promise<FileHandle | null> {
    while (!stop.aborted) {
      const newer = after === null ? [] : await this.#newerThan(after);
      const found = await open(newer[0] ?? this.path, 'r').catch(() => null);
      if (found !== null) return found;
      await pauseFor(this.times.pollMs, undefined, { signal: stop }).catch(() => undefined);
    }
    return null;
  }

  async #newerThan(file: FileHandle): Promise<string[]> {
    const [{ ino }, at] = [await file.stat(), await modifiedAt(file)];
    const siblings = await this.#siblings();
    const newer = siblings.filter((one) => one.ino !== ino && one.mtimeMs > at && one.path !== this.path);
    return newer.map((one) => one.path);
  }

  /** Renamed away, with a new one in its place. */
  async #isRenamed(file: FileHandle): Promise<boolean> {
    const now = await stat(this.path).catch(() => null);
    return now !== null && now.ino !== (await file.stat()).ino;
  }

  /** The file that was read so far, under whatever name. */
  async #find(place: Place): Promise<FileHandle | null> {
    const current = await open(this.path, 'r').catch(() => null);
    if (current !== null) {
      if (await isPlace(current, place)) return current;
      await current.close();
    }
    return this.#findSibling(place);
  }

  async #findSibling(place: Place): Promise<FileHandle | null> {
    for (const { path } of (await this.#siblings()).reverse()) {
      if (path === this.path) continue;
      const file = await open(path, 'r').catch(() => null);
      if (file === null) continue;
      if (await isPlace(file, place)) return file;
      await file.close();
    }
    return null;
  }

  async *#endOfOlder(than: number, most: number): AsyncIterable<readonly string[]> {
    const older = (await this.#siblings()).filter((one) => one.mtimeMs < than).at(-1);
    const file = older === undefined ? null : await open(older.path, 'r').catch(() => null);
    if (file === null) return;
    try {
      const { size } = await file.stat();
      yield* linesOf(file, Math.max(0, size - most), size);
    } finally {
      await file.close();
    }
  }

  /** Files of the same name and more, not compressed, the one written first in front. */
  async #siblings(): Promise<{ path: string; ino: number; mtimeMs: number }[]> {
    const folder = dirname(this.path);
    const name = basename(this.path);
    const names = (await readdir(folder).catch(() => [])).filter(
      (one) => one.startsWith(name) && !COMPRESSED.test(one),
    );
    const all = await Promise.all(
      names.map(async (one) => {
        const path = join(folder, one);
        const found = await stat(path).catch(() => null);
        return found?.isFile() ? { path, ino: found.ino, mtimeMs: found.mtimeMs } : null;
      }),
    );
    return all.filter((one) => one !== null).sort((one, other) => one.mtimeMs - other.mtimeMs);
  }
}

function readPlace(position: FollowerPosition): Place | null {
  try {
    return positionSchema.safeParse(JSON.parse(position)).data ?? null;
  } catch {
    return null;
  }
}

async function placeOf(file: FileHandle, offset: number): Promise<Place> {
  const { ino } = await file.stat();
  const prefix = await readChunk(file, 0, PREFIX);
  return { inode: ino, offset, prefix: { length: prefix.length, hash: hashOf(prefix) } };
}

async function isPlace(file: FileHandle, place: Place): Promise<boolean> {
  const { size, ino } = await file.stat();
  if (size < place.offset) return false;
  // Of a file that was empty only the inode tells.
  return place.prefix.length === 0 ? ino === place.inode : begins(file, place);
}

async function begins(file: FileHandle, { prefix }: Place): Promise<boolean> {
  if (prefix.length === 0) return true;
  return hashOf(await readChunk(file, 0, prefix.length)) === prefix.hash;
}

function hashOf(octets: Buffer): string {
  return createHash('sha256').update(octets).digest('base64url').slice(0, 22);
}

async function modifiedAt(file: FileHandle): Promise<number> {
  return (await file.stat()).mtimeMs;
}

async function readChunk(file: FileHandle, from: number, most: number): Promise<Buffer> {
  if (most === 0) return Buffer.alloc(0);
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(most), 0, most, from);
  return buffer.subarray(0, bytesRead);
}

async function* linesOf(file: FileHandle, from: number, to: number): AsyncGenerator<string[]> {
  const cutter = new LineCutter(from);
  for (let at = from; at < to; ) {
    const chunk = await readChunk(file, at, Math.min(CHUNK, to - at));
    if (chunk.length === 0) return;
    at += chunk.length;
    yield cutter.cut(chunk);
  }
}

/** Where the next line begins: what is half written is not ours to skip. */
async function lastLineEnd(file: FileHandle): Promise<number> {
  const { size } = await file.stat();
  const from = Math.max(0, size - CHUNK);
  const end = (await readChunk(file, from, size - from)).lastIndexOf(10);
  return end < 0 ? from : from + end + 1;
}

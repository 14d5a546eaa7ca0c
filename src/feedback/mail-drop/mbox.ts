import { open } from 'node:fs/promises';
import { z } from 'zod';
import { MboxSplitter } from '../mime/mbox-splitter.js';
import type { Mailbox } from './mail-drop.js';

const MAX_OCTETS = 32 * 1024 * 1024;
const CHUNK = 256 * 1024;
/** A message may still be being written to a file that changed so lately. */
const QUIET_MS = 2000;

const positionSchema = z.object({ inode: z.number(), offset: z.number() });

/** An mbox file, read on as it grows; whoever empties or replaces it may do so at any time. */
export class Mbox implements Mailbox {
  constructor(readonly path: string) {}

  async collect(position: string | null, take: (octets: Buffer) => Promise<void>): Promise<string | null> {
    const file = await open(this.path, 'r');
    try {
      const { size, ino, mtimeMs } = await file.stat();
      const known = position === null ? null : (positionSchema.safeParse(JSON.parse(position)).data ?? null);
      const from = known !== null && known.inode === ino && known.offset <= size ? known.offset : 0;
      if (from === size || Date.now() - mtimeMs < QUIET_MS) return position;
      const splitter = new MboxSplitter(MAX_OCTETS);
      for (let at = from; at < size; ) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK), 0, Math.min(CHUNK, size - at), at);
        if (bytesRead === 0) break;
        at += bytesRead;
        for (const message of splitter.push(buffer.subarray(0, bytesRead))) await take(message);
      }
      const last = splitter.end();
      if (last !== null) await take(last);
      return JSON.stringify({ inode: ino, offset: size });
    } finally {
      await file.close();
    }
  }
}

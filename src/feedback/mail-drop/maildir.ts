import { mkdir, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Mailbox } from './mail-drop.js';

const MAX_OCTETS = 32 * 1024 * 1024;

/** A Maildir: what is in `new` is read and then in `cur`, marked as seen, for whoever looks after it. */
export class Maildir implements Mailbox {
  constructor(readonly path: string) {}

  async collect(_position: string | null, take: (octets: Buffer) => Promise<void>): Promise<null> {
    const fresh = join(this.path, 'new');
    const read = join(this.path, 'cur');
    await mkdir(read, { recursive: true });
    for (const name of (await readdir(fresh)).sort()) {
      if (name.startsWith('.')) continue;
      const octets = await readFile(join(fresh, name));
      await take(octets.subarray(0, MAX_OCTETS));
      await rename(join(fresh, name), join(read, `${name.replace(/:2,[A-Z]*$/, '')}:2,S`));
    }
    return null;
  }
}

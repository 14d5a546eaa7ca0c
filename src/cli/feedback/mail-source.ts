/** Messages to be read, wherever they are: files, folders, Maildirs, an mbox, standard input. */

import { createReadStream } from 'node:fs';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { MboxSplitter } from '../../feedback/mime/mbox-splitter.js';

export const STANDARD_INPUT = '-';

export interface SourceMessage {
  /** The file; of an mbox with several messages, with `#` and the number of the message, from 1. */
  readonly file: string;
  readonly octets: Buffer;
}

/** A file that could not be read; the others go on. */
export interface SourceTrouble {
  readonly file: string;
  readonly trouble: string;
}

const MBOX_START = Buffer.from('From ');
/** Of one message; the reader looks at no more. */
const MAX_MESSAGE = 33_554_432;

export async function* messagesOf(names: readonly string[]): AsyncGenerator<SourceMessage | SourceTrouble> {
  for (const name of names) {
    try {
      yield* name === STANDARD_INPUT ? fromStream(name, process.stdin) : fromPath(name);
    } catch (error) {
      yield { file: name, trouble: error instanceof Error ? error.message : String(error) };
    }
  }
}

/** A folder is walked in the order of names; a Maildir's `tmp` holds mail that is still being written. */
async function* fromPath(path: string): AsyncGenerator<SourceMessage | SourceTrouble> {
  const found = await stat(path);
  if (!found.isDirectory()) return yield* fromFile(path);
  const entries = await readdir(path, { withFileTypes: true });
  const isMaildir = ['cur', 'new'].every((name) => entries.some((entry) => entry.isDirectory() && entry.name === name));
  for (const { name } of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (name.startsWith('.') || (isMaildir && name === 'tmp')) continue;
    yield* messagesOf([join(path, name)]);
  }
}

async function* fromFile(path: string): AsyncGenerator<SourceMessage> {
  const handle = createReadStream(path, { end: MBOX_START.length - 1 });
  const start = Buffer.concat(await handle.toArray());
  if (start.equals(MBOX_START)) yield* fromStream(path, createReadStream(path));
  else yield { file: path, octets: await readFile(path) };
}

/** One message at a time in memory, however long the mbox is. */
async function* fromStream(name: string, stream: AsyncIterable<Buffer>): AsyncGenerator<SourceMessage> {
  const splitter = new MboxSplitter(MAX_MESSAGE);
  let count = 0;
  let held: Buffer | null = null;
  for await (const chunk of stream) {
    for (const octets of splitter.push(chunk)) {
      if (held !== null) yield { file: `${name}#${++count}`, octets: held };
      held = octets;
    }
  }
  const last = splitter.end();
  if (held !== null) yield { file: `${name}#${++count}`, octets: held };
  // A file with one message keeps its name: the separator may be there by accident.
  if (last !== null) yield { file: count === 0 ? name : `${name}#${count + 1}`, octets: last };
  else if (count === 0) yield { file: name, octets: Buffer.alloc(0) };
}

/** Mail in archives, one message after the other: single files, a maildir, an mbox. */

import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { EXIT, Failure } from './exit-codes.js';
import { messageOctets } from './message-file.js';

export interface Archives {
  readonly eml?: readonly string[];
  readonly maildir?: string;
  readonly mbox?: string;
}

export interface ArchivedMessage {
  /** File, and in an mbox the number of the message from 1. */
  readonly name: string;
  /** With CRLF line ends, at most `LARGEST`. */
  readonly octets: readonly Buffer[];
  readonly size: number;
}

/** Of larger ones the rest is left out: rules look at no more of a message. */
const LARGEST = 16 * 1024 * 1024;

export async function* archivedMail({ eml = [], maildir, mbox }: Archives): AsyncGenerator<ArchivedMessage> {
  for (const file of eml) yield gathered(file, messageOctets(file));
  if (maildir !== undefined) {
    for (const file of await maildirFiles(maildir)) yield gathered(file, messageOctets(file));
  }
  if (mbox !== undefined) yield* mboxMessages(mbox);
}

async function gathered(name: string, source: AsyncIterable<Buffer>): Promise<ArchivedMessage> {
  const octets: Buffer[] = [];
  let size = 0;
  for await (const chunk of source) {
    if (size < LARGEST) octets.push(chunk);
    size += chunk.length;
  }
  return { name, octets, size };
}

/** Sorted, so that two runs say the same. */
async function maildirFiles(folder: string): Promise<readonly string[]> {
  try {
    const lists = await Promise.all(
      ['cur', 'new'].map(async (part) => [part, await readdir(join(folder, part))] as const),
    );
    return lists.flatMap(([part, names]) => names.sort().map((name) => join(folder, part, name)));
  } catch (error) {
    throw new Failure(
      EXIT.config,
      `${folder} is no maildir: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}

/** RFC 4155, and `>From ` quoted as mboxrd does. Octets stay as they are: read as Latin-1 and written so. */
async function* mboxMessages(file: string): AsyncGenerator<ArchivedMessage> {
  const lines = createInterface({ input: createReadStream(file, 'latin1'), crlfDelay: Number.POSITIVE_INFINITY });
  let current: { octets: Buffer[]; size: number } | null = null;
  let number = 0;
  let afterBlank = true;
  try {
    for await (const text of lines) {
      if (afterBlank && text.startsWith('From ')) {
        if (current !== null) yield { name: `${file}#${number}`, ...current };
        number += 1;
        current = { octets: [], size: 0 };
        afterBlank = false;
        continue;
      }
      if (current === null) throw new Error('it does not begin with a "From " line');
      afterBlank = text === '';
      const line = Buffer.from(`${/^>+From /.test(text) ? text.slice(1) : text}\r\n`, 'latin1');
      if (current.size < LARGEST) current.octets.push(line);
      current.size += line.length;
    }
  } catch (error) {
    throw new Failure(EXIT.config, `${file}: ${error instanceof Error ? error.message : String(error)}`);
  }
  if (current !== null) yield { name: `${file}#${number}`, ...current };
}

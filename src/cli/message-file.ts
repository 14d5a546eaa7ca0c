/** A message from a file or standard input, as a client would send it. */

import { createReadStream } from 'node:fs';
import { EXIT, Failure } from './exit-codes.js';

const LF = 0x0a;
const CR = 0x0d;

/** Instead of a file's name. */
export const STANDARD_INPUT = '-';

/** Its octets with CRLF line ends: files have bare LF on most machines, mail never. */
export async function* messageOctets(name: string): AsyncGenerator<Buffer> {
  const source: AsyncIterable<Buffer> = name === STANDARD_INPUT ? process.stdin : createReadStream(name);
  let afterCr = false;
  try {
    for await (const chunk of source) {
      yield withCrlf(chunk, afterCr);
      afterCr = chunk.at(-1) === CR;
    }
  } catch (error) {
    throw new Failure(EXIT.config, `${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
}

export interface MessageFile {
  readonly size: number;
  readonly octets: AsyncIterable<Buffer> | Iterable<Buffer>;
}

/** Its size must be known first (a client declares it at MAIL): a file is read twice, standard input kept. */
export async function messageIn(name: string): Promise<MessageFile> {
  const kept: Buffer[] = [];
  let size = 0;
  for await (const octets of messageOctets(name)) {
    size += octets.length;
    if (name === STANDARD_INPUT) kept.push(octets);
  }
  return { size, octets: name === STANDARD_INPUT ? kept : messageOctets(name) };
}

function withCrlf(chunk: Buffer, afterCr: boolean): Buffer {
  const pieces: Buffer[] = [];
  let from = 0;
  for (let at = chunk.indexOf(LF); at >= 0; at = chunk.indexOf(LF, at + 1)) {
    if (at === 0 ? afterCr : chunk[at - 1] === CR) continue;
    pieces.push(chunk.subarray(from, at), CRLF);
    from = at + 1;
  }
  return pieces.length === 0 ? chunk : Buffer.concat([...pieces, chunk.subarray(from)]);
}

const CRLF = Buffer.from('\r\n');

import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { STANDARD_INPUT } from './csv/input-file.js';
import { EXIT, Failure } from './exit-codes.js';
import { plain } from './terminal/output.js';

/** When the file was written last, in ms since the epoch; now for standard input. */
export async function lastWritten(file: string): Promise<number> {
  if (file === STANDARD_INPUT) return Date.now();
  try {
    return (await stat(file)).mtimeMs;
  } catch (error) {
    throw unreadable(file, error);
  }
}

/** A file's octets, or standard input's. */
export async function* octetsOf(file: string): AsyncGenerator<Buffer> {
  try {
    yield* file === STANDARD_INPUT ? process.stdin : createReadStream(file);
  } catch (error) {
    throw unreadable(file, error);
  }
}

function unreadable(file: string, error: unknown): Failure {
  return new Failure(EXIT.config, `${plain(file)}: ${error instanceof Error ? plain(error.message) : String(error)}`);
}

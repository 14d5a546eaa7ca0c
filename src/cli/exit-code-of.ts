import { CommanderError } from 'commander';
import { SchemaTooNew, StoreUnavailable } from '../store/contract.js';
import { EXIT, type ExitCode, Failure } from './exit-codes.js';
import { note, plain } from './terminal/output.js';

/** Says what went wrong, in one line, and with what the program exits. */
export function exitCodeOf(error: unknown): ExitCode {
  // Commander has said it already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  if (error instanceof Failure) {
    for (const text of error.message.split('\n')) note(`sluice: ${text}`);
    return error.exitCode;
  }
  if (error instanceof StoreUnavailable || error instanceof SchemaTooNew) {
    note(`sluice: ${plain(error.message)}`);
    return EXIT.store;
  }
  note(`sluice: a bug: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  return EXIT.bug;
}

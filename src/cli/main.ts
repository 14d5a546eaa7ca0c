#!/usr/bin/env node
/** `sluice`: runs one command, and turns whatever went wrong into one line and an exit code. */

import { CommanderError } from 'commander';
import { SchemaTooNew, StoreUnavailable } from '../store/contract.js';
import { EXIT, type ExitCode, Failure } from './exit-codes.js';
import { createProgram } from './program.js';
import { note, plain } from './terminal/output.js';

// `sluice … | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.bug);
});
process.stderr.on('error', () => undefined);

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

function explain(error: unknown): ExitCode {
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

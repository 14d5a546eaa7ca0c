#!/usr/bin/env node
/** `sluice`: runs one command, and turns whatever went wrong into one line and an exit code. */

import { exitCodeOf } from './exit-code-of.js';
import { EXIT } from './exit-codes.js';
import { createProgram } from './program.js';

// `sluice … | head` is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? EXIT.ok : EXIT.bug);
});
process.stderr.on('error', () => undefined);

try {
  const program = await createProgram(process.argv[2]);
  await program.parseAsync();
} catch (error) {
  process.exitCode = exitCodeOf(error);
}

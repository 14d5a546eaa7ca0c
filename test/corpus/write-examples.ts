/** Writes the example messages: `node --import tsx test/corpus/write-examples.ts`. */

import { mkdir, writeFile } from 'node:fs/promises';
import { EXAMPLES, examples } from './examples.js';

await mkdir(EXAMPLES, { recursive: true });
for (const [name, message] of examples()) await writeFile(new URL(name, EXAMPLES), message);

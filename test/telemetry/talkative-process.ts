/** Says more than a pipe holds, then one line while that is being written, and lives on in silence. For gathered-output.test.ts. */

import { gatheredOutput } from '../../src/telemetry/gathered-output.js';

const output = gatheredOutput(10_000_000);
output.write(`${'x'.repeat(1_000_000)}\n`);
setTimeout(() => {
  output.write('the last line\n');
  process.send?.('said');
}, 50);
process.on('message', () => process.exit());

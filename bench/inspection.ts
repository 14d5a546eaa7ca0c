/**
 * Prints what inspecting a message costs, CPU per message, by what is wished:
 *
 *   node --import tsx bench/inspection.ts
 */

import type { Wish } from '../src/message/inspection.js';
import { reportOf } from '../src/message/inspection-report.js';
import { createInspector } from '../src/message/inspector.js';
import { builtInWords } from '../src/message/words.js';
import { parseAddress } from '../src/smtp/path.js';
import { MESSAGES } from './messages.js';

const WISHES: readonly (Wish | null)[] = [null, 'header', 'structure', 'text', 'fingerprint'];
/** As much as comes from a socket at once. */
const CHUNK = 64 * 1024;
/** Microseconds of CPU. */
const WARM_UP = 600_000;
const MEASURED = 1_000_000;

function inspectOnce(message: Buffer, wish: Wish | null) {
  const inspector = createInspector(wish);
  for (let at = 0; at < message.length; at += CHUNK) inspector.feed(message.subarray(at, at + CHUNK));
  return inspector.end();
}

/** Microseconds of CPU a run, warm; counted in CPU and not by the clock, for machines that others use. */
function measure(run: () => unknown): number {
  repeat(run, WARM_UP);
  const { micros, runs } = repeat(run, MEASURED);
  return micros / runs;
}

function repeat(run: () => unknown, atLeast: number): { readonly micros: number; readonly runs: number } {
  const before = process.cpuUsage();
  for (let runs = 1; ; runs++) {
    run();
    const { user, system } = process.cpuUsage(before);
    if (user + system >= atLeast) return { micros: user + system, runs };
  }
}

const recipients = [parseAddress('bob@example.net')].flatMap((address) => address ?? []);
const words = builtInWords();
const shown = (micros: number): string => (micros < 10 ? micros.toFixed(1) : Math.round(micros).toLocaleString('en'));
process.stdout.write(
  '| µs of CPU | nothing | header | structure | text | fingerprint | fingerprint and all finders |\n',
);
process.stdout.write('| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n');
for (const [name, message] of Object.entries(MESSAGES)) {
  const cells = WISHES.map((wish) => measure(() => inspectOnce(message, wish)));
  cells.push(measure(() => reportOf(inspectOnce(message, 'fingerprint'), { recipients, words, now: 0 })));
  process.stdout.write(`| ${name} | ${cells.map(shown).join(' | ')} |\n`);
}

/**
 * Fuzzes what reads the bytes of strangers, led by coverage:
 *
 *   npm run fuzz -- [--target NAME] [--seconds N] [--seed N]
 *
 * An input that reaches new code, or breaks something, goes to fixtures/, where
 * `replay.test.ts` finds it. Ends with 1 when something broke.
 */

import { parseArgs } from 'node:util';
import { BlockCoverage } from './coverage.js';
import { readFixtures, writeFixtures } from './fixtures.js';
import { mutate, type Random, seeded } from './mutate.js';
import type { FuzzTarget } from './target.js';
import { TARGETS } from './targets/index.js';

/** Asking for the coverage takes milliseconds, an input some microseconds. */
const INPUTS_AT_ONCE = 256;

interface Found {
  readonly runs: number;
  readonly blocks: number;
  readonly corpus: readonly Buffer[];
  readonly broken: readonly { readonly input: Buffer; readonly error: unknown }[];
}

function failureOf(target: FuzzTarget, input: Buffer): unknown {
  try {
    target.run(input);
    return undefined;
  } catch (error) {
    return error;
  }
}

function fuzz(target: FuzzTarget, coverage: BlockCoverage, until: number, random: Random): Found {
  const corpus: Buffer[] = [];
  const broken = new Map<string, { input: Buffer; error: unknown }>();
  let runs = 0;
  const tryOne = (input: Buffer) => {
    const error = failureOf(target, input);
    runs += 1;
    if (error === undefined) return;
    const message = String(error).slice(0, 60);
    if (!broken.has(message)) broken.set(message, { input, error });
  };
  const learn = (input: Buffer) => {
    tryOne(input);
    if (coverage.takeNew() > 0) corpus.push(input);
  };
  coverage.takeNew();
  for (const seed of target.seeds) learn(Buffer.from(seed, 'latin1'));
  for (const input of readFixtures(target.name)) learn(input);
  while (performance.now() < until) {
    const inputs = Array.from({ length: INPUTS_AT_ONCE }, () => {
      const chosen = corpus[Math.floor(random() * corpus.length)] ?? Buffer.alloc(0);
      return mutate(chosen, corpus, target, random);
    });
    for (const input of inputs) tryOne(input);
    if (coverage.hasNew()) for (const input of inputs) learn(input);
  }
  return { runs, blocks: coverage.size, corpus, broken: [...broken.values()] };
}

const { values } = parseArgs({
  options: {
    target: { type: 'string' },
    seconds: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
  },
});
const coverage = new BlockCoverage();
coverage.start();
const chosen = Object.entries(TARGETS).filter(([name]) => values.target === undefined || name === values.target);
if (chosen.length === 0) {
  process.stderr.write(`no target ${values.target}; there are ${Object.keys(TARGETS).join(', ')}\n`);
  process.exitCode = 2;
}
process.stdout.write(`seed ${values.seed}, ${values.seconds} s a target\n`);
for (const [, load] of chosen) {
  const target = await load();
  const until = performance.now() + Number(values.seconds) * 1000;
  const { runs, blocks, corpus, broken } = fuzz(target, coverage, until, seeded(Number(values.seed)));
  process.stdout.write(`${target.name}: ${runs} runs, ${blocks} blocks seen so far, ${corpus.length} inputs kept\n`);
  writeFixtures(target.name, [...readFixtures(target.name), ...corpus, ...broken.map(({ input }) => input)]);
  for (const { input, error } of broken) {
    process.exitCode = 1;
    process.stdout.write(`  BROKEN by ${JSON.stringify(input.toString('latin1'))}\n  ${String(error)}\n`);
  }
}

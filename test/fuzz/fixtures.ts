/** Inputs that were found, one file a target: those that reached new code, and those that broke something. */

import { readFileSync, writeFileSync } from 'node:fs';

function fileOf(target: string): URL {
  return new URL(`fixtures/${target}.json`, import.meta.url);
}

/** None for a target that was never fuzzed. */
export function readFixtures(target: string): Buffer[] {
  try {
    const inputs: readonly string[] = JSON.parse(readFileSync(fileOf(target), 'utf8'));
    return inputs.map((input) => Buffer.from(input, 'latin1'));
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  }
}

/** Sorted, so that a new one is one line of a diff; ASCII only. */
export function writeFixtures(target: string, inputs: readonly Buffer[]): void {
  const texts = [...new Set(inputs.map((input) => input.toString('latin1')))].sort();
  const lines = texts.map((text) =>
    JSON.stringify(text).replace(/[\x7f-\xff]/g, (octet) => `\\u${octet.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
  writeFileSync(fileOf(target), `[\n  ${lines.join(',\n  ')}\n]\n`);
}

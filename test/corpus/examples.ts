import type { Case } from './case.js';
import { CASES } from './cases.js';

/** Where one good and one bad message of each rule lie as files, for people and for `sluice explain`. */
export const EXAMPLES = new URL('./examples/', import.meta.url);

/** File name and message: the first of the corpus that passes, and the first that does not. */
export function examples(): ReadonlyMap<string, string> {
  const files = new Map<string, string>();
  for (const one of CASES) {
    const name = `${one.rule}.${kindOf(one)}.eml`;
    if (!files.has(name)) files.set(name, one.message);
  }
  return files;
}

function kindOf({ verdict }: Case): 'good' | 'bad' {
  return verdict === 'pass' ? 'good' : 'bad';
}

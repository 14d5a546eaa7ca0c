/** Which decisions are kept: everything that a rule objected to or that did not end well, and a share of the rest. */

import { createHash } from 'node:crypto';
import { objectionsOf } from './codec.js';
import type { Decision } from './decision.js';

/**
 * Decided by the transaction id alone, so that every process and every later
 * look agrees on what the sample was. `passes`: share kept, 0 to 1.
 */
export function isKept(decision: Decision, passes: number): boolean {
  const plain = decision.ending === 'accepted' || decision.ending === 'passed';
  if (decision.verdict !== 'pass' || !plain || objectionsOf(decision).length > 0) return true;
  return passes >= 1 || (passes > 0 && placeOf(decision.id) < passes);
}

/** A number in [0, 1) that the id alone decides. */
function placeOf(id: string): number {
  return createHash('sha256').update(id).digest().readUInt32BE(0) / 2 ** 32;
}

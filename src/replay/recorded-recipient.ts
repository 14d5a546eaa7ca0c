/** A recipient as it was recorded: who it is, when it was given, and what became of it then. */

import type { RecipientDecision } from '../ledger/decision.js';
import type { Address } from '../smtp/address.js';
import { parseForwardPath } from '../smtp/path.js';
import { heardOf } from './outcome.js';

/** Null: what the client spelled is no address. */
export function addressOf({ address }: Pick<RecipientDecision, 'address'>): Address | null {
  const parsed = parseForwardPath(`<${address}>`);
  return parsed.ok ? parsed.path.address : null;
}

/** By position; of those at one position all but the last were refused. Ones without facts come where they stand. */
export function inOrder(recipients: readonly RecipientDecision[]): readonly RecipientDecision[] {
  const place = ({ facts, verdict }: RecipientDecision) =>
    (facts?.position ?? Number.MAX_SAFE_INTEGER / 2) * 2 + (verdict === 'pass' ? 1 : 0);
  return [...recipients].sort((one, other) => place(one) - place(other));
}

/** The message, if one came, was for it too. */
export function reachedMessage(recorded: RecipientDecision): boolean {
  return recorded.verdict === 'pass' && !refusedByRelay(recorded);
}

export function refusedByRelay({ by, reply }: Pick<RecipientDecision, 'by' | 'reply'>): boolean {
  return by === 'relay' && !reply.startsWith('2');
}

/** As when the store was away. */
export function refusedWithoutRule({
  verdict,
  objections,
}: Pick<RecipientDecision, 'verdict' | 'objections'>): boolean {
  return verdict !== 'pass' && heardOf(objections) === null;
}

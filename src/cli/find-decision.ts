/** One decision by its id, the `ref=` of a reply. */

import { decodeDecision, UnreadableDecision } from '../ledger/codec.js';
import type { Decision } from '../ledger/decision.js';
import { everyPage, type Store } from '../store/contract.js';
import { MS } from '../units/duration.js';
import { EXIT, Failure } from './exit-codes.js';

/** An id begins with the time of its session, base 32 (`transaction/ids.ts`). */
const TIME_CHARACTERS = 9;
const ID = /^[0-9a-v]{17}(?:\.\d{1,9})?$/;

/** Clocks of the machines and the store may differ by so much. */
const CLOCKS_DIFFER_MS = MS.h;

export function isDecisionId(text: string): boolean {
  return ID.test(text);
}

/** Throws a `Failure` if there is none, or none that can be read. */
export async function findDecision(store: Pick<Store, 'decisions'>, id: string): Promise<Decision> {
  const began = Number.parseInt(id.slice(0, TIME_CHARACTERS), 32);
  const query = { id, since: Math.max(0, began - CLOCKS_DIFFER_MS), limit: 1 };
  for await (const [stored] of everyPage((start) => store.decisions({ ...query, ...start }))) {
    if (stored !== undefined) return read(stored);
  }
  throw new Failure(EXIT.negative, `no decision ${id}: it may be too old, or a session that no rule objected to`);
}

function read(stored: Parameters<typeof decodeDecision>[0]): Decision {
  try {
    return decodeDecision(stored);
  } catch (error) {
    if (error instanceof UnreadableDecision) throw new Failure(EXIT.data, error.message);
    throw error;
  }
}

/** All decisions of a time, oldest first, page by page: millions of them take the memory of one page. */

import { decodeDecision, UnreadableDecision } from '../ledger/codec.js';
import type { Decision } from '../ledger/decision.js';
import type { AccountId, DecisionPage, Instant, Store } from '../store/contract.js';

export interface DecisionSpan {
  readonly since: Instant;
  /** Those that come meanwhile are not waited for. */
  readonly until: Instant;
  readonly account?: AccountId;
}

const PAGE = 500;
const BEGINNING = '0';

export interface StreamEvents {
  /** A decision that this Sluice cannot read. */
  readonly onUnreadable: (error: UnreadableDecision) => void;
  /** Ends before the next page. */
  readonly stop: AbortSignal;
}

export async function* decisionStream(
  store: Pick<Store, 'decisions'>,
  { since, until, account }: DecisionSpan,
  { onUnreadable, stop }: StreamEvents,
): AsyncGenerator<Decision> {
  const filter = account === undefined ? { since } : { since, account };
  for (let after = BEGINNING; !stop.aborted; ) {
    const page: DecisionPage = await store.decisions({ ...filter, after, limit: PAGE });
    for (const stored of page.items) {
      if (stored.at > until) return;
      try {
        yield decodeDecision(stored);
      } catch (error) {
        if (!(error instanceof UnreadableDecision)) throw error;
        onUnreadable(error);
      }
    }
    if (page.position === after) return;
    after = page.position;
  }
}

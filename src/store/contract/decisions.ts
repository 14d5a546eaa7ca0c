import type { AccountId, Instant, Page } from './values.js';

/** JSON as it is kept and exported; the ledger gives it its shape. */
export interface StoredDecision {
  readonly id: string;
  readonly at: Instant;
  readonly account: AccountId | null;
  readonly verdict: 'pass' | 'defer' | 'reject';
  /** Every rule that objected, for filtering. */
  readonly rules: readonly string[];
  readonly body: string;
}

export interface DecisionQuery {
  /** The one with this id; `since` spares a search through all of them. */
  readonly id?: string;
  readonly account?: AccountId;
  readonly rule?: string;
  readonly verdict?: StoredDecision['verdict'];
  readonly since?: Instant;
  /** Decisions after this position, oldest first (follow); without it newest first. */
  readonly after?: string;
  readonly cursor?: string;
  readonly limit: number;
}

export interface DecisionPage extends Page<StoredDecision> {
  /** Position of the newest decision seen, to go on with `after`. */
  readonly position: string;
}

export interface DecisionBounds {
  readonly maxAgeMs: number;
  readonly maxCount: number;
}

export interface DecisionStore {
  /** Appends in order; the oldest beyond the bounds go, at most some hundred a call. */
  appendDecisions(decisions: readonly StoredDecision[], bounds: DecisionBounds): Promise<void>;
  decisions(query: DecisionQuery): Promise<DecisionPage>;
}

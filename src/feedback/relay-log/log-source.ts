import type { FollowerPosition } from '../../store/contract.js';

/** Whole lines, and where to go on after them. */
export interface LogBatch {
  /** Empty now and then while nothing is written. */
  readonly lines: readonly string[];
  readonly position: FollowerPosition;
}

/** A log that is read as it grows. */
export interface LogSource {
  /** What it is, for the log and as the name of the turn. */
  readonly name: string;
  /**
   * Lines before the position, the latest of them: what deliveries after it are
   * understood by (queue ids of filters, who was still waiting). May be none.
   */
  history(position: FollowerPosition): AsyncIterable<readonly string[]>;
  /** From the position on; null: from now on. Ends when told to stop; throws when it cannot go on. */
  batches(position: FollowerPosition | null, stop: AbortSignal): AsyncIterable<LogBatch>;
}

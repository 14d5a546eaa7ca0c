/** Opaque to the store: where in a source a follower is. At most some kB of JSON. */
export type FollowerPosition = string;

export interface FollowerStore {
  /**
   * Takes or keeps the turn to follow a source for `ttlMs`: of several processes
   * one has it. Null: another has.
   *
   * @param source what is followed, the machine's name in it
   * @param holder unique over all processes and time
   */
  takeTurn(
    source: string,
    holder: string,
    ttlMs: number,
  ): Promise<{ readonly position: FollowerPosition | null } | null>;
  /** Remembers how far it came. False, and nothing is written, when the turn is another's by now. */
  keepPosition(source: string, holder: string, position: FollowerPosition): Promise<boolean>;
  /** Gives the turn to whoever asks next. The position stays. */
  endTurn(source: string, holder: string): Promise<void>;
}

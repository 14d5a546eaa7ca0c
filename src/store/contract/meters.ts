import type { WindowLimit, WindowUsage } from '../window.js';
import type { AccountId } from './values.js';

/** Rolling-window counts of a subject that is not an account (client address, username): no leases. */
export type MeterSubject = `client:${string}` | `username:${string}` | `client-username:${string}`;

export interface SessionRequest {
  /** Unique over all processes and time. */
  readonly session: string;
  readonly subject: `client:${string}` | `account:${AccountId}`;
  /** At most so many sessions of the subject at once; null: not limited. */
  readonly concurrent: { readonly count: number; readonly enforced: boolean } | null;
  /** Limits on new sessions (resource `sessions`). */
  readonly limits: readonly WindowLimit[];
}

export interface SessionAnswer {
  readonly granted: boolean;
  /** Sessions of the subject now, this one included if granted. */
  readonly concurrent: number;
  readonly usage: readonly WindowUsage[];
}

export interface MeterStore {
  /** Adds to a meter whatever its limits say, and tells the use afterwards. */
  charge(subject: MeterSubject, limits: readonly WindowLimit[], amount: number): Promise<readonly WindowUsage[]>;
  /** Reads several meters at once, in order, as if one more were asked for: a full one is `over`. */
  meters(
    asked: readonly { readonly subject: MeterSubject; readonly limits: readonly WindowLimit[] }[],
  ): Promise<readonly (readonly WindowUsage[])[]>;

  /** Counts a session in, if its limits allow; it counts for `sessionTtl` unless renewed. */
  openSession(request: SessionRequest): Promise<SessionAnswer>;
  /** Those that ran out or are unknown are left alone. */
  renewSessions(sessions: readonly Pick<SessionRequest, 'session' | 'subject'>[]): Promise<void>;
  closeSession(session: Pick<SessionRequest, 'session' | 'subject'>): Promise<void>;
}

/** What every door has and needs, whatever it speaks. */

import type { Reply } from '../smtp/reply.js';
import type { TransactionContext } from '../transaction/context.js';

export type ListenAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** One listener, from its socket to the end of its last session. */
export interface Door {
  readonly name: string;
  /** Where it listens: the port that was bound, not the 0 that was asked for. */
  readonly address: ListenAddress;
  /** Resolves when the socket listens; rejects when it cannot. */
  open(): Promise<void>;
  /** The settings have changed; what is read from them each time needs nothing. */
  reconfigure(): void;
  /**
   * Stops listening; idle sessions end at once, others after their transaction.
   * After `graceMs` the rest is cut off. Resolves when no session is left.
   */
  drain(graceMs: number): Promise<void>;
}

/** A client that we cut off, for what it did or failed to do before any rule judged it. */
export interface CutOff {
  readonly session: string;
  readonly listener: string;
  /** IP address of the client, or `unix`. */
  readonly client: string;
  /** The reply that it heard, or, where there was none to give, what was wrong. Nothing of the client's is in it. */
  readonly reason: string;
}

export interface DoorContext {
  readonly transactions: TransactionContext;
  /** For metrics. */
  replied(reply: Reply | { readonly code: number }, by: 'sluice' | 'relay'): void;
  sessionOpened(listener: string): void;
  sessionClosed(listener: string): void;
  cutOff(client: CutOff): void;
  /** Something that must not happen; the session got a 451. */
  defect(error: unknown, session: string): void;
}

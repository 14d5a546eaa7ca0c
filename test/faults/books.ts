/** The three books of a run, and what happened to its parts. All times are ms since the epoch, of one machine. */

/** `NUMBER.ATTEMPT` of a message. */
export type AttemptKey = string;

/** What the client knows of one attempt to send one message. */
export interface ClientEntry {
  readonly key: AttemptKey;
  readonly account: string;
  /** Which Sluice it was connected to. */
  readonly instance: string;
  readonly startedAt: number;
  endedAt: number;
  /** How far it came: the last command that was sent. */
  stage: 'mail' | 'recipient' | 'data' | 'content' | 'end';
  /** When the final dot was handed to the socket; null: never. */
  dotAt: number | null;
  /** The reply that ended it, code first; null: the connection broke before one came. */
  heard: string | null;
  /** Recipients that heard 250 at RCPT. */
  accepted: readonly string[];
  sha256: string | null;
  /** The client itself dropped the connection, as the schedule asked. */
  dropped: boolean;
}

/** A message whose final dot reached the relay: written before the reply leaves. */
export interface RelayEntry {
  readonly key: AttemptKey;
  /** What the relay decided; 250 means that it is answerable for the message. */
  readonly code: number;
  /** The relay did not send its reply, as the schedule asked. */
  readonly silent: boolean;
  readonly sha256: string;
  readonly recipients: readonly string[];
  readonly at: number;
  /** The other end of the relay's connection, as the proxy's book has it. */
  readonly port: number;
}

/** What Sluice says of one attempt. */
export interface DecisionEntry {
  readonly key: AttemptKey;
  readonly id: string;
  readonly ending: 'accepted' | 'refused' | 'aborted' | 'unknown';
}

export interface FaultEntry {
  readonly kind: string;
  /** `relay`, `redis`, or an instance's name; null: all connections. */
  readonly target: string | null;
  readonly from: number;
  /** When the target was whole again. */
  to: number;
}

/** A time in which a process of an instance could not write its decisions, by its log; the process's end ends it. */
export interface BehindEntry {
  readonly instance: string;
  readonly from: number;
  to: number;
}

/** A connection that a proxy broke, or that a fault took down. */
export interface CutEntry {
  readonly leg: 'client' | 'relay';
  /** The proxy's port towards its target. */
  readonly port: number;
  readonly openedAt: number;
  readonly cutAt: number;
}

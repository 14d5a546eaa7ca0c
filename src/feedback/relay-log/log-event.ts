/**
 * What a relay's log says, line by line, in terms that no MTA owns. A log format
 * is a function from a line to such an event; what events mean together (which
 * queue id follows which, what expired) is `queue-files.ts`' business. An MTA that
 * Sluice does not know needs only a program that writes events as JSON, one a
 * line (`json-events.ts`).
 */

/** Where the line was written: the same queue id on two machines is two messages. */
interface Logged {
  /** ms since the epoch. */
  readonly at: number;
  /** Machine and instance; empty where the log does not say. */
  readonly host: string;
  readonly queueId: string;
}

/** The relay took a message, or says more about one that it has. */
export interface Arrival extends Logged {
  readonly event: 'arrived';
  /** The first line of a message: an id that was in use before is reused. */
  readonly first: boolean;
  /** Reverse-path; empty for `<>`, null when this line does not say. */
  readonly sender: string | null;
  /** With angle brackets; null when this line does not say. */
  readonly messageId: string | null;
  /** Queue id of the same relay that this message had before, when the line says. */
  readonly previousId: string | null;
  /** Handed in by a program on this machine, not by SMTP: what a simple content filter does. */
  readonly local: boolean;
}

export interface Delivery extends Logged {
  readonly event: 'delivery';
  /** `sent`: taken by the next hop; `discarded`: thrown away by the relay's own setting. */
  readonly fate: 'sent' | 'bounced' | 'deferred' | 'expired' | 'discarded';
  readonly recipient: string;
  /** Before aliases were expanded; null when it is the same. */
  readonly originalRecipient: string | null;
  /** Enhanced status code (RFC 3463); null when there is none. */
  readonly status: string | null;
  /** The remote side's words, or the relay's own. */
  readonly text: string;
  readonly remoteMta: string | null;
  /** What delivered: smtp, lmtp, local, virtual, pipe, error …; empty when not said. */
  readonly agent: string;
  /** The next hop's queue id, when it told one. */
  readonly nextId: string | null;
  /** The next hop is this very machine: a content filter, perhaps. */
  readonly nextIsLocal: boolean;
}

/** The relay gave up: whoever is still waiting for this message gets it no more. */
export interface Expiry extends Logged {
  readonly event: 'expired';
  readonly text: string;
}

/** The message is done: its queue id may be used again. */
export interface Removal extends Logged {
  readonly event: 'removed';
}

export type LogEvent = Arrival | Delivery | Expiry | Removal;

export interface LogFormat {
  /** What `--format` and the config call it. */
  readonly name: string;
  /**
   * Null: the line says nothing about a message's fate. Never throws, whatever
   * the line; keeps no state.
   *
   * @param reference ms since the epoch near which the line was written, for timestamps without a year
   */
  parse(line: string, reference: number): LogEvent | null;
}

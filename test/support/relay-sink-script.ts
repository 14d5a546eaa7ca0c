/** How a test bends the sink, and what the sink has seen. */

import type tls from 'node:tls';

export interface SinkRecipient {
  /** With angle brackets, as it came. */
  readonly path: string;
  readonly parameters: readonly string[];
}

/** A message whose final dot arrived. */
export interface SinkMessage {
  readonly mail: string;
  readonly mailParameters: readonly string[];
  /** Those that were answered 2xx. */
  readonly recipients: readonly SinkRecipient[];
  /** As received, dot-stuffed, without the final dot's line. Empty with `keep: false`. */
  readonly wire: Buffer;
  /** Dot-unstuffed. */
  readonly data: Buffer;
  /** Octets on the wire, without the final dot's line. */
  readonly size: number;
  readonly at: number;
  readonly sessionId: number;
  readonly tls: boolean;
  /** Attributes that XCLIENT gave this session, XFORWARD this transaction; as they came, xtext. */
  readonly xclient: Readonly<Record<string, string>>;
  readonly xforward: Readonly<Record<string, string>>;
}

export interface SinkCommand {
  readonly sessionId: number;
  /** Upper case; END is the final dot, CONNECT a new connection. */
  readonly verb: string;
  readonly line: string;
  readonly at: number;
  /** Which read of the session it came in: equal numbers came in one write. */
  readonly chunk: number;
}

/** What to say and do at a step. Text is sent as it is, CRLF added when it ends in none; `\n` makes lines. */
export interface SinkAction {
  readonly reply?: string | Buffer;
  /** After the reply: half-close, or drop with a reset. */
  readonly hangUp?: 'close' | 'destroy';
}

/** `null`: say nothing. `undefined` from a function: the usual reply. A promise delays it (a gate). */
export type SinkStep =
  | string
  | null
  | SinkAction
  | ((
      command: SinkCommand,
    ) => string | null | undefined | SinkAction | Promise<string | null | undefined | SinkAction>);

export interface SinkScript {
  /** EHLO keywords; STARTTLS, AUTH and XCLIENT come by their own settings. */
  readonly ehlo?: readonly string[];
  /** By verb: CONNECT, EHLO, MAIL, RCPT, DATA, END (the final dot) … */
  readonly steps?: Readonly<Record<string, SinkStep>>;
  /** Drops the connection when so many octets of a message have come. */
  readonly destroyAfterDataBytes?: number;
  /** Takes `LF.LF` and the like for an end of data, as some relays do. */
  readonly lenient?: boolean;
  /** Offers STARTTLS. */
  readonly tls?: tls.SecureContextOptions;
  readonly implicitTls?: boolean;
  /** Offers AUTH PLAIN LOGIN: passwords by username. */
  readonly credentials?: Readonly<Record<string, string>>;
  readonly authMechanisms?: readonly string[];
  /** Attributes of XCLIENT and XFORWARD that it takes. */
  readonly xclient?: readonly string[];
  readonly xforward?: readonly string[];
  /** False: bytes of messages are counted, not kept. */
  readonly keep?: boolean;
}

export const USUAL_EHLO = ['PIPELINING', 'SIZE 52428800', '8BITMIME', 'SMTPUTF8', 'DSN', 'ENHANCEDSTATUSCODES'];

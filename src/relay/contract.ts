/** The relay as the SMTP door sees it: a pool of step-wise sessions with the MTA behind us. */

import type { RelayReply } from '../smtp/reply.js';

/** The relay could not be reached, or the connection broke. `stage` says how far the transaction was. */
export class RelayFailure extends Error {
  readonly code = 'RELAY_FAILURE';
  constructor(
    readonly stage: 'connect' | 'envelope' | 'data' | 'final-dot',
    readonly reason: 'unreachable' | 'closed' | 'timeout' | 'protocol' | 'tls' | 'auth',
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'RelayFailure';
  }
}

/** What the relay's EHLO said (RFC 5321 §4.1.1.1); we announce no more than this. */
export interface RelayCapabilities {
  readonly pipelining: boolean;
  readonly eightBitMime: boolean;
  readonly smtpUtf8: boolean;
  readonly dsn: boolean;
  readonly requireTls: boolean;
  /** SIZE: null not offered, 0 offered without a limit. */
  readonly size: number | null;
  readonly xclient: readonly string[];
  readonly xforward: readonly string[];
}

/** Whom the relay is told about by XCLIENT or XFORWARD. */
export interface ClientIdentity {
  readonly address: string;
  readonly port: number;
  readonly name: string | null;
  readonly helo: string | null;
  readonly protocol: 'SMTP' | 'ESMTP';
  readonly login: string | null;
  /** Our transaction or session id, for XFORWARD IDENT. */
  readonly ident: string;
}

export interface PathCommand {
  /** With angle brackets, in the client's own spelling: `<a@example.com>`, `<>`. */
  readonly path: string;
  /** ESMTP parameters as the client wrote them: `BODY=8BITMIME`. */
  readonly parameters: readonly string[];
}

export interface RelaySession {
  readonly capabilities: RelayCapabilities;
  /** host:port, for logs. */
  readonly relay: string;
  /**
   * Each of these rejects with RelayFailure when the connection breaks or a
   * time limit runs out; a refusal is a reply. A 421 is a reply too, the
   * session is over then. mail() on a connection that the relay closed while
   * idle tries once more on a fresh one by itself.
   */
  mail(command: PathCommand): Promise<RelayReply>;
  /** One pipelined write where the relay has PIPELINING; replies in order. */
  recipients(commands: readonly PathCommand[]): Promise<readonly RelayReply[]>;
  /**
   * MAIL, all RCPTs and DATA in one write (relay.envelope: deferred). `data` is null
   * when it was not sent: then nothing was accepted, and recipients that were not
   * sent either have no reply. When DATA went through although no recipient was
   * accepted, an empty message has ended it, and `data` is the reply to that.
   */
  envelope(
    mail: PathCommand,
    recipients: readonly PathCommand[],
  ): Promise<{ mail: RelayReply; recipients: readonly RelayReply[]; data: RelayReply | null }>;
  data(): Promise<RelayReply>;
  /**
   * Message bytes in wire form (dot-stuffed, lines ending in CRLF), without the
   * final dot. Resolves when more may be written (back-pressure).
   */
  write(chunk: Buffer): Promise<void>;
  /** The last bytes and the final dot in one write. `wire` must end in CRLF or be empty. Resolves with the relay's reply. */
  finish(wire: Buffer): Promise<RelayReply>;
  /** Ends the transaction if one is open (RSET) and gives the connection back to the pool. */
  release(): void;
  /** Drops the connection: nothing that was not finished may be kept by the relay. */
  abandon(): void;
  /** Calls back once if the relay closes the connection in mid-transaction, before anyone awaits a reply. */
  onClosed(listener: () => void): void;
}

export interface RelayPool {
  /** Learnt at start, refreshed as connections are made; null while no relay was ever reached. */
  readonly capabilities: RelayCapabilities | null;
  /** A session for one transaction. Rejects with RelayFailure('connect', …) when no relay can be had in time. */
  acquire(client: ClientIdentity): Promise<RelaySession>;
  /** Connects once, to learn what the relay can; resolves with false when it cannot be reached. */
  probe(): Promise<boolean>;
  readonly usage: { readonly open: number; readonly idle: number; readonly waiting: number; readonly limit: number };
  /** Relay by relay: is it thought to be up? */
  readonly hosts: readonly { readonly relay: string; readonly up: boolean; readonly lastError: string | null }[];
  close(): Promise<void>;
}

/** Checks a user's credentials at the relay (accounts.identify: relay). */
export type RelayLogin = (username: string, password: string) => Promise<'accepted' | 'refused'>;

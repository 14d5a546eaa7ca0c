import type { SecureContextOptions } from 'node:tls';
import type { RelayPool } from '../../relay/contract.js';
import type { Reply } from '../../smtp/reply.js';
import type { TransactionContext } from '../../transaction/context.js';

/** One place where clients connect. */
export interface ListenerSettings {
  readonly name: string;
  readonly address: { readonly host: string; readonly port: number } | { readonly path: string };
  readonly tls: 'off' | 'starttls' | 'implicit';
  /** Certificate and key; null where `tls` is off. */
  readonly certificate: Pick<SecureContextOptions, 'cert' | 'key'> | null;
  /** Ask clients for a certificate of these authorities. */
  readonly clientCertificates: { readonly ca: string | Buffer; readonly require: boolean } | null;
  readonly auth: 'off' | 'optional' | 'required';
  /** Offer AUTH without TLS. */
  readonly authInClear: boolean;
  /** Early-talker delay before the greeting, ms. 0: greet at once. */
  readonly greetingDelayMs: number;
  /** Peers whose PROXY header is expected and believed. */
  isProxy(address: string): boolean;
  /** Peers whose XCLIENT is believed. */
  isXclientPeer(address: string): boolean;
  readonly maxSessions: number;
}

export interface SmtpSettings {
  readonly hostname: string;
  readonly maxMessageSize: number;
  readonly inspectWindow: number;
  readonly bareNewline: 'reject' | 'normalise';
  readonly longLines: 'pass' | 'reject';
  /** Prepend our Received field? */
  readonly received: boolean;
  readonly maxErrors: number;
  /** A client that completes no command for so long is told 421, ms. */
  readonly commandTimeoutMs: number;
  /** So long a client may take for 64 KiB of a message, or its end, ms. */
  readonly dataTimeoutMs: number;
  readonly envelope: 'immediate' | 'deferred';
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

export interface SmtpDoorContext {
  readonly transactions: TransactionContext;
  readonly relay: RelayPool;
  /** As they are now: they may change at a reload. */
  settings(): SmtpSettings;
  listener(name: string): ListenerSettings;
  /** For metrics. */
  replied(reply: Reply | { readonly code: number }, by: 'sluice' | 'relay'): void;
  sessionOpened(listener: string): void;
  sessionClosed(listener: string): void;
  cutOff(client: CutOff): void;
  /** Something that must not happen; the session got a 451. */
  defect(error: unknown, session: string): void;
}

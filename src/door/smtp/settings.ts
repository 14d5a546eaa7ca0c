import type { SecureContextOptions } from 'node:tls';
import type { RelayPool } from '../../relay/contract.js';
import type { DoorContext } from '../contract.js';

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

export interface SmtpDoorContext extends DoorContext {
  readonly relay: RelayPool;
  /** As they are now: they may change at a reload. */
  settings(): SmtpSettings;
  listener(name: string): ListenerSettings;
}

/** What the relay leg needs to know; times are milliseconds. */

/** A relay's address: TCP, or a unix socket. */
export type RelayHost = { readonly host: string; readonly port: number } | { readonly path: string };

export interface RelayTls {
  /**
   * `off`: never. `opportunistic`: STARTTLS where offered, certificates not
   * verified, in clear where TLS fails. `verify`: TLS and a certificate that is
   * valid for the relay's name, or no connection.
   */
  readonly mode: 'off' | 'opportunistic' | 'verify';
  /** PEM of the authorities to trust instead of the system's. */
  readonly ca?: string | Buffer;
  /** The name that the certificate must carry, when it is not the host's. */
  readonly servername?: string;
  /** Our own certificate and key, PEM, for relays that ask for one. */
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
}

export interface RelayCredentials {
  readonly username: string;
  readonly password: string;
}

/** RFC 5321 §4.5.3.2 where it names one. */
export interface RelayTimeouts {
  /** TCP connection, and TLS handshake. */
  readonly connectMs: number;
  /** Greeting, EHLO, STARTTLS, AUTH, XCLIENT: each. */
  readonly greetingMs: number;
  readonly mailMs: number;
  readonly recipientMs: number;
  readonly dataMs: number;
  /** One write of message bytes that the relay does not take. */
  readonly blockMs: number;
  readonly finalDotMs: number;
  readonly resetMs: number;
  /** All of acquire(): waiting for a free connection, or making one. */
  readonly acquireMs: number;
}

export const DEFAULT_TIMEOUTS: RelayTimeouts = {
  connectMs: 10_000,
  greetingMs: 60_000,
  mailMs: 300_000,
  recipientMs: 300_000,
  dataMs: 120_000,
  blockMs: 180_000,
  finalDotMs: 600_000,
  resetMs: 30_000,
  acquireMs: 30_000,
};

/** What it takes to speak with a relay. */
export interface RelayLinkOptions {
  /** Our name in EHLO. */
  readonly name: string;
  readonly tls: RelayTls;
  /** TLS from the first byte (RFC 8314 §3.3). */
  readonly implicitTls: boolean;
  /** Null: no AUTH. In clear only where `tls.mode` is `off`. */
  readonly auth: RelayCredentials | null;
  /** How the relay is told who the client is, if it offers that. */
  readonly identity: 'none' | 'xclient' | 'xforward';
  readonly timeouts: RelayTimeouts;
}

export interface RelayPoolOptions extends RelayLinkOptions {
  readonly hosts: readonly RelayHost[];
  /** `preference`: the first that is up. `round-robin`: each in turn. */
  readonly strategy: 'preference' | 'round-robin';
  /** Connections at most, of this process. */
  readonly limit: number;
  /** Unused connections kept at most. */
  readonly maxIdle: number;
  readonly idleTimeoutMs: number;
  readonly maxTransactionsPerConnection: number;
  /** A relay that is down is tried again after the first of these, then twice as long each time, up to the second. */
  readonly retryAfterMs: { readonly first: number; readonly longest: number };
}

/** Where the relay leg writes its log. */
export interface RelayLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

/** host:port or the socket's path, for logs and errors. */
export function relayName(host: RelayHost): string {
  if ('path' in host) return host.path;
  return host.host.includes(':') ? `[${host.host}]:${host.port}` : `${host.host}:${host.port}`;
}

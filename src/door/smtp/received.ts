/** What the prepended trace field tells (RFC 5321 §4.4, RFC 3848). */
export interface Trace {
  readonly helo: string | null;
  /** IP address of the client, or `unix`. */
  readonly address: string;
  readonly by: string;
  readonly smtpUtf8: boolean;
  readonly esmtp: boolean;
  readonly tls: boolean;
  readonly authenticated: boolean;
  readonly id: string;
  /** Whole ms since the epoch. */
  readonly at: number;
}

/**
 * One `Received:` field in wire form, folded. The client's own words (HELO) are
 * reduced to what a domain or literal may hold: they must not write our header.
 */
export function receivedField(trace: Trace): Buffer {
  const helo = (trace.helo ?? 'unknown').replace(/[^A-Za-z0-9.:_[\]-]/g, '?').slice(0, 255);
  const literal = addressLiteral(trace.address);
  const field =
    `Received: from ${helo} (${literal})\r\n` +
    `\tby ${trace.by} (Sluice) with ${protocol(trace)} id ${trace.id};\r\n` +
    `\t${dateTime(trace.at)}\r\n`;
  return Buffer.from(field, 'ascii');
}

/** RFC 5321 §4.1.3; a unix socket has no address. */
function addressLiteral(address: string): string {
  if (address === 'unix') return 'localhost';
  return address.includes(':') ? `[IPv6:${address}]` : `[${address}]`;
}

/** The registry's name of the protocol (RFC 3848, RFC 6531 §4.3). */
function protocol({ smtpUtf8, esmtp, tls, authenticated }: Trace): string {
  if (!esmtp) return 'SMTP';
  const base = smtpUtf8 ? 'UTF8SMTP' : 'ESMTP';
  return `${base}${tls ? 'S' : ''}${authenticated ? 'A' : ''}`;
}

let second = Number.NaN;
let written = '';

/** RFC 5322 §3.3, always in UTC. Written anew each second: every message has one. */
function dateTime(at: number): string {
  const now = Math.floor(at / 1000);
  if (now !== second) {
    second = now;
    written = new Date(at).toUTCString().replace('GMT', '+0000');
  }
  return written;
}

import { isIP } from 'node:net';
import type { Connection } from '../../account/contract.js';
import type { Command } from './command.js';
import type { Macros } from './macros.js';

type Connect = Extract<Command, { kind: 'connect' }>;

/** The client, as the MTA describes it: what `accounts.identify` goes by. */
export function clientIdentity(connect: Connect, macros: Macros, listener: string): Connection {
  return {
    address: addressOf(connect, macros),
    certificate: certificateOf(macros),
    login: null,
    mta: { login: macros.get('auth_authen'), daemon: macros.get('daemon_name') },
    listener,
  };
}

/** No network holds what is `unknown`, so that nobody is taken for a client of a local socket. */
function addressOf({ family, address }: Connect, macros: Macros): string {
  if (family === 'unix') return 'unix';
  const told = isIP(address) === 0 ? (macros.get('client_addr') ?? '').replace(/^IPv6:/i, '') : address;
  return isIP(told) === 0 ? 'unknown' : told;
}

/**
 * Postfix tells the subject's common name, and only of a certificate that it
 * trusts; Sendmail the whole subject of any certificate, and in `{verify}` what
 * it thinks of it. Neither has a fingerprint that both would spell alike.
 */
function certificateOf(macros: Macros): Connection['certificate'] {
  const subject = macros.get('cert_subject');
  if (subject === null) return null;
  // A Sendmail that does not say has not been asked to: older than 8.14, with its default macros.
  const verified = macros.get('verify') ?? (subject.startsWith('/') ? null : 'OK');
  if (verified !== 'OK') return null;
  return { fingerprint256: '', subject: subjectOf(subject), emails: [] };
}

/** `/C=US/O=Acme/CN=mx` or a bare common name, as `CN=…, O=…` of the config is spelled. */
function subjectOf(told: string): string {
  if (!told.startsWith('/')) return `CN=${escaped(told)}`;
  return told
    .slice(1)
    .split(/\/(?=[A-Za-z]+=)/)
    .map((part) => {
      const equals = part.indexOf('=');
      return `${part.slice(0, equals)}=${escaped(decodeHex(part.slice(equals + 1)))}`;
    })
    .join(', ');
}

/** RFC 4514 §2.4: a mark within a value must not read as one between values. */
function escaped(value: string): string {
  return value.replace(/[,+"\\;<>]/g, '\\$&');
}

/** Sendmail writes what could be mistaken as `+` and two hexadecimal digits. */
function decodeHex(text: string): string {
  return text.replace(/\+([0-9A-F]{2})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 16)));
}

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection } from '../../account/contract.js';

/** The client's certificate, if TLS verified one. */
export function certificateOf(socket: Socket | TLSSocket): Connection['certificate'] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const certificate = socket.getPeerCertificate();
  if (certificate.fingerprint256 === undefined) return null;
  const names = (certificate.subjectaltname ?? '').split(', ');
  return {
    fingerprint256: certificate.fingerprint256,
    subject: Object.entries(certificate.subject ?? {})
      .map(([key, value]) => `${key}=${(Array.isArray(value) ? value : [value ?? '']).map(escaped).join('+')}`)
      .join(', '),
    emails: names.flatMap((name) => (name.startsWith('email:') ? [name.slice('email:'.length)] : [])),
  };
}

/** RFC 4514 §2.4: a mark within a value must not read as one between values. */
function escaped(value: string): string {
  return value.replace(/[,+"\\;<>]/g, '\\$&');
}

import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import type { Connection } from '../../account/contract.js';
import { escapeName } from '../../account/distinguished-name.js';

/** The client's certificate, if TLS verified one. */
export function certificateOf(socket: Socket | TLSSocket): Connection['certificate'] {
  if (!(socket instanceof TLSSocket) || !socket.authorized) return null;
  const certificate = socket.getPeerCertificate();
  if (certificate.fingerprint256 === undefined) return null;
  const names = (certificate.subjectaltname ?? '').split(', ');
  return {
    fingerprint256: certificate.fingerprint256,
    subject: Object.entries(certificate.subject ?? {})
      .map(([key, value]) => `${key}=${(Array.isArray(value) ? value : [value ?? '']).map(escapeName).join('+')}`)
      .join(', '),
    emails: names.flatMap((name) => (name.startsWith('email:') ? [name.slice('email:'.length)] : [])),
  };
}

import type { Connection } from './contract.js';
import { escapeName } from './distinguished-name.js';

/**
 * The client's certificate by the word of an MTA in front, which tells less than
 * TLS does: no e-mail addresses, and of the subject only its common name. Null:
 * there was none, or none that is of use.
 *
 * @param told.fingerprint hexadecimal, SHA-256 (Postfix: `smtpd_tls_fingerprint_digest`); others are not looked at
 */
export function certificateByMta(told: {
  readonly fingerprint: string;
  readonly commonName: string;
}): Connection['certificate'] {
  const fingerprint256 = SHA256.test(told.fingerprint) ? told.fingerprint : '';
  const subject = told.commonName === '' ? '' : `CN=${escapeName(told.commonName)}`;
  return fingerprint256 === '' && subject === '' ? null : { fingerprint256, subject, emails: [] };
}

const SHA256 = /^[0-9A-Fa-f]{2}(?::?[0-9A-Fa-f]{2}){31}$/;

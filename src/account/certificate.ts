/** Accounts by TLS client certificate: its SHA-256 fingerprint, an e-mail address in it, or its subject. */

import type { Connection } from './contract.js';

export type Certificate = NonNullable<Connection['certificate']>;

export interface CertificateTable {
  /** Fingerprint before e-mail addresses before subject. */
  lookup(certificate: Certificate): string | null;
}

/** Keys as an operator copies them: `openssl x509 -fingerprint -sha256`, `a@example.com`, `CN=…, O=…`. */
export function certificateTable(accounts: { readonly [key: string]: string }): CertificateTable {
  const table = new Map(Object.entries(accounts).map(([key, account]) => [normaliseKey(key), account]));
  return {
    lookup({ fingerprint256, emails, subject }) {
      for (const key of [fingerprint256, ...emails, subject]) {
        const account = table.get(normaliseKey(key));
        if (account !== undefined) return account;
      }
      return null;
    },
  };
}

/** Fingerprints without colons in lower case, e-mail addresses in lower case, subjects without spaces around their marks. */
export function normaliseKey(key: string): string {
  const bare = key.trim().replace(/^sha256[: ]/i, '');
  const fingerprint = bare.replaceAll(':', '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(fingerprint)) return `fingerprint ${fingerprint}`;
  if (bare.includes('=')) {
    const parts = bare.split(',').map((part) => part.trim().replace(/\s*=\s*/, '='));
    return `subject ${parts.join(', ')}`;
  }
  return bare.includes('@') ? `email ${bare.toLowerCase()}` : `unknown ${bare}`;
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** An authority and a certificate that it signed for these names (`DNS:relay.example`, `IP:127.0.0.1`), both PEM. */
export function makeCertificates(names: readonly string[]): { readonly ca: string; readonly server: Certificate } {
  const directory = mkdtempSync(join(tmpdir(), 'sluice-certificates-'));
  const file = (name: string) => join(directory, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'pipe' });
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
  try {
    openssl(
      'req',
      '-x509',
      ...newKey,
      '-days',
      '2',
      '-subj',
      '/CN=Test authority',
      '-keyout',
      file('ca.key'),
      '-out',
      file('ca.pem'),
    );
    openssl('req', ...newKey, '-subj', '/CN=relay', '-keyout', file('key.pem'), '-out', file('request.pem'));
    writeFileSync(file('extensions'), `subjectAltName=${names.join(',')}\n`);
    const authority = ['-CA', file('ca.pem'), '-CAkey', file('ca.key'), '-CAcreateserial'];
    openssl(
      'x509',
      '-req',
      '-in',
      file('request.pem'),
      ...authority,
      '-days',
      '2',
      '-extfile',
      file('extensions'),
      '-out',
      file('cert.pem'),
    );
    const read = (name: string) => readFileSync(file(name), 'utf8');
    return { ca: read('ca.pem'), server: { cert: read('cert.pem'), key: read('key.pem') } };
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

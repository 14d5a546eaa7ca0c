import { createPrivateKey, X509Certificate } from 'node:crypto';
import type { ConfigError, KeyPath } from '../config-error.js';
import { isPemText } from '../values/roles.js';
import type { CheckedConfig } from './checked-config.js';

interface Pair {
  readonly path: KeyPath;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

/** Certificates can be read, and each key is that of its certificate. Files that could not be read were told before. */
export function* checkCertificates(checked: CheckedConfig): Iterable<ConfigError> {
  const { config } = checked;
  for (const { path, cert, key } of pairsOf(checked)) yield* checkPair(checked, path, cert, key);
  const authorities: readonly (readonly [KeyPath, string | undefined])[] = [
    ...config.listen.map(
      ({ clientCertificates }, i) => [['listen', i, 'clientCertificates', 'ca'], clientCertificates?.ca] as const,
    ),
    [['relay', 'tls', 'ca'], config.relay.tls.ca],
    [['store', 'redis', 'tls', 'ca'], config.store.redis?.tls?.ca],
  ];
  for (const [path, pem] of authorities) {
    if (pem !== undefined && isPemText(pem) && certificateIn(pem) === null)
      yield unreadable(checked, path, 'certificate');
  }
}

function pairsOf({ config }: CheckedConfig): readonly Pair[] {
  const { redis } = config.store;
  const shown = config.relay.tls.certificate;
  return [
    ...config.listen.map(({ certificate }, i) => ({
      path: ['listen', i, 'certificate'],
      cert: certificate?.cert,
      key: certificate?.key,
    })),
    { path: ['relay', 'tls', 'certificate'], cert: shown?.cert, key: shown?.key },
    { path: ['store', 'redis', 'tls'], cert: redis?.tls?.cert, key: redis?.tls?.key },
  ];
}

function* checkPair(
  checked: CheckedConfig,
  path: KeyPath,
  cert: string | undefined,
  key: string | undefined,
): Iterable<ConfigError> {
  const { source } = checked;
  if (cert === undefined || key === undefined) {
    if (cert === key) return;
    const [given, missing] = cert === undefined ? ['key', 'cert'] : ['cert', 'key'];
    if (checked.intact([...path, missing]))
      yield source.errorAtKey([...path, given], `${given} without ${missing}`, 'both or neither');
    return;
  }
  const certificate = certificateIn(cert);
  const privateKey = privateKeyIn(key);
  if (certificate === null && isPemText(cert)) yield unreadable(checked, [...path, 'cert'], 'certificate');
  if (privateKey === null && isPemText(key))
    yield unreadable(checked, [...path, 'key'], 'private key without a passphrase');
  if (certificate === null || privateKey === null || certificate.checkPrivateKey(privateKey)) return;
  yield source.error([...path, 'key'], "another certificate's key", 'the key of the certificate beside it');
}

function unreadable({ source }: CheckedConfig, path: KeyPath, what: string): ConfigError {
  return source.error(path, `PEM that is no ${what}`, `a ${what} in PEM`);
}

function certificateIn(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}

function privateKeyIn(pem: string) {
  try {
    return createPrivateKey(pem);
  } catch {
    return null;
  }
}

import { isIP, type Socket } from 'node:net';
import tls from 'node:tls';
import { RelayFailure } from './contract.js';
import { type RelayHost, type RelayTls, relayName } from './options.js';

/**
 * The TLS handshake over a connected socket. Rejects with RelayFailure('tls'),
 * for one thing when the certificate does not hold and `mode` is `verify`.
 */
export function secure(socket: Socket, host: RelayHost, options: RelayTls, timeoutMs: number): Promise<tls.TLSSocket> {
  const name = options.servername ?? ('host' in host ? host.host : undefined);
  return new Promise((resolve, reject) => {
    const secured = tls.connect({
      socket,
      ...(name === undefined ? {} : { host: name }),
      // RFC 6066 §3 allows no addresses in SNI.
      ...(name === undefined || isIP(name) !== 0 ? {} : { servername: name }),
      ...(options.ca === undefined ? {} : { ca: options.ca }),
      ...(options.cert === undefined ? {} : { cert: options.cert }),
      ...(options.key === undefined ? {} : { key: options.key }),
      rejectUnauthorized: options.mode === 'verify',
    });
    const fail = (message: string, cause?: unknown) => {
      clearTimeout(timer);
      secured.destroy();
      reject(new RelayFailure('connect', 'tls', `relay ${relayName(host)}: ${message}`, { cause }));
    };
    const timer = setTimeout(() => fail(`no TLS handshake within ${timeoutMs / 1000} s`), timeoutMs);
    const onClose = () => fail('the connection was closed during the TLS handshake');
    secured.on('error', (error) => fail(`TLS failed: ${error.message}`, error));
    secured.once('close', onClose);
    secured.once('secureConnect', () => {
      clearTimeout(timer);
      secured.off('close', onClose);
      resolve(secured);
    });
  });
}

import type { ConfigError } from '../config-error.js';
import { type Endpoint, formatEndpoint } from '../values/endpoint.js';
import type { CheckedConfig } from './checked-config.js';

export function* checkRelay({ config, source, intact }: CheckedConfig): Iterable<ConfigError> {
  const { hosts, tls, pool } = config.relay;
  const names = hosts.map(formatEndpoint);
  for (const [index, host] of hosts.entries()) {
    const path = ['relay', 'hosts', index];
    const name = formatEndpoint(host);
    if ('port' in host && host.port === 0) yield source.error(path, 'port 0', 'a port from 1 to 65535');
    if (names.indexOf(name) < index)
      yield source.error(path, `${source.shownAt(path, name)} again`, 'each relay host once');
    const listener = config.listen.findIndex(({ address }) => reaches(host, address));
    if (listener >= 0 && intact(['listen'])) {
      const { line } = source.placeOf(['listen', listener, 'address']);
      yield source.error(path, `our own listener of line ${line}`, 'another MTA, or mail would go round in circles');
    }
  }
  if (tls.implicit && tls.mode === 'off') {
    yield source.error(
      ['relay', 'tls', 'implicit'],
      '`implicit: true` with `mode: off`',
      '`mode: verify` or `opportunistic`',
    );
  }
  if (pool.maxIdle > pool.limit && source.has(['relay', 'pool', 'maxIdle'])) {
    yield source.error(['relay', 'pool', 'maxIdle'], String(pool.maxIdle), `at most relay.pool.limit, ${pool.limit}`);
  }
}

const LOOPBACK = ['127.0.0.1', '::1', 'localhost'];
const EVERY_ADDRESS = ['0.0.0.0', '::'];

/** Would a connection to `host` end at the listener, as far as the names tell? */
function reaches(host: Endpoint, listener: Endpoint): boolean {
  if ('path' in host || 'path' in listener) return 'path' in host && 'path' in listener && host.path === listener.path;
  if (host.port !== listener.port || host.port === 0) return false;
  return host.host === listener.host || (EVERY_ADDRESS.includes(listener.host) && LOOPBACK.includes(host.host));
}

import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.js';

/**
 * The keys that differ and that a running process cannot take on: sockets that
 * are open, the store and relay connections, the processes themselves. A reload
 * that would change one is refused as a whole.
 */
export function restartKeys(before: Config, after: Config): readonly string[] {
  const keys = ['hostname', 'store', 'relay', 'feedback', 'notices', 'http', 'workers'] as const;
  const changed = keys.filter((key) => !isDeepStrictEqual(before[key], after[key]));
  const listen = isDeepStrictEqual(sockets(before), sockets(after)) ? [] : ['listen'];
  const asked = (['milter', 'policyd'] as const).filter(
    (door) => !isDeepStrictEqual(askedSockets(before, door), askedSockets(after, door)),
  );
  return [...changed, ...listen, ...asked.map((door) => `${door}.listen`)];
}

function askedSockets(config: Config, door: 'milter' | 'policyd') {
  return config[door].listen.map(({ name, address, mode }) => ({ name, address, mode }));
}

/** What of the listeners is fixed once they listen. */
function sockets(config: Config) {
  return config.listen.map(({ name, address, tls, clientCertificates }) => ({
    name,
    address,
    tls,
    clientCertificates,
  }));
}

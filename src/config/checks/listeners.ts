import type { ConfigError } from '../config-error.js';
import { quoted } from '../quoted.js';
import type { Config } from '../schema.js';
import { type Endpoint, formatEndpoint } from '../values/endpoint.js';
import type { CheckedConfig } from './checked-config.js';

type Listener = Config['listen'][number];

export function* checkListeners(checked: CheckedConfig): Iterable<ConfigError> {
  const { config, source } = checked;
  yield* duplicates(checked);
  const intact = (['milter', 'policyd'] as const).every((door) => checked.intact([door]));
  if (listenersOf(config).length === 0 && intact) {
    yield source.error(['listen'], 'no listener', 'at least one, here or in milter.listen or policyd.listen');
  }
  for (const { address, mode, path } of askedListenersOf(config)) {
    if (mode === undefined || 'path' in address) continue;
    yield source.errorAtKey([...path, 'mode'], 'mode of a TCP port', 'an address `unix:/path`');
  }
  for (const [index, listener] of config.listen.entries()) {
    const path = ['listen', index] as const;
    yield* tlsOf(checked, listener, index);
    const clear = listener.auth !== 'off' && listener.tls === 'off' && !listener.authInClear;
    if (clear && checked.intact([...path, 'tls']) && checked.intact([...path, 'authInClear'])) {
      const expected =
        '`tls: starttls` or `implicit`, or `authInClear: true` to let passwords cross the network readable';
      yield source.error([...path, 'auth'], `\`auth: ${listener.auth}\` without TLS`, expected);
    }
    if (listener.auth === 'required' && !takesPasswords(config) && checked.intact(['accounts'])) {
      const expected = 'an entry of accounts.identify that checks passwords: users, store, http or relay';
      yield source.error([...path, 'auth'], '`auth: required` and nothing that knows a password', expected);
    }
  }
}

function takesPasswords({ accounts }: Config): boolean {
  return accounts.identify.some(({ users, store, http, relay }) => (users ?? store ?? http ?? relay) !== undefined);
}

function* tlsOf({ source, intact }: CheckedConfig, listener: Listener, index: number): Iterable<ConfigError> {
  const path = ['listen', index] as const;
  if (!intact([...path, 'tls'])) return;
  if (listener.tls !== 'off' && listener.certificate === undefined && intact([...path, 'certificate'])) {
    yield source.error(
      [...path, 'tls'],
      `\`tls: ${listener.tls}\` without a certificate`,
      'certificate: {cert: FILE, key: FILE}',
    );
  }
  if (listener.tls !== 'off') return;
  for (const key of ['certificate', 'clientCertificates'] as const) {
    if (listener[key] === undefined) continue;
    yield source.errorAtKey([...path, key], `${key} where TLS is off`, '`tls: starttls` or `implicit`');
  }
}

function* duplicates({ config, source }: CheckedConfig): Iterable<ConfigError> {
  const sockets = listenersOf(config).map(({ address, path }) => ({ address, path: [...path, 'address'] }));
  const all = [...sockets, { address: config.http.address, path: ['http', 'address'] }];
  for (const [index, { address, path }] of all.entries()) {
    const other = all.slice(0, index).find((earlier) => collide(earlier.address, address));
    if (other === undefined) continue;
    const { line } = source.placeOf(other.path);
    const shown = source.shownAt(path, formatEndpoint(address));
    yield source.error(path, `${shown}, taken by line ${line}`, 'an address of its own');
  }
  const named = listenersOf(config).map(({ name, path }) => ({ name, path: [...path, 'name'] }));
  for (const { name, path } of named) {
    const first = named.find((other) => other.name === name);
    if (first === undefined || first.path === path) continue;
    const { line } = source.placeOf(first.path);
    yield source.error(path, `${source.shownAt(path, quoted(name))}, taken by line ${line}`, 'a name of its own');
  }
}

/** Of all doors. */
function listenersOf(config: Config) {
  return [
    ...config.listen.map(({ name, address }, index) => ({ name, address, path: ['listen', index] })),
    ...askedListenersOf(config),
  ];
}

/** Of the doors that MTAs ask. */
function askedListenersOf(config: Config) {
  return (['milter', 'policyd'] as const).flatMap((door) =>
    config[door].listen.map(({ name, address, mode }, index) => ({
      name,
      address,
      mode,
      path: [door, 'listen', index],
    })),
  );
}

const EVERY_ADDRESS = ['0.0.0.0', '::'];

/** Whether one socket would keep the other from being opened; port 0 takes what is free. */
function collide(a: Endpoint, b: Endpoint): boolean {
  if ('path' in a || 'path' in b) return 'path' in a && 'path' in b && a.path === b.path;
  if (a.port !== b.port || a.port === 0) return false;
  return a.host === b.host || EVERY_ADDRESS.includes(a.host) || EVERY_ADDRESS.includes(b.host);
}

/** Where to listen or to connect: `127.0.0.1:25`, `[2001:db8::1]:25`, `mx.example.net:25`, `unix:/run/sluice.sock`. */

import { isIPv6 } from 'node:net';
import { z } from 'zod';

export type Endpoint = { readonly host: string; readonly port: number } | { readonly path: string };

const HOST = /^[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,252}[A-Za-z0-9_.])?$/;
const EXPECTED = 'expected host:port, [IPv6 address]:port or unix:/path';

/** Null when the text is no endpoint. Port 0 asks for any free one. */
export function parseEndpoint(text: string): Endpoint | null {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length);
    return path.startsWith('/') && path.length <= 107 ? { path } : null;
  }
  const match = /^(?:\[([^\]]*)\]|([^:[\]]*)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, v6, name = '', digits] = match;
  const port = Number(digits);
  if (port > 65_535) return null;
  if (v6 !== undefined) return isIPv6(v6) ? { host: v6, port } : null;
  return HOST.test(name) ? { host: name, port } : null;
}

export function formatEndpoint(endpoint: Endpoint): string {
  if ('path' in endpoint) return `unix:${endpoint.path}`;
  const host = endpoint.host.includes(':') ? `[${endpoint.host}]` : endpoint.host;
  return `${host}:${endpoint.port}`;
}

/** Config schema: an endpoint's spelling in, its parts out. */
export function endpointSchema() {
  return z.codec(
    z.string({ error: EXPECTED }).refine((text) => parseEndpoint(text) !== null, { error: EXPECTED }),
    z.custom<Endpoint>(),
    { decode: (text) => parseEndpoint(text) ?? { path: '' }, encode: formatEndpoint },
  );
}

/** A TCP address, for peers that cannot be unix sockets. */
export function hostPortSchema() {
  const parse = (text: string) => {
    const endpoint = parseEndpoint(text);
    return endpoint !== null && 'host' in endpoint ? endpoint : null;
  };
  const error = 'expected host:port or [IPv6 address]:port';
  return z.codec(
    z.string({ error }).refine((text) => parse(text) !== null, { error }),
    z.custom<{ readonly host: string; readonly port: number }>(),
    { decode: (text) => parse(text) ?? { host: '', port: 0 }, encode: formatEndpoint },
  );
}

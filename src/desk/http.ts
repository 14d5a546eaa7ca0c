/**
 * Health and metrics over HTTP, for a load balancer, an orchestrator and
 * Prometheus. Reads only; nothing here can change anything.
 */

import { lstat, unlink } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Readiness {
  /** True when mail can be taken now. */
  readonly ready: boolean;
  /** `ok`, or what is wrong, in words. */
  readonly store: string;
  readonly relay: string;
}

export type HttpAddress = { readonly host: string; readonly port: number } | { readonly path: string };

export interface HttpOptions {
  readonly address: HttpAddress;
  /** Facts for `/healthz`, such as version and uptime; the process answers, so it is alive. */
  readonly health: () => { readonly [fact: string]: string | number | boolean };
  readonly ready: () => Promise<Readiness>;
  readonly metrics: () => Promise<string>;
  readonly metricsContentType: string;
  /** A page failed, or the server did. */
  readonly onError: (error: unknown, path: string) => void;
}

export interface HttpServer {
  /** Where it listens: `127.0.0.1:8025`, `[::1]:8025` or a path. */
  readonly address: string;
  readonly port: number | null;
  close(): Promise<void>;
}

/** A page that takes longer is answered with 503: whoever scrapes has long given up. */
const ANSWER_MS = 5_000;
const MAX_CONNECTIONS = 64;
const REQUEST_MS = 5_000;
const MAX_HEADER_OCTETS = 8 * 1024;

interface Page {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** Rejects when the address cannot be listened on. */
export async function startHttp(options: HttpOptions): Promise<HttpServer> {
  const server = createServer(
    { maxHeaderSize: MAX_HEADER_OCTETS, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, noDelay: true },
    (request, response) => void answer(options, request, response),
  );
  server.maxConnections = MAX_CONNECTIONS;
  server.keepAliveTimeout = REQUEST_MS;
  server.on('clientError', (_error, socket) => socket.destroy());
  await listen(server, options.address);
  server.on('error', (error) => options.onError(error, 'listen'));
  return {
    address: addressInWords(server.address()),
    port: portOf(server.address()),
    close: () => close(server),
  };
}

async function answer(options: HttpOptions, request: IncomingMessage, response: ServerResponse): Promise<void> {
  response.on('error', () => response.destroy());
  request.resume();
  const path = (request.url ?? '/').split('?', 1)[0] as string;
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, json(405, { error: 'only GET and HEAD' }));
  }
  try {
    send(response, await withinTime(pageOf(options, path)));
  } catch (error) {
    options.onError(error, path);
    send(response, json(503, { error: 'this page could not be made; see the log' }));
  }
}

async function pageOf(options: HttpOptions, path: string): Promise<Page> {
  switch (path) {
    case '/healthz':
      return json(200, { status: 'ok', ...options.health() });
    case '/readyz': {
      const { ready, store, relay } = await options.ready();
      return json(ready ? 200 : 503, { status: ready ? 'ready' : 'not ready', store, relay });
    }
    case '/metrics':
      return { status: 200, type: options.metricsContentType, body: await options.metrics() };
    default:
      return json(404, { error: 'no such page', pages: ['/healthz', '/readyz', '/metrics'] });
  }
}

function json(status: number, value: object): Page {
  return { status, type: 'application/json', body: `${JSON.stringify(value)}\n` };
}

function send(response: ServerResponse, page: Page): void {
  response.writeHead(page.status, {
    'content-type': page.type,
    'content-length': Buffer.byteLength(page.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  // Node leaves the body out itself where the method was HEAD.
  response.end(page.body);
}

async function withinTime(page: Promise<Page>): Promise<Page> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  try {
    return await Promise.race([page, late]);
  } finally {
    clearTimeout(timer);
  }
}

async function listen(server: Server, address: HttpAddress): Promise<void> {
  // A socket file that a killed process left behind would keep us from starting.
  if ('path' in address && (await isSocket(address.path))) await unlink(address.path);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
}

async function isSocket(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  return found?.isSocket() ?? false;
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function addressInWords(address: AddressInfo | string | null): string {
  if (address === null || typeof address === 'string') return address ?? '';
  return address.family === 'IPv6' ? `[${address.address}]:${address.port}` : `${address.address}:${address.port}`;
}

function portOf(address: AddressInfo | string | null): number | null {
  return address === null || typeof address === 'string' ? null : address.port;
}

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import t from 'tap';
import { type HttpOptions, type Readiness, startHttp } from '../../src/desk/http.js';

const loopback = { host: '127.0.0.1', port: 0 };

function options(changes: Partial<HttpOptions> = {}): HttpOptions {
  return {
    address: loopback,
    health: () => ({ version: '1.2.3' }),
    ready: async () => ({ ready: true, store: 'ok', relay: 'ok' }),
    metrics: async () => 'sluice_up 1\n',
    metricsContentType: 'text/plain; version=0.0.4',
    onError: () => undefined,
    ...changes,
  };
}

t.test('health, readiness and metrics', async (t) => {
  let state: Readiness = { ready: true, store: 'ok', relay: 'ok' };
  const server = await startHttp(options({ ready: async () => state }));
  t.teardown(() => server.close());
  const base = `http://${server.address}`;
  const health = await fetch(`${base}/healthz`);
  t.equal(health.status, 200);
  t.same(await health.json(), { status: 'ok', version: '1.2.3' });
  t.equal((await fetch(`${base}/readyz?verbose`)).status, 200);
  state = { ready: false, store: 'ok', relay: 'relay.example:25 unreachable' };
  const notReady = await fetch(`${base}/readyz`);
  t.equal(notReady.status, 503);
  t.same(await notReady.json(), { status: 'not ready', store: 'ok', relay: 'relay.example:25 unreachable' });
  const metrics = await fetch(`${base}/metrics`);
  t.equal(metrics.headers.get('content-type'), 'text/plain; version=0.0.4');
  t.equal(await metrics.text(), 'sluice_up 1\n');
  t.equal((await fetch(`${base}/secret`)).status, 404);
  const head = await fetch(`${base}/metrics`, { method: 'HEAD' });
  t.equal(head.status, 200);
  t.equal(await head.text(), '');
  t.equal((await fetch(`${base}/healthz`, { method: 'POST', body: 'x'.repeat(100_000) })).status, 405);
});

t.test('a page that fails is a 503 and told to the log, the server lives', async (t) => {
  const errors: string[] = [];
  const broken = async () => {
    throw new Error('no figures');
  };
  const server = await startHttp(options({ metrics: broken, onError: (_error, path) => errors.push(path) }));
  t.teardown(() => server.close());
  t.equal((await fetch(`http://${server.address}/metrics`)).status, 503);
  t.same(errors, ['/metrics']);
  t.equal((await fetch(`http://${server.address}/healthz`)).status, 200);
});

t.test('garbage and huge headers end the connection, not the server', async (t) => {
  const server = await startHttp(options());
  t.teardown(() => server.close());
  for (const text of ['\x00\x01\x02\r\n\r\n', `GET / HTTP/1.1\r\nx: ${'y'.repeat(64 * 1024)}\r\n\r\n`]) {
    await new Promise<void>((resolve) => {
      const socket = connect(server.port ?? 0, '127.0.0.1', () => socket.write(text));
      socket.on('error', () => undefined);
      socket.on('close', () => resolve());
      socket.resume();
    });
  }
  t.equal((await fetch(`http://${server.address}/healthz`)).status, 200);
});

t.test('on a unix socket, over one left behind, but never over a file', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-http-'));
  t.teardown(() => rm(folder, { recursive: true }));
  const path = join(folder, 'http.sock');
  const server = await startHttp(options({ address: { path } }));
  t.equal(server.address, path);
  const status = await new Promise((resolve, reject) => {
    request({ socketPath: path, path: '/healthz' }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on('error', reject)
      .end();
  });
  t.equal(status, 200);
  await server.close();
  const file = join(folder, 'precious');
  await writeFile(file, 'data');
  await t.rejects(startHttp(options({ address: { path: file } })), { code: 'EADDRINUSE' });
});

t.test('an address that is taken is an error at the start; close ends idle connections', async (t) => {
  const server = await startHttp(options());
  await t.rejects(startHttp(options({ address: { host: '127.0.0.1', port: server.port ?? 0 } })), {
    code: 'EADDRINUSE',
  });
  const socket = connect(server.port ?? 0, '127.0.0.1');
  socket.on('error', () => undefined);
  await new Promise((resolve) => socket.once('connect', resolve));
  const ended = new Promise((resolve) => socket.once('close', resolve));
  socket.resume();
  await fetch(`http://${server.address}/healthz`, { headers: { connection: 'keep-alive' } });
  await server.close();
  await ended;
});

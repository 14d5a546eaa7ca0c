/** Messages on their way through a real clamd and a real rspamd, and what happens when they fail. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import t, { type Test } from 'tap';
import { scanWithClamd } from '../../src/lookup/clamd.js';
import type { Scan, ScanEnvelope } from '../../src/lookup/contract.js';
import { scanWithRspamd } from '../../src/lookup/rspamd.js';
import { EICAR, startClamd } from '../support/clamd.js';
import { GTUBE, startRspamd } from '../support/rspamd.js';

const ENVELOPE: ScanEnvelope = {
  client: '192.0.2.1',
  username: 'anna',
  reversePath: 'anna@acme.example',
  recipients: ['bob@example.net', 'jörg@example.net'],
  id: 'S1.1',
};
const HEADER = 'From: anna@acme.example\r\nTo: bob@example.net\r\nSubject: x\r\nMessage-ID: <1@acme.example>\r\n';

function mail(body: string): Buffer {
  return Buffer.from(`${HEADER}Date: Thu, 26 Nov 2026 12:00:00 +0000\r\n\r\n${body}\r\n`);
}

/** In small pieces, waiting where the scan asks for it. */
async function scanned<V>(scan: Scan<V>, message: Buffer, piece = 1_000): Promise<V> {
  for (let from = 0; from < message.length; from += piece) await scan.write(message.subarray(from, from + piece));
  return scan.end();
}

/** A scanner that does as it is told. */
async function startPeer(t: Test, talk: (socket: Socket) => void): Promise<{ host: string; port: number }> {
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('error', () => undefined);
    talk(socket);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    for (const socket of open) socket.destroy();
    server.close();
  });
  return { host: '127.0.0.1', port: (server.address() as AddressInfo).port };
}

t.test('clamd', async (t) => {
  const { socket, stop } = await startClamd(t);
  const options = { address: { path: socket }, timeoutMs: 30_000, maxSize: 4_000_000 };
  t.same(await scanned(scanWithClamd(options), mail('hello')), { result: 'clean' });
  t.match(await scanned(scanWithClamd(options), mail(EICAR)), { result: 'infected', name: /^Eicar-Signature/ });
  const encoded = mail(
    `--x\r\nContent-Type: application/octet-stream\r\nContent-Transfer-Encoding: base64\r\n\r\n${Buffer.from(EICAR).toString('base64')}\r\n--x--`,
  );
  const multipart = Buffer.concat([
    Buffer.from('MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=x\r\n'),
    encoded,
  ]);
  t.match(
    await scanned(scanWithClamd(options), multipart, 7),
    { result: 'infected' },
    'in an attachment, in tiny pieces',
  );
  const large = Buffer.alloc(3_000_000, 'all work and no play\r\n');
  // clamd says so and hangs up while octets are still on their way, which may take its words with it.
  const tooLarge = await scanned(scanWithClamd(options), large, 100_000);
  t.ok(tooLarge.result === 'unscanned' || tooLarge.result === 'failed', `beyond StreamMaxLength: ${tooLarge.result}`);
  t.match(
    await scanned(scanWithClamd({ ...options, maxSize: 10_000 }), large),
    { result: 'unscanned' },
    'beyond our limit',
  );
  await stop();
  t.match(await scanned(scanWithClamd(options), mail(EICAR)), { result: 'failed' }, 'it is gone');
});

t.test('rspamd', async (t) => {
  const { url, stop } = await startRspamd(t);
  const options = { url, password: null, timeoutMs: 30_000, maxSize: 4_000_000 };
  t.match(await scanned(scanWithRspamd(options, ENVELOPE), mail('hello')), { result: 'scored', action: 'no action' });
  t.match(await scanned(scanWithRspamd(options, ENVELOPE), mail(GTUBE)), { result: 'scored', action: 'reject' });
  const large = Buffer.concat([mail('hello'), Buffer.alloc(3_000_000, 'all work and no play\r\n')]);
  t.match(await scanned(scanWithRspamd(options, ENVELOPE), large, 100_000), { result: 'scored' });
  t.match(await scanned(scanWithRspamd({ ...options, maxSize: 10_000 }, ENVELOPE), large), { result: 'unscanned' });
  await stop();
  t.match(await scanned(scanWithRspamd(options, ENVELOPE), mail(GTUBE)), { result: 'failed' }, 'it is gone');
});

t.test('a scanner that says nothing, or nonsense, has failed within the time limit', async (t) => {
  const silent = await startPeer(t, () => undefined);
  const parrot = await startPeer(t, (socket) =>
    socket.on('data', () => socket.write('HTTP/1.1 500 no\r\n\r\nstream: HUH\0')),
  );
  const endless = await startPeer(t, (socket) => socket.write('x'.repeat(100_000)));
  const hangsUp = await startPeer(t, (socket) => socket.end());
  const large = Buffer.alloc(8_000_000, 'x');
  for (const [what, address] of Object.entries({ silent, parrot, endless, hangsUp })) {
    const clamd = scanWithClamd({ address, timeoutMs: 300, maxSize: 1e9 });
    t.match(await scanned(clamd, large, 1_000_000), { result: 'failed' }, `clamd is ${what}`);
    const url = `http://${address.host}:${address.port}`;
    const rspamd = scanWithRspamd({ url, password: 'x', timeoutMs: 300, maxSize: 1e9 }, ENVELOPE);
    t.match(await scanned(rspamd, large, 1_000_000), { result: 'failed' }, `rspamd is ${what}`);
  }
});

t.test('a scan that nobody waits for any more is over', async (t) => {
  const silent = await startPeer(t, () => undefined);
  const scan = scanWithClamd({ address: silent, timeoutMs: 60_000, maxSize: 1e9 });
  await scan.write(Buffer.from('x'));
  scan.abort();
  t.match(await scan.end(), { result: 'failed' });
  t.equal(scan.write(Buffer.from('y')), undefined);
});

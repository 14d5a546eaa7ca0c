import { once } from 'node:events';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import t from 'tap';
import { CONFIG, startSluice } from './sluice.js';

const ALONE = `${CONFIG}http:\n  address: 127.0.0.1:0\nworkers: 1\n`;

t.test('serve says in its log where it listens, and stops on SIGTERM', { timeout: 60_000 }, async (t) => {
  const sluice = await startSluice(t, ALONE);
  const child = sluice.start(['serve']);
  const exit = once(child, 'exit');
  const { stdout } = child;
  if (stdout === null) return t.fail('a pipe was asked for');
  for await (const text of createInterface({ input: stdout })) {
    const entry = JSON.parse(text);
    if (entry.msg !== 'ready') continue;
    t.match(entry.listeners[0], /^submission 127\.0\.0\.1:\d+$/);
    const health = await fetch(`http://${entry.http}/healthz`);
    t.match(await health.json(), { status: 'ok', version: /^\d/ });
    child.kill('SIGTERM');
    break;
  }
  stdout.resume();
  t.same(await exit, [0, null]);
});

t.test('an address that is taken is said in one line', { timeout: 60_000 }, async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : null;
  const sluice = await startSluice(t, ALONE.replace('127.0.0.1:0', `127.0.0.1:${port}`));
  const { code, stderr } = await sluice.run(['serve']);
  t.equal(code, 5);
  t.match(stderr, /^sluice: [^\n]*EADDRINUSE[^\n]*\n$/);
});

t.test('several workers that cannot start end as one does: with a line each, and its exit code', async (t) => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  t.teardown(() => taken.close());
  const address = taken.address();
  const port = typeof address === 'object' ? address?.port : null;
  const several = ALONE.replace('workers: 1', 'workers: 2');
  const busy = await startSluice(t, several.replace('127.0.0.1:0', `127.0.0.1:${port}`));
  const { code, stderr } = await busy.run(['serve']);
  t.equal(code, 5);
  t.match(stderr, /EADDRINUSE/);
  t.match(stderr, /^(sluice: [^\n]+\n){2,3}$/, 'no stack');
  const storeless = await startSluice(t, several.replace(/embedded:\n.*\n/, 'redis: {url: "redis://127.0.0.1:1"}\n'));
  t.match(await storeless.run(['serve']), { code: 4, stderr: /ECONNREFUSED/ });
});

t.test('without a config it does not start', async (t) => {
  const sluice = await startSluice(t, 'listen: [');
  t.equal((await sluice.run(['serve'])).code, 3);
});

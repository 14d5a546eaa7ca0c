/** A worker whose primary was killed a moment ago ends by itself: telling the dead is no error. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import t from 'tap';

const LINK = new URL('../../src/service/worker-link.ts', import.meta.url).href;

/** Waits, without letting an event in, until its parent is gone; then speaks to it. */
const WORKER = `
  const { tellPrimary } = await import('${LINK}');
  process.send('ready');
  const parent = process.ppid;
  while (process.ppid === parent) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  tellPrimary({ sluice: 'asksConfig' });
  setTimeout(() => console.log('survived'), 50);
`;
const PRIMARY = `
  import { spawn } from 'node:child_process';
  const worker = spawn(process.execPath, ['--import', '${import.meta.resolve('tsx')}', '--input-type=module', '-e', process.argv[1]], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  worker.once('message', () => process.kill(process.pid, 'SIGKILL'));
`;

t.test('a message to a primary that was just killed', async (t) => {
  const primary = spawn(process.execPath, ['--input-type=module', '-e', PRIMARY, WORKER], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => primary.kill('SIGKILL'));
  const [said, complained] = await Promise.all([text(primary.stdout), text(primary.stderr)]);
  t.equal(complained, '');
  t.equal(said, 'survived\n');
});

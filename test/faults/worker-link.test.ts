/** A worker whose primary was killed a moment ago ends by itself: telling the dead is no error. */

import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { pathToFileURL } from 'node:url';
import t, { type Test } from 'tap';
import { moduleProcess } from '../support/module-process.js';

const MODULE = moduleProcess('../../src/service/worker-link', import.meta.url);
const LINK = pathToFileURL(MODULE.path).href;
const EXEC_ARGV = JSON.stringify([...MODULE.execArgv, '--input-type=module', '-e']);

/** Lets no event in until the parent is gone. */
const UNTIL_ORPHANED = `
  const parent = process.ppid;
  const untilOrphaned = () => {
    while (process.ppid === parent) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  };
`;
const SPEAKS = `
  ${UNTIL_ORPHANED}
  const { tellPrimary } = await import('${LINK}');
  process.send('ready');
  untilOrphaned();
  tellPrimary({ sluice: 'asksConfig' });
  setTimeout(() => console.log('survived'), 50);
`;
const SPAWNS = `
  import { spawn } from 'node:child_process';
  const worker = spawn(process.execPath, [...${EXEC_ARGV}, process.argv[1]], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  worker.once('message', () => process.kill(process.pid, 'SIGKILL'));
`;

/** A worker that finds, once its primary is gone, the connection that it was given: node acknowledges it. */
const TAKES = `
  import cluster from 'node:cluster';
  import { createServer } from 'node:net';
  ${UNTIL_ORPHANED}
  const { outlivePrimary } = await import('${LINK}');
  outlivePrimary();
  cluster.worker.once('disconnect', () => console.log('survived'));
  createServer().listen(0, '127.0.0.1', () => process.send('ready', untilOrphaned));
`;
const GIVES = `
  import cluster from 'node:cluster';
  import { connect } from 'node:net';
  cluster.setupPrimary({ exec: 'worker', execArgv: [...${EXEC_ARGV}, process.argv[1]] });
  const worker = cluster.fork();
  const listening = new Promise((resolve) => cluster.once('listening', (_worker, { port }) => resolve(port)));
  worker.once('message', async () => {
    const send = worker.process.send.bind(worker.process);
    worker.process.send = (message, connection, ...more) => {
      send(message, connection, ...more);
      if (connection) process.kill(process.pid, 'SIGKILL');
    };
    connect(await listening, '127.0.0.1');
  });
`;

async function outlived(t: Test, primary: string, worker: string): Promise<void> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', primary, worker], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  t.teardown(() => child.kill('SIGKILL'));
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  t.equal(complained, '');
  t.equal(said, 'survived\n');
}

t.test('a message to a primary that was just killed', (t) => outlived(t, SPAWNS, SPEAKS));
t.test('what node tells a primary that was just killed', (t) => outlived(t, GIVES, TAKES));

import { fork } from 'node:child_process';
import { once } from 'node:events';
import t from 'tap';
import { eachLine } from '../support/each-line.js';
import { moduleProcess } from '../support/module-process.js';

const PROGRAM = moduleProcess('./talkative-process', import.meta.url);

t.test('a line that comes during a write needs no later one to follow', async (t) => {
  const child = fork(PROGRAM.path, { execArgv: PROGRAM.execArgv, stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  t.teardown(() => child.kill('SIGKILL'));
  const { stdout } = child;
  if (stdout === null) throw new Error('no pipe');
  await once(child, 'message');
  const lengths = await new Promise<number[]>((resolve) => {
    const seen: number[] = [];
    eachLine(stdout, (line) => {
      seen.push(line.length);
      if (line === 'the last line') resolve(seen);
    });
  });
  t.strictSame(lengths, [1_000_000, 13]);
  child.send('enough');
  t.strictSame(await once(child, 'exit'), [0, null]);
});

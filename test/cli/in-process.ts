/**
 * Commands run within the test's own process: a tenth of the time of a process
 * each. What a command writes is told apart from what the test reports.
 */

import { AsyncLocalStorage } from 'node:async_hooks';
import { Readable } from 'node:stream';
import type { Test } from 'tap';
import { exitCodeOf } from '../../src/cli/exit-code-of.js';
import { createProgram } from '../../src/cli/program.js';
import { type Answer, CONFIG, type Sluice, startSluice } from './sluice.js';

interface Said {
  stdout: string;
  stderr: string;
}

const said = new AsyncLocalStorage<Said>();

for (const stream of ['stdout', 'stderr'] as const) {
  const write = process[stream].write.bind(process[stream]);
  process[stream].write = ((chunk: string | Uint8Array, ...rest: never[]) => {
    const running = said.getStore();
    if (running === undefined) return write(chunk, ...rest);
    running[stream] += chunk.toString();
    return true;
  }) as typeof write;
}

/** One command at a time: the working folder and the exit code are the process'. */
export async function inProcess(t: Test, config: string = CONFIG): Promise<Sluice> {
  const sluice = await startSluice(t, config);
  process.env.USER = 'olga';
  delete process.env.SUDO_USER;
  const run = (args: readonly string[], stdin = ''): Promise<Answer> => {
    process.chdir(sluice.folder);
    Object.defineProperty(process, 'stdin', { value: Readable.from([Buffer.from(stdin)]), configurable: true });
    const output = { stdout: '', stderr: '' };
    return said.run(output, async () => {
      const program = await createProgram(args[0]);
      const thrown = await program.parseAsync(args, { from: 'user' }).then(() => null, exitCodeOf);
      const code = thrown ?? Number(process.exitCode ?? 0);
      process.exitCode = undefined;
      return { code, ...output };
    });
  };
  return {
    ...sluice,
    run,
    ask: async (args) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (stdout === '') throw new Error(`no answer: ${stderr}`);
      return { code, answer: JSON.parse(stdout) };
    },
  };
}

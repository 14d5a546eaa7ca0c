/** The real command line as a child process, with a config and an embedded store in a folder of its own. */

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Test } from 'tap';
import type { Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { NODE, PROGRAM } from '../support/program.js';

const TIME_LIMIT_MS = 30_000;

export interface Answer {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Sluice {
  readonly folder: string;
  readonly run: (args: readonly string[], stdin?: string) => Promise<Answer>;
  /** Runs with `--json` and parses the answer. */
  readonly ask: (args: readonly string[]) => Promise<{ readonly code: number | null; readonly answer: unknown }>;
  /** Left running; killed at the end of the test. */
  readonly start: (args: readonly string[]) => ChildProcess;
  readonly write: (name: string, text: string) => Promise<string>;
  /** The same store that the commands open. */
  readonly store: () => Promise<Store>;
}

export const CONFIG = `
listen:
  - name: submission
    address: 127.0.0.1:0
relay:
  hosts: ["127.0.0.1:9"]
store:
  embedded:
    path: state.db
accounts:
  identify:
    - users: { file: users }
  list:
    acme:
      plan: small
      senders: [acme.example]
plans:
  small:
    rules:
      volume.recipients:
        limits: [10/1h]
`;

export async function startSluice(t: Test, config: string = CONFIG): Promise<Sluice> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-cli-'));
  const started: ChildProcess[] = [];
  t.teardown(async () => {
    for (const child of started) child.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  });
  await writeFile(join(folder, 'sluice.yaml'), config);
  await writeFile(join(folder, 'users'), '# people\n');

  const start = (args: readonly string[]): ChildProcess => {
    const child = spawn('env', [...NODE, ...PROGRAM, ...args], {
      cwd: folder,
      env: { PATH: process.env.PATH, HOME: folder, USER: 'olga' },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    started.push(child);
    return child;
  };

  const run: Sluice['run'] = async (args, stdin = '') => {
    const child = start(args);
    const tooLate = setTimeout(() => child.kill('SIGKILL'), TIME_LIMIT_MS);
    child.stdin?.on('error', () => undefined);
    child.stdin?.end(stdin);
    const output = { stdout: '', stderr: '' };
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output.stdout += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      output.stderr += text;
    });
    const [code] = (await once(child, 'close')) as [number | null];
    clearTimeout(tooLate);
    return { code, ...output };
  };

  return {
    folder,
    run,
    ask: async (args) => {
      const { code, stdout, stderr } = await run([...args, '--json']);
      if (stdout === '') throw new Error(`no answer: ${stderr}`);
      return { code, answer: JSON.parse(stdout) };
    },
    start,
    write: async (name, text) => {
      await writeFile(join(folder, name), text);
      return join(folder, name);
    },
    store: async () => {
      const times = { callTimeoutMs: 2_000, reservationTtlMs: 600_000, sessionTtlMs: 180_000 };
      const store = await openEmbeddedStore({ path: join(folder, 'state.db'), times });
      t.teardown(() => store.close().catch(() => undefined));
      return store;
    },
  };
}

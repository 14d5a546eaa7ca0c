/** The program itself, as an operator starts it: a config file, a process, signals, the log, HTTP. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.js';
import { freePort } from './redis.js';

interface Cleanup {
  teardown(end: () => unknown): unknown;
}

export interface SluiceSettings {
  /** As YAML spells it. `listen` and `http` get free ports where they are left out. */
  readonly config: ConfigInput;
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of the test's, for instances that share the embedded store. Default: a new one. */
  readonly directory?: string;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface Sluice {
  /** Of the listener of that name; of the first one without a name. */
  port(listener?: string): number;
  readonly httpPort: number;
  readonly directory: string;
  readonly configPath: string;
  readonly process: ChildProcess;
  readonly log: readonly LogLine[];
  /** Resolves with the first line that fits, past ones included. */
  waitForLog(what: string, fits: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  get(page: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly body: string }>;
  /** Writes the config anew; SIGHUP is the caller's to send. */
  writeConfig(config: ConfigInput): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** Runs a command of the CLI with the same config. */
  cli(...args: string[]): Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>;
}

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));
/** SLUICE_BIN tests a built program instead of the sources. */
const COMMAND = process.env.SLUICE_BIN === undefined ? ['--import=tsx', MAIN] : [process.env.SLUICE_BIN];
const READY_MS = 30_000;

export async function startSluice(t: Cleanup, settings: SluiceSettings): Promise<Sluice> {
  const directory = settings.directory ?? (await mkdtemp(path.join(tmpdir(), 'sluice-')));
  const port = await freePort();
  const httpPort = await freePort();
  const running = new Running(settings, directory, port, httpPort);
  t.teardown(async () => {
    await running.kill();
    if (settings.directory === undefined) await rm(directory, { recursive: true, force: true });
  });
  await running.start();
  return running;
}

class Running implements Sluice {
  readonly log: LogLine[] = [];
  readonly configPath: string;
  #process: ChildProcess | null = null;
  #exited: Promise<number | null> = Promise.resolve(null);
  readonly #watchers = new Set<() => void>();
  readonly #other: string[] = [];

  constructor(
    private readonly settings: SluiceSettings,
    readonly directory: string,
    private readonly firstPort: number,
    readonly httpPort: number,
  ) {
    this.configPath = path.join(directory, `sluice-${firstPort}.yaml`);
  }

  get process(): ChildProcess {
    if (this.#process === null) throw new Error('not started');
    return this.#process;
  }

  port(listener?: string): number {
    const ready = this.log.find((line) => line.msg === 'ready')?.listeners;
    const lines = Array.isArray(ready) ? ready.map(String) : [];
    const found = listener === undefined ? lines[0] : lines.find((line) => line.startsWith(`${listener} `));
    return found === undefined ? this.firstPort : Number(found.slice(found.lastIndexOf(':') + 1));
  }

  async start(): Promise<void> {
    await this.writeConfig(this.settings.config);
    const child = this.#spawn(['serve', '--config', this.configPath]);
    this.#process = child;
    this.#exited = new Promise((resolve) => child.once('exit', (code) => resolve(code)));
    createInterface({ input: child.stdout as NodeJS.ReadableStream }).on('line', (line) => this.#read(line));
    child.stderr?.on('data', (chunk: Buffer) => this.#other.push(chunk.toString()));
    await Promise.race([
      this.waitForLog('ready', (line) => line.msg === 'ready', READY_MS),
      this.#exited.then((code) => {
        throw new Error(`sluice ended with ${code} before it was ready:\n${this.#other.join('')}`);
      }),
    ]);
  }

  async writeConfig(config: ConfigInput): Promise<void> {
    const whole = {
      listen: [{ name: 'submission', address: `127.0.0.1:${this.firstPort}` }],
      http: { address: `127.0.0.1:${this.httpPort}` },
      workers: 1,
      hostname: 'sluice.example',
      accounts: { unknown: 'tester' },
      ...config,
    };
    await writeFile(this.configPath, stringify(whole));
  }

  waitForLog(what: string, fits: (line: LogLine) => boolean, timeoutMs = 15_000): Promise<LogLine> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        this.#watchers.delete(look);
        reject(new Error(`no log line in time: ${what}; stderr: ${this.#other.join('')}`));
      }, timeoutMs);
      const look = (): void => {
        const found = this.log.find(fits);
        if (found === undefined) return;
        clearTimeout(late);
        this.#watchers.delete(look);
        resolve(found);
      };
      this.#watchers.add(look);
      look();
    });
  }

  async get(page: string): Promise<{ status: number; body: string }> {
    const response = await fetch(`http://127.0.0.1:${this.httpPort}${page}`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.text() };
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    return this.#exited;
  }

  async kill(): Promise<void> {
    if (this.#process === null || this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    this.signal('SIGTERM');
    const late = setTimeout(() => this.signal('SIGKILL'), 10_000);
    await this.#exited;
    clearTimeout(late);
  }

  async cli(...args: string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = this.#spawn([...args, '--config', this.configPath]);
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
  }

  #spawn(args: readonly string[]): ChildProcess {
    const env = { ...process.env, ...this.settings.env };
    return spawn(process.execPath, [...COMMAND, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }

  #read(line: string): void {
    try {
      this.log.push(JSON.parse(line) as LogLine);
    } catch {
      this.#other.push(`${line}\n`);
      return;
    }
    for (const watch of [...this.#watchers]) watch();
  }
}

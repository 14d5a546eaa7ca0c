/** The program itself, as an operator starts it: a config file, a process, signals, the log, HTTP. */

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.js';
import { eachLine } from './each-line.js';
import { whenThisProcessEnds } from './guard.js';
import { NODE, PROGRAM } from './program.js';
import type { Cleanup } from './redis.js';
import { until } from './until.js';

const READY_WITHIN_MS = 90_000;
const STOP_WITHIN_MS = 60_000;
const LOG_WITHIN_MS = 60_000;

export interface SluiceSettings {
  /** As YAML spells it. One worker and free ports, unless it says otherwise; unknown clients are `tester`. */
  readonly config: ConfigInput;
  readonly env?: Readonly<Record<string, string>>;
  /** A folder of the test's, for instances that share the embedded store. Default: a new one. */
  readonly directory?: string;
  /** False: does not wait until store and relay are there, only until it listens. */
  readonly untilReady?: boolean;
}

export type LogLine = Readonly<Record<string, unknown>>;

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Sluice {
  /** Of the listener of that name; of the first one without a name. */
  port(listener?: string): number;
  readonly directory: string;
  readonly configPath: string;
  readonly process: ChildProcess;
  /** Everything logged so far, by all workers. */
  readonly log: readonly LogLine[];
  /** The transaction lines so far. */
  readonly transactions: readonly LogLine[];
  /** Resolves with the first line that fits, past ones included. */
  waitForLog(what: string, fits: (line: LogLine) => boolean, timeoutMs?: number): Promise<LogLine>;
  get(page: '/healthz' | '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly body: string }>;
  /** Writes the config anew; SIGHUP is the caller's to send. */
  writeConfig(config: ConfigInput): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL to it and all its workers. */
  kill(): Promise<void>;
  /** Runs a command of the CLI with the same config and, if it asks, this on standard input. */
  cli(...args: string[]): Promise<CliResult>;
  cliReading(input: string, ...args: string[]): Promise<CliResult>;
}

/** Starts it; it ends with the test. */
export async function startSluice(t: Cleanup, settings: SluiceSettings): Promise<Sluice> {
  const directory = settings.directory ?? (await mkdtemp(join(tmpdir(), 'sluice-')));
  const sluice = new Running(directory, settings);
  t.teardown(async () => {
    await sluice.end();
    if (settings.directory === undefined) await rm(directory, { recursive: true, force: true });
  });
  await sluice.start();
  return sluice;
}

let started = 0;

class Running implements Sluice {
  readonly log: LogLine[] = [];
  readonly configPath: string;
  readonly #said: string[] = [];
  readonly #watchers = new Set<() => void>();
  readonly #ports = new Map<string, number>();
  #process: ChildProcess | null = null;
  #exitCode: number | null | undefined;
  #http = '';
  #unguard: () => void = () => {};

  constructor(
    readonly directory: string,
    private readonly settings: SluiceSettings,
  ) {
    started += 1;
    this.configPath = join(directory, `sluice-${started}.yaml`);
  }

  async start(): Promise<void> {
    await this.writeConfig(this.settings.config);
    const child = spawn('env', [...NODE, ...PROGRAM, 'serve', '--config', this.configPath], {
      env: { ...process.env, ...this.settings.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that its workers can be ended with it.
      detached: true,
    });
    this.#process = child;
    child.once('exit', (code) => {
      this.#exitCode = code;
      this.#look();
    });
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (line) => this.#read(line));
    }
    this.#unguard = whenThisProcessEnds('kill -KILL -"$0"', `${child.pid}`);
    const ready = await this.waitForLog('ready', (line) => line.msg === 'ready', READY_WITHIN_MS);
    this.#http = `http://${ready.http}`;
    for (const listener of ready.listeners as string[]) {
      const [name = '', address = ''] = listener.split(' ');
      this.#ports.set(name, Number(address.slice(address.lastIndexOf(':') + 1)));
    }
    if (this.settings.untilReady === false) return;
    await until('sluice is ready', async () => ((await this.get('/readyz')).status === 200 ? true : null));
  }

  get process(): ChildProcess {
    if (this.#process === null) throw new Error('not started');
    return this.#process;
  }

  get transactions(): readonly LogLine[] {
    return this.log.filter((line) => line.event === 'transaction');
  }

  port(listener?: string): number {
    const port = listener === undefined ? [...this.#ports.values()][0] : this.#ports.get(listener);
    if (port === undefined) throw new Error(`no listener ${listener ?? 'at all'}`);
    return port;
  }

  async writeConfig(config: ConfigInput): Promise<void> {
    const whole: ConfigInput = {
      listen: [{ name: 'test', address: '127.0.0.1:0' }],
      http: { address: '127.0.0.1:0' },
      workers: 1,
      hostname: 'sluice.example',
      ...config,
      accounts: { unknown: 'tester', ...config.accounts },
    };
    await writeFile(this.configPath, stringify(whole));
  }

  async waitForLog(what: string, fits: (line: LogLine) => boolean, timeoutMs = LOG_WITHIN_MS): Promise<LogLine> {
    const found = () => this.log.find(fits);
    await this.#until(() => found() !== undefined, `a log line: ${what}`, timeoutMs);
    return found() as LogLine;
  }

  async get(page: string): Promise<{ status: number; body: string }> {
    // A connection kept from an earlier page may be closed by now: each page has its own.
    const response = await fetch(`${this.#http}${page}`, {
      headers: { connection: 'close' },
      signal: AbortSignal.timeout(30_000),
    });
    return { status: response.status, body: await response.text() };
  }

  signal(signal: NodeJS.Signals): void {
    this.process.kill(signal);
  }

  async stop(): Promise<number | null> {
    this.signal('SIGTERM');
    await this.#ended();
    return this.#exitCode ?? null;
  }

  async kill(): Promise<void> {
    this.#endGroup();
    await this.#ended();
  }

  cli(...args: string[]): Promise<CliResult> {
    return this.cliReading('', ...args);
  }

  cliReading(input: string, ...args: string[]): Promise<CliResult> {
    const options = { timeout: READY_WITHIN_MS, env: { ...process.env, ...this.settings.env } };
    return new Promise((done) => {
      const all = [...NODE, ...PROGRAM, ...args, '--config', this.configPath];
      const child = execFile('env', all, options, (error, stdout, stderr) =>
        done({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
      );
      // A command that does not read closes it before the input is written.
      child.stdin?.on('error', () => {});
      child.stdin?.end(input);
    });
  }

  /** At the end of the test, whatever state it is in. */
  async end(): Promise<void> {
    if (this.#process === null) return;
    if (this.#exitCode === undefined) await this.stop().catch(() => {});
    this.#endGroup();
    this.#unguard();
  }

  #endGroup(): void {
    const pid = this.#process?.pid;
    if (pid === undefined) return;
    try {
      process.kill(-pid, 'SIGKILL');
    } catch {
      // The whole group has ended already.
    }
  }

  #ended(): Promise<void> {
    return this.#until(() => this.#exitCode !== undefined, 'the end of the process', STOP_WITHIN_MS);
  }

  #read(line: string): void {
    this.#said.push(line);
    if (line.startsWith('{')) this.log.push(JSON.parse(line) as LogLine);
    this.#look();
  }

  #look(): void {
    for (const watcher of [...this.#watchers]) watcher();
  }

  #until(condition: () => boolean, what: string, withinMs: number): Promise<void> {
    return new Promise((done, fail) => {
      const settle = (problem?: string) => {
        clearTimeout(timer);
        this.#watchers.delete(look);
        if (problem === undefined) done();
        else fail(new Error(`${problem} ${what}; sluice said:\n${this.#said.slice(-40).join('\n')}`));
      };
      const look = () => {
        if (condition()) settle();
        else if (this.#exitCode !== undefined) settle('sluice ended before');
      };
      const timer = setTimeout(() => settle(`waited ${withinMs} ms for`), withinMs);
      this.#watchers.add(look);
      look();
    });
  }
}

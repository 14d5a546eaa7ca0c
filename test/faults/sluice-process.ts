/** One Sluice of a fault run: started again and again, its workers found, its log boiled down. */

import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { stringify } from 'yaml';
import type { ConfigInput } from '../../src/config/schema.js';
import { eachLine } from '../support/each-line.js';
import { PROGRAM } from '../support/program.js';
import { until } from '../support/until.js';
import type { AttemptKey, BehindEntry } from './books.js';
import { attemptOf } from './messages.js';

const READY_WITHIN_MS = 120_000;

const SURVIVE_XFSZ = `data:text/javascript,process.on('SIGXFSZ',()=>{})`;

/** What a process uses, by /proc. */
export interface Footprint {
  readonly pid: number;
  readonly residentOctets: number;
  readonly descriptors: number;
}

export class SluiceProcess {
  /** Null while it is down. */
  port: number | null = null;
  /** How each attempt ended, by the log. A killed process's last lines are lost. */
  readonly endings = new Map<AttemptKey, string>();
  /** Lines that are no transaction, by level and message. */
  readonly lines = new Map<string, number>();
  /** When which of its processes could not write decisions; what goes on has no end yet. */
  readonly behind: BehindEntry[] = [];
  readonly #behindNow = new Map<number, BehindEntry>();
  /** Things that must not happen, in words. */
  readonly complaints: string[] = [];
  #http = '';
  #child: ChildProcess | null = null;

  constructor(
    readonly name: string,
    private readonly directory: string,
    private readonly config: ConfigInput,
  ) {}

  get running(): boolean {
    return this.#child !== null;
  }

  async start(): Promise<void> {
    const path = `${this.directory}/${this.name}.yaml`;
    await writeFile(path, stringify(this.config));
    // A full disk is made by RLIMIT_FSIZE: an error to whoever writes, and not a signal that ends it. By env(1), in place
    // of what tap puts there.
    const options = `NODE_OPTIONS=--import ${SURVIVE_XFSZ}`;
    const child = spawn('env', [options, process.execPath, ...PROGRAM, 'serve', '--config', path], {
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    this.#child = child;
    let ready: (line: Readonly<Record<string, unknown>>) => void = () => undefined;
    const started = new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${this.name} was not ready in time`)), READY_WITHIN_MS);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${this.name} ended with ${code ?? signal} before it was ready`));
        if (this.#child === child) {
          this.#child = null;
          this.port = null;
        }
      });
      ready = (line) => {
        clearTimeout(timer);
        this.#http = `http://${line.http}`;
        const listener = (line.listeners as string[])[0] ?? '';
        this.port = Number(listener.slice(listener.lastIndexOf(':') + 1));
        resolve();
      };
    });
    for (const stream of [child.stdout, child.stderr]) {
      eachLine(stream, (text) => this.#read(text, ready));
    }
    await started;
  }

  /** The primary's process id; workers are its children. */
  get pid(): number {
    const pid = this.#child?.pid;
    if (pid === undefined) throw new Error(`${this.name} is down`);
    return pid;
  }

  get workers(): readonly number[] {
    if (this.#child?.pid === undefined) return [];
    try {
      const children = readFileSync(`/proc/${this.pid}/task/${this.pid}/children`, 'utf8').trim();
      return children === '' ? [] : children.split(' ').map(Number);
    } catch {
      return [];
    }
  }

  /** SIGKILL to all of it, or to its primary alone; resolves when every process is gone. */
  async kill(whom: 'all' | 'primary', goneWithinMs: number): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const pids = [this.pid, ...this.workers];
    this.#child = null;
    this.port = null;
    signal(whom === 'all' ? -(pids[0] ?? 0) : (pids[0] ?? 0), 'SIGKILL');
    await this.#gone(pids, goneWithinMs);
  }

  /** SIGTERM; resolves when every process is gone. */
  async stop(goneWithinMs: number): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const pids = [this.pid, ...this.workers];
    const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    this.#child = null;
    this.port = null;
    await this.#gone(pids, goneWithinMs);
    const code = await exited;
    if (code !== 0) this.complaints.push(`${this.name} ended with ${code} after SIGTERM`);
  }

  /** To the primary. */
  signal(which: NodeJS.Signals): void {
    if (this.#child?.pid !== undefined) signal(this.#child.pid, which);
  }

  async get(page: '/readyz' | '/metrics'): Promise<{ readonly status: number; readonly body: string }> {
    const response = await fetch(`${this.#http}${page}`, { signal: AbortSignal.timeout(10_000) });
    return { status: response.status, body: await response.text() };
  }

  /** Of the primary and each worker. */
  footprints(): Footprint[] {
    if (this.#child?.pid === undefined) return [];
    return [this.pid, ...this.workers].flatMap((pid) => {
      try {
        const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
        return [{ pid, residentOctets: pages * 4096, descriptors: readdirSync(`/proc/${pid}/fd`).length }];
      } catch {
        return [];
      }
    });
  }

  async #gone(pids: readonly number[], withinMs: number): Promise<void> {
    try {
      await until(`the end of ${this.name}`, async () => (pids.some(isAlive) ? null : true), withinMs);
    } catch (error) {
      this.complaints.push(String(error));
      for (const pid of pids) signal(pid, 'SIGKILL');
    }
    for (const pid of pids) this.#notBehind(pid, Date.now());
  }

  #read(text: string, ready: (line: Readonly<Record<string, unknown>>) => void): void {
    if (process.env.SOAK_LOG !== undefined) appendFileSync(process.env.SOAK_LOG, `${this.name} ${text}\n`);
    const line = asLine(text);
    if (line === null) {
      // Started while the store was away: it says so, as its primary does, and is started again.
      if (/^sluice: (store: open failed|a worker ended \(4\))/.test(text)) return;
      this.complaints.push(`${this.name} said: ${text.slice(0, 300)}`);
      return;
    }
    if (line.msg === 'ready') ready(line);
    if (line.event === 'transaction') {
      const key = attemptOf(String(line.reversePath));
      if (key !== null) this.endings.set(key, String(line.ending));
      return;
    }
    this.#noteBehind(line);
    const what = `${String(line.level)}: ${String(line.msg)}`;
    this.lines.set(what, (this.lines.get(what) ?? 0) + 1);
    const crashed = line.msg === 'a worker died' && line.signal !== 'SIGKILL';
    const defect = String(line.msg).startsWith('a defect');
    if (crashed || defect || line.level === 'fatal') this.complaints.push(`${this.name} logged: ${text.slice(0, 600)}`);
  }

  #noteBehind(line: Readonly<Record<string, unknown>>): void {
    const pid = Number(line.pid);
    const at = Date.parse(String(line.time));
    if (line.msg === 'decisions cannot be written') {
      const entry = { instance: this.name, from: at, to: Number.POSITIVE_INFINITY };
      this.#behindNow.set(pid, entry);
      this.behind.push(entry);
    }
    if (line.msg === 'decisions are written again') this.#notBehind(pid, at);
    if (line.msg === 'a worker died') this.#notBehind(Number(line.worker), at);
  }

  #notBehind(pid: number, at: number): void {
    const entry = this.#behindNow.get(pid);
    if (entry !== undefined) entry.to = at;
    this.#behindNow.delete(pid);
  }
}

export function signal(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch {
    // It has ended already.
  }
}

function isAlive(pid: number): boolean {
  try {
    // A zombie that init has not reaped yet is no process any more.
    return statSync(`/proc/${pid}/exe`, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function asLine(text: string): Readonly<Record<string, unknown>> | null {
  if (!text.startsWith('{')) return null;
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch {
    // Cut off by a kill.
    return { level: 'cut', msg: 'a line cut off' };
  }
}

/** The recording relay as the run sees it: started, killed, paused, and its book read. */

import { type ChildProcess, fork } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { moduleProcess } from '../support/module-process.js';
import type { RelayEntry } from './books.js';
import type { FromRelay, RelaySettings, ToRelay } from './recording-relay.js';

const PROGRAM = moduleProcess('./recording-relay', import.meta.url);
const READY_WITHIN_MS = 120_000;

export class RelayProcess {
  /** Null while it is down. */
  port: number | null = null;
  #child: ChildProcess | null = null;
  #faulty = true;
  /** Counts of processes that ended, and of the present one. */
  readonly #past: Record<string, number> = {};
  #present: Readonly<Record<string, number>> = {};

  constructor(private readonly settings: Omit<RelaySettings, 'faulty'>) {}

  async start(): Promise<void> {
    const settings: RelaySettings = { ...this.settings, faulty: this.#faulty };
    const child = fork(PROGRAM.path, [JSON.stringify(settings)], {
      execArgv: PROGRAM.execArgv,
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    });
    this.#child = child;
    const port = await new Promise<number>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the relay did not start')), READY_WITHIN_MS);
      child.once('exit', () => reject(new Error('the relay ended before it listened')));
      child.on('message', (message: FromRelay) => {
        if ('faults' in message) {
          this.#present = message.faults;
          return;
        }
        clearTimeout(timer);
        resolve(message.port);
      });
    });
    child.removeAllListeners('exit');
    child.once('exit', () => this.#ended(child));
    this.port = port;
  }

  /** SIGKILL; resolves when it is gone. */
  async kill(): Promise<void> {
    const child = this.#child;
    if (child === null) return;
    const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    this.port = null;
    child.kill('SIGKILL');
    await gone;
  }

  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** From now on it answers as a good relay does. */
  behave(): void {
    this.#faulty = false;
    const message: ToRelay = { faulty: false };
    this.#child?.send(message);
  }

  /** What it misbehaved in, by kind; what a killed process did in its last half second is not known. */
  get faults(): Readonly<Record<string, number>> {
    const all = { ...this.#past };
    for (const [kind, count] of Object.entries(this.#present)) all[kind] = (all[kind] ?? 0) + count;
    return all;
  }

  /** Every line of its book. */
  async *entries(): AsyncGenerator<RelayEntry> {
    for await (const line of createInterface({ input: createReadStream(this.settings.bookPath) })) {
      yield JSON.parse(line) as RelayEntry;
    }
  }

  #ended(child: ChildProcess): void {
    if (this.#child !== child) return;
    this.#child = null;
    this.port = null;
    for (const [kind, count] of Object.entries(this.#present)) this.#past[kind] = (this.#past[kind] ?? 0) + count;
    this.#present = {};
  }
}

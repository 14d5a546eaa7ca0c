/** A customer in a process of its own, and how well it is served. */

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { moduleProcess } from '../support/module-process.js';
import type { Cleanup } from '../support/redis.js';
import type { Errand } from './customer.js';

export interface Served {
  readonly p99: number;
  /** For people. */
  readonly told: string;
}

const PROGRAM = moduleProcess('./customer', import.meta.url);

export class Customer {
  readonly #process: ChildProcess = fork(PROGRAM.path, { execArgv: PROGRAM.execArgv });

  constructor(
    t: Cleanup,
    private readonly port: number,
  ) {
    t.teardown(() => this.#process.disconnect());
  }

  /** So many mails from now on. Rejects when one was not accepted. */
  async served(mails: number): Promise<Served> {
    this.#process.send({ port: this.port, mails } satisfies Errand);
    const [answer] = (await once(this.#process, 'message')) as [{ times?: number[]; failure?: string }];
    if (answer.times === undefined) throw new Error(answer.failure);
    const times = answer.times.sort((a, b) => a - b);
    const at = (share: number) => times[Math.min(times.length - 1, Math.floor(times.length * share))] ?? 0;
    return { p99: at(0.99), told: `p50 ${at(0.5).toFixed(1)} ms, p99 ${at(0.99).toFixed(1)} ms` };
  }
}

/** Which blocks of our own code ran, as V8 counts them: no instrumentation, no dependency. */

import { Session } from 'node:inspector';

interface Range {
  readonly startOffset: number;
  readonly endOffset: number;
  readonly count: number;
}

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly functionName: string; readonly ranges: readonly Range[] }[];
  }[];
}

const OURS = /\/src\//;

export class BlockCoverage {
  readonly #session = new Session();
  readonly #seen = new Set<string>();

  /** Code that is loaded before this is not counted. */
  start(): void {
    this.#session.connect();
    this.#session.post('Profiler.enable');
    this.#session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  }

  get size(): number {
    return this.#seen.size;
  }

  /** How many blocks ran since the last call that had never run before. */
  takeNew(): number {
    let fresh = 0;
    for (const block of this.#take()) {
      if (this.#seen.has(block)) continue;
      this.#seen.add(block);
      fresh += 1;
    }
    return fresh;
  }

  /** Whether anything ran since the last call that `takeNew` would count; it is not remembered. */
  hasNew(): boolean {
    return this.#take().some((block) => !this.#seen.has(block));
  }

  #take(): string[] {
    let taken: Coverage = { result: [] };
    // Within the process the answer comes before `post` returns.
    this.#session.post('Profiler.takePreciseCoverage', (error, coverage) => {
      if (error !== null) throw error;
      taken = coverage;
    });
    const blocks: string[] = [];
    for (const { url, functions } of taken.result) {
      if (!OURS.test(url)) continue;
      for (const { ranges } of functions) {
        for (const { startOffset, endOffset, count } of ranges) {
          if (count > 0) blocks.push(`${url}:${startOffset}-${endOffset}`);
        }
      }
    }
    return blocks;
  }
}

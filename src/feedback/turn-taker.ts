import { setTimeout as pauseFor } from 'node:timers/promises';
import type { FollowerPosition } from '../store/contract.js';
import { Turn, type TurnStore } from './turn.js';

export interface TurnTakerParts {
  /** What is read, the machine's name in it. */
  readonly source: string;
  readonly store: TurnStore;
  /** Between two looks, and before trying again. */
  readonly pauseMs: number;
  /** Reads as long as there is something, or until it is told to stop. */
  readonly read: (turn: Turn, position: FollowerPosition | null, stop: AbortSignal) => Promise<void>;
  /** It cannot go on for now; it tries again. */
  readonly onTrouble: (error: unknown) => void;
}

/** Trouble that lasts is told so often. */
const TELL_EVERY_MS = 60_000;

/** Reads a source again and again whenever it is its turn, from start to stop. */
export class TurnTaker {
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: TurnTakerParts) {}

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { source, store, pauseMs, read, onTrouble } = this.parts;
    const { signal } = this.#stop;
    const turn = new Turn(store, source);
    let toldAt = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      try {
        const taken = await turn.take();
        if (taken !== null) await read(turn, taken.position, signal);
      } catch (error) {
        if (performance.now() - toldAt >= TELL_EVERY_MS) {
          toldAt = performance.now();
          onTrouble(error);
        }
      }
      await pauseFor(pauseMs, undefined, { signal }).catch(() => undefined);
    }
    await turn.end().catch(() => undefined);
  }
}

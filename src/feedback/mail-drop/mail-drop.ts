import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { setTimeout as pauseFor } from 'node:timers/promises';
import type { FollowerPosition, Store } from '../../store/contract.js';

/** Where mail arrives. */
export interface Mailbox {
  readonly path: string;
  /**
   * Hands each new message to `take`, and gives the position to go on from. A
   * message that `take` rejects comes again the next time.
   */
  collect(position: FollowerPosition | null, take: (octets: Buffer) => Promise<void>): Promise<FollowerPosition | null>;
}

export interface MailDropParts {
  readonly mailbox: Mailbox;
  readonly store: Pick<Store, 'takeTurn' | 'keepPosition' | 'endTurn'>;
  readonly take: (octets: Buffer) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

const LOOK_MS = 1000;
const TURN_MS = 15_000;

/** Looks into a mailbox again and again; of all processes one at a time. */
export class MailDrop {
  readonly #holder = randomUUID();
  readonly #stop = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: MailDropParts) {}

  start(): void {
    this.#running = this.#run();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async #run(): Promise<void> {
    const { mailbox, store, onTrouble } = this.parts;
    const source = `${hostname()}:${mailbox.path}`;
    let troubled = false;
    while (!this.#stop.signal.aborted) {
      try {
        await this.#look(source);
        troubled = false;
      } catch (error) {
        if (!troubled) onTrouble(error);
        troubled = true;
      }
      await pauseFor(LOOK_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
    await store.endTurn(source, this.#holder).catch(() => undefined);
  }

  async #look(source: string): Promise<void> {
    const { mailbox, store, take } = this.parts;
    const turn = await store.takeTurn(source, this.#holder, TURN_MS);
    if (turn === null) return;
    let renewedAt = performance.now();
    const position = await mailbox.collect(turn.position, async (octets) => {
      await take(octets);
      if (performance.now() - renewedAt < TURN_MS / 3) return;
      await store.takeTurn(source, this.#holder, TURN_MS);
      renewedAt = performance.now();
    });
    if (position !== null && position !== turn.position) await store.keepPosition(source, this.#holder, position);
  }
}

import { hostname } from 'node:os';
import type { FollowerPosition } from '../../store/contract.js';
import type { Turn, TurnStore } from '../turn.js';
import { TurnTaker } from '../turn-taker.js';

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
  readonly store: TurnStore;
  readonly take: (octets: Buffer) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

const LOOK_MS = 1000;

/** Looks into a mailbox again and again; of all processes one at a time. */
export class MailDrop {
  readonly #turns: TurnTaker;

  constructor(private readonly parts: MailDropParts) {
    const { mailbox, store, onTrouble } = parts;
    this.#turns = new TurnTaker({
      source: `${hostname()}:${mailbox.path}`,
      store,
      pauseMs: LOOK_MS,
      read: (turn, position) => this.#look(turn, position),
      onTrouble,
    });
  }

  start(): void {
    this.#turns.start();
  }

  stop(): Promise<void> {
    return this.#turns.stop();
  }

  async #look(turn: Turn, from: FollowerPosition | null): Promise<void> {
    const { mailbox, take } = this.parts;
    const position = await mailbox.collect(from, async (octets) => {
      await take(octets);
      await turn.renew();
    });
    if (position !== null && position !== from) await turn.keep(position);
  }
}

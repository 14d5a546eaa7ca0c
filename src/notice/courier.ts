import type { NoticeChannel, NoticeTurn, Store } from '../store/contract.js';
import { MS } from '../units/duration.js';
import { type BatchStore, batchOf } from './batch.js';
import type { Carrier } from './carrier.js';

export interface CourierParts {
  readonly store: Pick<Store, 'takeNotices' | 'settleNotices'> & BatchStore;
  readonly carriers: Readonly<Record<NoticeChannel, Carrier>>;
  /** An account is told no more often than this. */
  readonly everyMs: number;
  /** What could not be told for so long is not told any more. */
  readonly giveUpAfterMs: number;
  readonly events: CourierEvents;
}

export interface CourierEvents {
  told(turn: NoticeTurn): void;
  /** @param givenUp how many of the notices are not tried again */
  failed(turn: NoticeTurn, error: unknown, givenUp: number): void;
  /** The store did not answer; said once until it does. */
  troubled(error: unknown): void;
}

/** Of each queue, at once: a mail of some hundred lines. */
const MOST_AT_ONCE = 500;
/** Longer than a carrier can take, so that no other process tells the same meanwhile. */
const TURN_MS = 30 * 60_000;
const LOOK_MS = 2_000;
const STOP_WITHIN_MS = 10_000;
const FIRST_RETRY_MS = 60_000;
const LONGEST_RETRY_MS = MS.h;

/** Tells accounts what waits for them, one at a time; each process has one. */
export class Courier {
  #stopped = false;
  #wake: () => void = () => undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(private readonly parts: CourierParts) {}

  start(): void {
    this.#running = this.#run();
  }

  /** Looks now, since something was queued here; what others queue is seen within moments. */
  wake(): void {
    this.#wake();
  }

  /** Waits for what is under way, but not for long: what is not known to be told is told again. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    let timer: NodeJS.Timeout | undefined;
    const tooLong = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_WITHIN_MS);
    });
    await Promise.race([this.#running, tooLong]);
    clearTimeout(timer);
  }

  async #run(): Promise<void> {
    let troubled = false;
    while (!this.#stopped) {
      try {
        while (!this.#stopped && (await this.#tellOne()));
        troubled = false;
      } catch (error) {
        if (!troubled) this.parts.events.troubled(error);
        troubled = true;
      }
      if (!this.#stopped) await this.#pause();
    }
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, LOOK_MS);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** False: nobody is due. */
  async #tellOne(): Promise<boolean> {
    const { store, carriers, events, everyMs } = this.parts;
    const turn = await store.takeNotices({ limit: MOST_AT_ONCE, ttlMs: TURN_MS });
    if (turn === null) return false;
    try {
      const batch = await batchOf(turn, store);
      // What does not hold any more is not spoken of.
      if (batch.notices.length > 0) await carriers[turn.channel].carry(batch);
    } catch (error) {
      await this.#postpone(turn, error);
      return true;
    }
    await store.settleNotices(turn, keysOf(turn), everyMs);
    events.told(turn);
    return true;
  }

  async #postpone(turn: NoticeTurn, error: unknown): Promise<void> {
    const { store, events, giveUpAfterMs } = this.parts;
    const age = Date.now() - (turn.notices[0]?.at ?? 0);
    const givenUp = turn.notices.filter(({ at }) => Date.now() - at > giveUpAfterMs).map(({ key }) => key);
    const wait = Math.min(Math.max(age, FIRST_RETRY_MS), LONGEST_RETRY_MS);
    await store.settleNotices(turn, givenUp, wait);
    events.failed(turn, error, givenUp.length);
  }
}

function keysOf({ notices }: NoticeTurn): readonly string[] {
  return notices.map(({ key }) => key);
}

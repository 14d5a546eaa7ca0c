import type { Delivery } from './log-event.js';
import type { QueueFile } from './queue-file.js';

/** A filter's way back is done a moment before the filter says so; most take seconds. */
const HELD_FOR_MS = 60_000;
/** The next hop logged its id before it told it: later than this it logs elsewhere. */
const EXPECTED_FOR_MS = 10_000;

export interface HeldDelivery {
  readonly file: QueueFile;
  readonly delivery: Delivery;
}

/**
 * Deliveries of which it is not clear yet where their message came from, or
 * whether they are hand-overs within the relay: held for a while, and no more
 * than so many. Each that goes in comes out once, those of one file in their
 * order.
 */
export class HeldDeliveries {
  /** By the file whose parent is looked for, and since when: in the order of that. */
  readonly #ofFiles = new Map<QueueFile, { readonly since: number; readonly deliveries: Delivery[] }>();
  /** Hand-overs on this machine, by the queue id that has not been heard of yet. */
  readonly #handOvers = new Map<string, HeldDelivery[]>();
  #size = 0;

  /** @param most held at once; with more the first go at the next look */
  constructor(private readonly most: number) {}

  get size(): number {
    return this.#size;
  }

  /** Until it is known what the file was before. */
  hold(file: QueueFile, delivery: Delivery): void {
    const held = this.#ofFiles.get(file);
    if (held === undefined) this.#ofFiles.set(file, { since: delivery.at, deliveries: [delivery] });
    else held.deliveries.push(delivery);
    this.#size += 1;
  }

  /** Until the next hop's id is heard of: that may come later in the log, or came in a file before this one. */
  expect(nextId: string, file: QueueFile, delivery: Delivery): void {
    const expected = this.#handOvers.get(nextId);
    if (expected === undefined) this.#handOvers.set(nextId, [{ file, delivery }]);
    else expected.push({ file, delivery });
    this.#size += 1;
  }

  /** What was held of the file, which is not looked into any longer. */
  release(file: QueueFile): readonly Delivery[] {
    const held = this.#ofFiles.get(file);
    if (held === undefined) return [];
    this.#ofFiles.delete(file);
    this.#size -= held.deliveries.length;
    return held.deliveries;
  }

  /** What was handed over to this id. */
  handedOverTo(id: string): readonly HeldDelivery[] {
    const expected = this.#handOvers.get(id) ?? [];
    this.#handOvers.delete(id);
    this.#size -= expected.length;
    return expected;
  }

  /** What need not be waited for any longer, the log being at `now`; with Infinity: everything. */
  ripe(now: number): readonly HeldDelivery[] {
    const ripe: HeldDelivery[] = [];
    for (const [file, { since }] of this.#ofFiles) {
      if (since + HELD_FOR_MS > now && this.#size <= this.most) break;
      for (const delivery of this.release(file)) ripe.push({ file, delivery });
    }
    for (const [id, [first]] of this.#handOvers) {
      if (first !== undefined && first.delivery.at + EXPECTED_FOR_MS > now && this.#size <= this.most) break;
      ripe.push(...this.handedOverTo(id));
    }
    return ripe;
  }
}

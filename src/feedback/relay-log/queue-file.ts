import type { Arrival, Delivery } from './log-event.js';

const LONGEST_CHAIN = 32;
/** Recipients that one hop passed on in one message, remembered to name the original. */
const MOST_PASSED = 1000;

/**
 * One message in the relay's queue, from its first line to `removed`, and what
 * it was before: a message that comes back from a filter is another one, with an
 * id of its own.
 */
export class QueueFile {
  sender: string | null = null;
  messageId: string | null = null;
  /** Its first line was seen. */
  begun = false;
  delivering = false;
  closed = false;
  local = false;
  heardAt: number;
  /** Deferred recipients, for the line that says the message expired. */
  readonly waiting = new Map<string, Delivery>();
  #parent: QueueFile | null = null;
  #suspect: QueueFile | null = null;
  readonly #suspectedBy = new Set<QueueFile>();
  /** Recipients that the parent passed on: as this file may name them, and as the parent's client did. */
  readonly #passed = new Map<string, string>();

  constructor(
    readonly id: string,
    readonly host: string,
    at: number,
  ) {
    this.heardAt = at;
  }

  /** The message was this before it went through a filter. */
  get parent(): QueueFile | null {
    return this.#parent;
  }

  /** From the first to this one. */
  get lineage(): QueueFile[] {
    const line: QueueFile[] = [this];
    for (let file = this.#parent; file !== null && line.length < LONGEST_CHAIN; file = file.#parent) line.unshift(file);
    return line;
  }

  /** It may have been this: same Message-ID, still in the queue when this one came. Null: it has no parent, or that is known. */
  get suspect(): QueueFile | null {
    return this.#suspect;
  }

  set suspect(suspect: QueueFile | null) {
    if (this.#suspect !== null) this.#suspect.#suspectedBy.delete(this);
    this.#suspect = suspect;
    if (suspect !== null) suspect.#suspectedBy.add(this);
  }

  /** Those whose suspect it is. */
  get suspectedBy(): ReadonlySet<QueueFile> {
    return this.#suspectedBy;
  }

  /** The nearest suspect that is still in the queue: of the suspect, if that is done. */
  get openSuspect(): QueueFile | null {
    let suspect = this.#suspect;
    for (let steps = 0; suspect?.closed === true && steps < LONGEST_CHAIN; steps += 1) suspect = suspect.#suspect;
    return suspect?.closed === true ? null : suspect;
  }

  /**
   * It was `parent` before.
   *
   * @param hop the delivery that handed it over; null: another line said so
   * @returns false: it cannot have been, since `parent` was this one before
   */
  comesFrom(parent: QueueFile, hop: Delivery | null): boolean {
    if (parent.lineage.includes(this)) return false;
    this.#parent = parent;
    this.suspect = null;
    if (hop !== null && this.#passed.size < MOST_PASSED) {
      this.#passed.set(hop.recipient, parent.#passed.get(hop.recipient) ?? hop.originalRecipient ?? hop.recipient);
    }
    return true;
  }

  /**
   * The other side's word alone must not make one message of two: a server out
   * there may name any id. A hop elsewhere has to have kept the Message-ID.
   */
  mayComeFrom(parent: QueueFile, hopIsLocal: boolean): boolean {
    if (this === parent || (this.#parent !== null && this.#parent !== parent)) return false;
    if (hopIsLocal || parent.messageId === null || this.messageId === null) return true;
    return parent.messageId === this.messageId;
  }

  /** The id names another message by now: this one was `removed`, or it has begun already. */
  isReusedBy({ first, messageId }: Pick<Arrival, 'first' | 'messageId'>): boolean {
    if (this.closed) return true;
    if (first) return this.begun || this.delivering;
    return messageId !== null && this.messageId !== null && this.messageId !== messageId && this.delivering;
  }

  /** As the client named the recipient: through aliases of this hop, and of those before. Null: as the delivery does. */
  originalOf({ recipient, originalRecipient }: Pick<Delivery, 'recipient' | 'originalRecipient'>): string | null {
    const here = originalRecipient ?? recipient;
    const only = this.#passed.size === 1 ? [...this.#passed.values()][0] : undefined;
    const first = this.#passed.get(here) ?? only ?? here;
    return first === recipient ? null : first;
  }
}

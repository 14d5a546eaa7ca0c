import { MS } from '../../units/duration.js';
import { HeldDeliveries } from './held-deliveries.js';
import type { Arrival, Delivery, Expiry, LogEvent, Removal } from './log-event.js';
import { QueueFile } from './queue-file.js';
import { QueueIndex } from './queue-index.js';
import { type TracedDelivery, traced } from './traced-delivery.js';

export interface QueueFileBounds {
  /** Messages remembered at once. */
  readonly files: number;
  /** Recipients that are waiting for another attempt, over all messages. */
  readonly waiting: number;
  /** Lines held back until it is clear where their message came from. */
  readonly held: number;
}

const BOUNDS: QueueFileBounds = { files: 100_000, waiting: 500_000, held: 10_000 };
/** Done messages that a filter's late line may still name. */
const CLOSED_FILES = 10_000;
/** Longer than any sensible `maximal_queue_lifetime`. */
const FORGOTTEN_AFTER_MS = 15 * MS.d;

/**
 * What is known of the messages in a relay's queue: puts events of one log, in
 * their order, together to deliveries with their chain of queue ids. A hand-over
 * to a content filter is no delivery: what the filter's way back does is. Memory
 * is bounded; what was forgotten costs a chain, never a delivery.
 */
export class QueueFiles {
  readonly #index = new QueueIndex();
  readonly #held: HeldDeliveries;
  #waiting = 0;
  #out: TracedDelivery[] = [];
  readonly #closed = new Set<QueueFile>();
  /** The latest open file of a Message-ID. */
  readonly #byMessageId = new Map<string, QueueFile>();

  constructor(private readonly bounds: QueueFileBounds = BOUNDS) {
    this.#held = new HeldDeliveries(bounds.held);
  }

  /** Messages remembered now. */
  get size(): number {
    return this.#index.size;
  }

  feed(event: LogEvent): TracedDelivery[] {
    this.#ripen(event.at);
    this.#take(event);
    return this.#drain();
  }

  /** What need not be waited for any longer, the log being at `now`. */
  tick(now: number): TracedDelivery[] {
    this.#ripen(now);
    return this.#drain();
  }

  /** The log is at its end: everything that was held back. */
  flush(): TracedDelivery[] {
    this.#emitRipe(Number.POSITIVE_INFINITY);
    return this.#drain();
  }

  #drain(): TracedDelivery[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #ripen(now: number): void {
    this.#forget(now);
    this.#emitRipe(now);
  }

  #emitRipe(now: number): void {
    for (const { file, delivery } of this.#held.ripe(now)) this.#emit(file, delivery);
  }

  #take(event: LogEvent): void {
    switch (event.event) {
      case 'arrived':
        return this.#arrived(event);
      case 'delivery':
        return this.#delivery(event);
      case 'expired':
        return this.#expired(event);
      case 'removed':
        return this.#removed(event);
    }
  }

  #arrived(event: Arrival): void {
    const known = this.#index.find(event.queueId, event.host);
    const file = known === null || known.isReusedBy(event) ? this.#begin(event) : this.#touch(known, event.at);
    file.begun ||= event.first;
    file.local ||= event.local;
    if (event.sender !== null) file.sender = event.sender;
    if (event.previousId !== null) this.#adopt(this.#index.find(event.previousId, event.host), file, null);
    if (event.messageId !== null && file.messageId === null) this.#name(file, event.messageId);
  }

  #delivery(event: Delivery): void {
    const file = this.#touch(this.#index.find(event.queueId, event.host) ?? this.#begin(event), event.at);
    file.delivering = true;
    this.#noteWaiting(file, event);
    if (event.fate === 'sent') {
      const children = this.#childrenOf(file, event);
      for (const child of children) this.#adopt(file, child, event);
      if (children.length > 0) return;
      if (event.nextId !== null && event.nextIsLocal) return this.#held.expect(event.nextId, file, event);
    }
    if (file.parent === null && file.suspect !== null) this.#held.hold(file, event);
    else this.#emit(file, event);
  }

  #expired(event: Expiry): void {
    const file = this.#index.find(event.queueId, event.host);
    if (file === null) return;
    const waiting = [...file.waiting.values()];
    this.#endWaiting(file);
    for (const delivery of waiting) this.#emit(file, { ...delivery, at: event.at, fate: 'expired' });
  }

  #removed(event: Removal): void {
    const file = this.#index.find(event.queueId, event.host);
    if (file === null) return;
    this.#touch(file, event.at).closed = true;
    this.#endWaiting(file);
    this.#unsuspect(file);
    this.#closed.add(file);
    const [oldest] = this.#closed;
    if (this.#closed.size > CLOSED_FILES && oldest !== undefined) this.#drop(oldest);
  }

  /** It can be nobody's parent any more: those that waited for it look further up, or wait no more. */
  #unsuspect(file: QueueFile): void {
    const next = file.openSuspect;
    if (file.messageId !== null && this.#byMessageId.get(file.messageId) === file) {
      if (next === null) this.#byMessageId.delete(file.messageId);
      else this.#byMessageId.set(file.messageId, next);
    }
    for (const child of file.suspectedBy) {
      child.suspect = next;
      if (next === null) this.#release(child);
    }
  }

  #name(file: QueueFile, messageId: string): void {
    file.messageId = messageId;
    const other = this.#byMessageId.get(messageId);
    if (other !== undefined && other !== file && other.host === file.host && file.parent === null) {
      file.suspect = other;
    }
    this.#byMessageId.set(messageId, file);
  }

  /** Whose life in the queue goes on where this delivery ended; none when it left the relay. */
  #childrenOf(file: QueueFile, event: Delivery): QueueFile[] {
    if (event.nextId !== null) {
      const child = this.#index.find(event.nextId, event.host) ?? this.#index.find(event.nextId, null);
      return child?.mayComeFrom(file, event.nextIsLocal) ? [child] : [];
    }
    // A filter that is a program hands the message in again and says nothing of its id.
    return event.agent === 'pipe' ? [...file.suspectedBy].filter((child) => child.local && child.parent === null) : [];
  }

  #adopt(parent: QueueFile | null, child: QueueFile, hop: Delivery | null): void {
    if (parent !== null && child.comesFrom(parent, hop)) this.#release(child);
  }

  #release(file: QueueFile): void {
    for (const delivery of this.#held.release(file)) this.#emit(file, delivery);
  }

  #emit(file: QueueFile, delivery: Delivery): void {
    this.#out.push(traced(file, delivery));
  }

  #noteWaiting(file: QueueFile, event: Delivery): void {
    const before = file.waiting.size;
    if (event.fate !== 'deferred') file.waiting.delete(event.recipient);
    else if (this.#waiting < this.bounds.waiting) file.waiting.set(event.recipient, event);
    this.#waiting += file.waiting.size - before;
  }

  #endWaiting(file: QueueFile): void {
    this.#waiting -= file.waiting.size;
    file.waiting.clear();
  }

  #begin({ queueId, host, at }: Pick<LogEvent, 'queueId' | 'host' | 'at'>): QueueFile {
    const before = this.#index.find(queueId, host);
    if (before !== null) this.#drop(before);
    const file = new QueueFile(queueId, host, at);
    this.#index.add(file);
    for (const { file: parent, delivery } of this.#held.handedOverTo(queueId)) this.#adopt(parent, file, delivery);
    return file;
  }

  #touch(file: QueueFile, at: number): QueueFile {
    this.#index.heard(file, at);
    return file;
  }

  #forget(now: number): void {
    for (const files of this.#index.byAge()) {
      const oldest = files[0];
      if (oldest === undefined) return;
      if (this.size <= this.bounds.files && oldest.heardAt + FORGOTTEN_AFTER_MS > now) return;
      for (const file of [...files]) this.#drop(file);
    }
  }

  /** Its held lines stay held, and come with the chain that is known. */
  #drop(file: QueueFile): void {
    this.#index.remove(file);
    this.#closed.delete(file);
    this.#endWaiting(file);
    this.#unsuspect(file);
    file.suspect = null;
  }
}

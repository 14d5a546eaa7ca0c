import { MS } from '../../units/duration.js';
import type { Arrival, Delivery, Expiry, LogEvent, Removal } from './log-event.js';

/** A delivery with the way that the message came inside the relay. */
export interface TracedDelivery extends Delivery {
  /** Queue ids of this relay, the first being what the client was told, the last that of the line. */
  readonly chain: readonly string[];
  /** Reverse-path of the first; empty for `<>`, null when the log did not say. */
  readonly sender: string | null;
  readonly messageId: string | null;
}

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
/** A filter's way back is done a moment before the filter says so; most take seconds. */
const HELD_FOR_MS = 60_000;
/** The next hop logged its id before it told it: later than this it logs elsewhere. */
const EXPECTED_FOR_MS = 10_000;
const LONGEST_CHAIN = 32;
/** Recipients that one hop passed on in one message, remembered to name the original. */
const MOST_PASSED = 1000;

/** One message in the relay's queue, from its first line to `removed`. */
class QueueFile {
  sender: string | null = null;
  messageId: string | null = null;
  /** The message was this before it went through a filter. */
  parent: QueueFile | null = null;
  /** It may have been this: same Message-ID, still in the queue when this one came. */
  suspect: QueueFile | null = null;
  readonly suspects = new Set<QueueFile>();
  begun = false;
  delivering = false;
  closed = false;
  local = false;
  heardAt: number;
  /** Deferred recipients, for the line that says the message expired. */
  readonly waiting = new Map<string, Delivery>();
  /** Deliveries held back while `suspect` may turn out to be the parent. */
  held: Delivery[] = [];
  /** Recipients that the parent passed on: as this file may name them, and as the parent's client did. */
  readonly passed = new Map<string, string>();

  constructor(
    readonly id: string,
    readonly host: string,
    at: number,
  ) {
    this.heardAt = at;
  }

  get root(): QueueFile {
    return this.lineage[0] ?? this;
  }

  /** From the first to this one. */
  get lineage(): QueueFile[] {
    const line: QueueFile[] = [this];
    for (let file = this.parent; file !== null && line.length < LONGEST_CHAIN; file = file.parent) line.unshift(file);
    return line;
  }
}

interface Expected {
  readonly file: QueueFile;
  readonly delivery: Delivery;
}

/**
 * What is known of the messages in a relay's queue: puts events of one log, in
 * their order, together to deliveries with their chain of queue ids. A hand-over
 * to a content filter is no delivery: what the filter's way back does is. Memory
 * is bounded; what was forgotten costs a chain, never a delivery.
 */
export class QueueFiles {
  /** By queue id, least recently heard first; several when machines share the log. */
  readonly #files = new Map<string, QueueFile[]>();
  #count = 0;
  #waiting = 0;
  #held = 0;
  #out: TracedDelivery[] = [];
  readonly #closed = new Set<QueueFile>();
  /** The latest open file of a Message-ID. */
  readonly #byMessageId = new Map<string, QueueFile>();
  /** Files with held deliveries, and since when. */
  readonly #holding = new Map<QueueFile, number>();
  /** Hand-overs on this machine, by the queue id that has not been heard of yet. */
  readonly #expected = new Map<string, Expected[]>();

  constructor(private readonly bounds: QueueFileBounds = BOUNDS) {}

  /** Messages remembered now. */
  get size(): number {
    return this.#count;
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
    for (const file of [...this.#holding.keys()]) this.#release(file);
    for (const id of [...this.#expected.keys()]) this.#giveUpExpecting(id);
    return this.#drain();
  }

  #drain(): TracedDelivery[] {
    const out = this.#out;
    this.#out = [];
    return out;
  }

  #ripen(now: number): void {
    this.#forget(now);
    for (const [file, since] of this.#holding) {
      if (since + HELD_FOR_MS > now && this.#held <= this.bounds.held) break;
      this.#release(file);
    }
    for (const [id, [first]] of this.#expected) {
      if (first !== undefined && first.delivery.at + EXPECTED_FOR_MS > now && this.#held <= this.bounds.held) break;
      this.#giveUpExpecting(id);
    }
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
    const known = this.#find(event.queueId, event.host);
    const file = known === null || isReused(known, event) ? this.#begin(event) : this.#touch(known, event.at);
    file.begun ||= event.first;
    file.local ||= event.local;
    if (event.sender !== null) file.sender = event.sender;
    if (event.previousId !== null) this.#adopt(this.#find(event.previousId, event.host), file, null);
    if (event.messageId !== null && file.messageId === null) this.#name(file, event.messageId);
  }

  #delivery(event: Delivery): void {
    const file = this.#touch(this.#find(event.queueId, event.host) ?? this.#begin(event), event.at);
    file.delivering = true;
    this.#noteWaiting(file, event);
    if (event.fate === 'sent') {
      const children = this.#childrenOf(file, event);
      for (const child of children) this.#adopt(file, child, event);
      if (children.length > 0) return;
      if (event.nextId !== null && event.nextIsLocal) return this.#expect(file, event, event.nextId);
    }
    if (file.parent === null && file.suspect !== null) this.#hold(file, event);
    else this.#emit(file, event);
  }

  #expired(event: Expiry): void {
    const file = this.#find(event.queueId, event.host);
    if (file === null) return;
    const waiting = [...file.waiting.values()];
    this.#endWaiting(file);
    for (const delivery of waiting) this.#emit(file, { ...delivery, at: event.at, fate: 'expired' });
  }

  #removed(event: Removal): void {
    const file = this.#find(event.queueId, event.host);
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
    const next = openSuspect(file);
    if (file.messageId !== null && this.#byMessageId.get(file.messageId) === file) {
      if (next === null) this.#byMessageId.delete(file.messageId);
      else this.#byMessageId.set(file.messageId, next);
    }
    for (const child of file.suspects) {
      child.suspect = next;
      if (next === null) this.#release(child);
      else next.suspects.add(child);
    }
    file.suspects.clear();
  }

  #name(file: QueueFile, messageId: string): void {
    file.messageId = messageId;
    const other = this.#byMessageId.get(messageId);
    if (other !== undefined && other !== file && other.host === file.host && file.parent === null) {
      file.suspect = other;
      other.suspects.add(file);
    }
    this.#byMessageId.set(messageId, file);
  }

  /** Whose life in the queue goes on where this delivery ended; none when it left the relay. */
  #childrenOf(file: QueueFile, event: Delivery): QueueFile[] {
    if (event.nextId !== null) {
      const child = this.#find(event.nextId, event.host) ?? this.#find(event.nextId, null);
      return child !== null && mayFollow(file, child, event.nextIsLocal) ? [child] : [];
    }
    // A filter that is a program hands the message in again and says nothing of its id.
    return event.agent === 'pipe' ? [...file.suspects].filter((child) => child.local && child.parent === null) : [];
  }

  #adopt(parent: QueueFile | null, child: QueueFile, hop: Delivery | null): void {
    if (parent === null || parent.lineage.includes(child)) return;
    child.parent = parent;
    child.suspect?.suspects.delete(child);
    child.suspect = null;
    if (hop !== null && child.passed.size < MOST_PASSED) {
      child.passed.set(hop.recipient, parent.passed.get(hop.recipient) ?? hop.originalRecipient ?? hop.recipient);
    }
    this.#release(child);
  }

  /** The hop's id may come later in the log, or its first lines were in a file before this one. */
  #expect(file: QueueFile, delivery: Delivery, nextId: string): void {
    const expected = this.#expected.get(nextId);
    if (expected === undefined) this.#expected.set(nextId, [{ file, delivery }]);
    else expected.push({ file, delivery });
    this.#held += 1;
  }

  #giveUpExpecting(id: string): void {
    const given = this.#expected.get(id) ?? [];
    this.#expected.delete(id);
    this.#held -= given.length;
    for (const { file, delivery } of given) this.#emit(file, delivery);
  }

  #hold(file: QueueFile, delivery: Delivery): void {
    file.held.push(delivery);
    this.#held += 1;
    if (!this.#holding.has(file)) this.#holding.set(file, delivery.at);
  }

  #release(file: QueueFile): void {
    if (!this.#holding.delete(file)) return;
    const { held } = file;
    file.held = [];
    this.#held -= held.length;
    for (const delivery of held) this.#emit(file, delivery);
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

  /** The one on that machine; with null, the only one anywhere. */
  #find(id: string, host: string | null): QueueFile | null {
    const files = this.#files.get(id);
    if (files === undefined) return null;
    if (host === null) return files.length === 1 ? (files[0] ?? null) : null;
    return files.find((file) => file.host === host) ?? null;
  }

  #begin({ queueId, host, at }: Pick<LogEvent, 'queueId' | 'host' | 'at'>): QueueFile {
    const before = this.#find(queueId, host);
    if (before !== null) this.#drop(before);
    const file = new QueueFile(queueId, host, at);
    this.#files.set(queueId, [...(this.#files.get(queueId) ?? []), file]);
    this.#count += 1;
    const expected = this.#expected.get(queueId) ?? [];
    for (const { file: parent, delivery } of expected) this.#adopt(parent, file, delivery);
    this.#held -= expected.length;
    this.#expected.delete(queueId);
    return file;
  }

  #touch(file: QueueFile, at: number): QueueFile {
    file.heardAt = Math.max(file.heardAt, at);
    const files = this.#files.get(file.id);
    if (files !== undefined) {
      this.#files.delete(file.id);
      this.#files.set(file.id, files);
    }
    return file;
  }

  #forget(now: number): void {
    for (const files of this.#files.values()) {
      const oldest = files[0];
      if (oldest === undefined) return;
      if (this.#count <= this.bounds.files && oldest.heardAt + FORGOTTEN_AFTER_MS > now) return;
      for (const file of [...files]) this.#drop(file);
    }
  }

  /** Its held lines stay held, and come with the chain that is known. */
  #drop(file: QueueFile): void {
    const left = (this.#files.get(file.id) ?? []).filter((other) => other !== file);
    if (left.length === 0) this.#files.delete(file.id);
    else this.#files.set(file.id, left);
    this.#count -= 1;
    this.#closed.delete(file);
    this.#endWaiting(file);
    file.suspect?.suspects.delete(file);
    this.#unsuspect(file);
  }
}

function traced(file: QueueFile, delivery: Delivery): TracedDelivery {
  const { lineage, root } = file;
  return {
    ...delivery,
    originalRecipient: originalOf(file, delivery),
    chain: lineage.map(({ id }) => id),
    sender: root.sender ?? file.sender,
    messageId: root.messageId ?? file.messageId,
  };
}

/** `removed`, or the first line of a message that was begun already. */
function isReused(file: QueueFile, event: Arrival): boolean {
  if (file.closed) return true;
  if (event.first) return file.begun || file.delivering;
  return event.messageId !== null && file.messageId !== null && file.messageId !== event.messageId && file.delivering;
}

function openSuspect(file: QueueFile): QueueFile | null {
  let suspect = file.suspect;
  for (let steps = 0; suspect?.closed === true && steps < LONGEST_CHAIN; steps += 1) suspect = suspect.suspect;
  return suspect?.closed === true ? null : suspect;
}

/**
 * The other side's word alone must not make one message of two: a server out
 * there may name any id. A hop elsewhere has to have kept the Message-ID.
 */
function mayFollow(file: QueueFile, child: QueueFile, nextIsLocal: boolean): boolean {
  if (child === file || (child.parent !== null && child.parent !== file)) return false;
  if (nextIsLocal || file.messageId === null || child.messageId === null) return true;
  return file.messageId === child.messageId;
}

/** As the client named the recipient: through aliases of this hop, and of those before. */
function originalOf(file: QueueFile, { recipient, originalRecipient }: Delivery): string | null {
  const here = originalRecipient ?? recipient;
  const only = file.passed.size === 1 ? [...file.passed.values()][0] : undefined;
  const first = file.passed.get(here) ?? only ?? here;
  return first === recipient ? null : first;
}

import { letterAt } from './letter.js';

/** One packet of the milter protocol: a command's letter and what belongs to it. */
export interface Frame {
  readonly code: string;
  /** Not to be changed: other frames may share its memory. */
  readonly payload: Buffer;
}

/** The peer does not speak the protocol, or says more in one packet than is read. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
}

const PREFIX = 4;
const FEWEST = 4096;

/**
 * Cuts a stream of octets into packets (protocol.md, "Packets"). Memory is
 * bounded by twice the largest packet that `limitOf` allows, and grows with what
 * was received, not with what was announced.
 */
export class FrameReader {
  #buffer: Buffer = Buffer.alloc(0);
  #start = 0;
  #end = 0;
  /** Whether octets may be appended to the buffer: a chunk of the socket's is not ours. */
  #own = false;

  /** @param limitOf octets that the payload of a packet of this letter may have */
  constructor(private readonly limitOf: (code: string) => number) {}

  /** Octets of a packet that is not whole yet. */
  get pending(): number {
    return this.#end - this.#start;
  }

  push(chunk: Buffer): void {
    if (this.pending === 0) {
      this.#buffer = chunk;
      this.#start = 0;
      this.#end = chunk.length;
      this.#own = false;
      return;
    }
    if (!this.#own || this.#buffer.length - this.#end < chunk.length) this.#grow(chunk.length);
    // Behind all that was handed out, so no frame changes.
    this.#end += chunk.copy(this.#buffer, this.#end);
  }

  /** The next whole packet; null: more octets are needed. Throws MalformedFrame. */
  next(): Frame | null {
    if (this.pending < PREFIX) return null;
    const length = this.#buffer.readUInt32BE(this.#start);
    if (length === 0) throw new MalformedFrame('a packet without a command');
    if (this.pending === PREFIX) return null;
    const begin = this.#start + PREFIX;
    const code = letterAt(this.#buffer, begin);
    if (length - 1 > this.limitOf(code)) throw new MalformedFrame(`a packet of ${length} octets`);
    if (this.pending < PREFIX + length) return null;
    this.#start = begin + length;
    return { code, payload: this.#buffer.subarray(begin + 1, this.#start) };
  }

  #grow(more: number): void {
    const needed = this.pending + more;
    const larger = Buffer.allocUnsafe(Math.max(2 * needed, FEWEST));
    this.#buffer.copy(larger, 0, this.#start, this.#end);
    this.#end = this.pending;
    this.#start = 0;
    this.#buffer = larger;
    this.#own = true;
  }
}

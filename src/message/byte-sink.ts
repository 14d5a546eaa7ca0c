/** Octets that are kept up to a limit; copied, so that no network buffer is held for a few of them. */
export class ByteSink {
  #buffer = Buffer.alloc(0);
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Takes as many as `room` allows, and says how many those were. */
  append(chunk: Buffer, from: number, to: number, room: number): number {
    const count = Math.min(to - from, room);
    if (count <= 0) return 0;
    const needed = this.#length + count;
    if (needed > this.#buffer.length) this.#grow(needed);
    chunk.copy(this.#buffer, this.#length, from, from + count);
    this.#length = needed;
    return count;
  }

  /** What was kept; the sink is empty afterwards. */
  take(): Buffer {
    const taken = this.#buffer.subarray(0, this.#length);
    this.#buffer = Buffer.alloc(0);
    this.#length = 0;
    return taken;
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafe(Math.max(needed, 2 * this.#buffer.length, 1024));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
  }
}

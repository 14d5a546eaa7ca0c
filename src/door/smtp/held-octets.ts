/** A chunk this small is copied: kept as it came it costs more for its bookkeeping than for its octets. */
const SMALL = 4 * 1024;
const BLOCK = 16 * 1024;

/**
 * The octets of a message that are held in memory. A client that sends them one
 * by one must not make each cost a buffer of its own: 256 KiB sent so would take
 * some 50 MiB.
 */
export class HeldOctets {
  #whole: Buffer[] = [];
  #block: Buffer | null = null;
  #used = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  add(octets: Buffer): void {
    this.#length += octets.length;
    if (octets.length > SMALL) {
      this.#closeBlock();
      this.#whole.push(octets);
      return;
    }
    if (this.#block !== null && this.#used + octets.length > this.#block.length) this.#closeBlock();
    // A small message is one small chunk: kept, until a second one comes.
    if (this.#block === null && this.#whole.length === 0) {
      this.#whole.push(octets);
      return;
    }
    this.#block ??= Buffer.allocUnsafeSlow(BLOCK);
    octets.copy(this.#block, this.#used);
    this.#used += octets.length;
  }

  /** All of it in order, in pieces as they are held: a message near the window is not copied. Nothing is held afterwards. */
  take(prefix: Buffer): Buffer[] {
    this.#closeBlock();
    const pieces = this.#whole;
    this.drop();
    const [first] = pieces;
    if (first === undefined) return prefix.length === 0 ? [] : [prefix];
    if (first.length > SMALL) return prefix.length === 0 ? pieces : [prefix, ...pieces];
    // One write for a small message.
    pieces[0] = Buffer.concat([prefix, first]);
    return pieces;
  }

  drop(): void {
    this.#whole = [];
    this.#block = null;
    this.#used = 0;
    this.#length = 0;
  }

  #closeBlock(): void {
    if (this.#block !== null) this.#whole.push(this.#block.subarray(0, this.#used));
    this.#block = null;
    this.#used = 0;
  }
}

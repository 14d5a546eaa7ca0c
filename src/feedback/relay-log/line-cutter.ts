/** Longer lines are passed over: no relay writes them. */
const MAX_LINE_OCTETS = 256 * 1024;
const LF = 10;

/** Cuts octets into whole lines and knows where in the file the next one begins. */
export class LineCutter {
  #rest: Buffer = Buffer.alloc(0);
  #skipping = false;

  /** @param offset where the first octet that comes stands in the file */
  constructor(private offset: number) {}

  /** Where the line that is not whole yet begins. */
  get position(): number {
    return this.offset;
  }

  cut(chunk: Buffer): string[] {
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const lines: string[] = [];
    let from = 0;
    for (let end = octets.indexOf(LF); end >= 0; end = octets.indexOf(LF, from)) {
      if (!this.#skipping) lines.push(octets.toString('utf8', from, octets[end - 1] === 13 ? end - 1 : end));
      this.#skipping = false;
      from = end + 1;
    }
    this.offset += from;
    this.#rest = Buffer.from(octets.subarray(from));
    if (this.#rest.length > MAX_LINE_OCTETS) {
      this.offset += this.#rest.length;
      this.#rest = Buffer.alloc(0);
      this.#skipping = true;
    }
    return lines;
  }
}

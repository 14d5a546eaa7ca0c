/** The header section may be longer: what stands beyond is not looked at. */
const LOOKED_AT = 32 * 1024;
const END = Buffer.from('\r\n\r\n');
const FIELD = /(?:^|\r\n)message-id:[ \t]*(?:\r\n[ \t]+)?(<[^<>\r\n]{1,990}>)/i;

/** Finds the Message-ID (RFC 5322 §3.6.4) in a message that streams by, at the cost of a look at its header section. */
export class MessageIdFinder {
  #header: Buffer[] = [];
  #length = 0;
  #found: string | null | undefined;

  /** Octets of the message; they must not change afterwards. */
  feed(chunk: Buffer): void {
    if (this.#found !== undefined) return;
    this.#header.push(chunk);
    this.#length += chunk.length;
    if (this.#length < LOOKED_AT && !chunk.includes(END)) return;
    this.#look();
  }

  /** With angle brackets; null: none so far. */
  get messageId(): string | null {
    if (this.#found === undefined) this.#look();
    return this.#found ?? null;
  }

  #look(): void {
    const octets = Buffer.concat(this.#header).subarray(0, LOOKED_AT);
    const end = octets.indexOf(END);
    this.#found = FIELD.exec(octets.toString('latin1', 0, end < 0 ? octets.length : end))?.[1] ?? null;
    this.#header = [];
  }
}

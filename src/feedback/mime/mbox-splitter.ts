/** Splits an mbox, chunk by chunk, at its `From ` lines. */

const NEWLINE = 0x0a;
const START = 'From ';
/** `From sender date`: the date tells a separator from a sentence that begins with the word. */
const SEPARATOR = /^From (?:\S.{0,998} )?(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[, ]|.{0,200}\d{1,2}:\d{2})/;
const MAX_SEPARATOR = 1_200;
/** Words that a bounce puts above the message that it returns, whose first line may be `From …` too. */
const ANNOUNCEMENT =
  /(?:original|returned|bounced|rejected|refused|undelivered|unsent|failed) (?:message|e-?mail|mail)(?: headers?| follows?)?\W{0,10}:\s*$|copy of (?:the|your) .{0,20}message\W*$/i;

export class MboxSplitter {
  readonly #maxOctets: number;
  #lines: Buffer[] = [];
  #octets = 0;
  #rest: Buffer = Buffer.alloc(0);
  #afterBlank = true;
  /** The last line that is not blank. */
  #above: Buffer = Buffer.alloc(0);

  /** Of a longer message, the first `maxOctets` are kept. */
  constructor(maxOctets: number) {
    this.#maxOctets = maxOctets;
  }

  /** The messages that this chunk completes. */
  push(chunk: Buffer): Buffer[] {
    const complete: Buffer[] = [];
    const octets = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let from = 0;
    for (let end = octets.indexOf(NEWLINE); end !== -1; end = octets.indexOf(NEWLINE, from)) {
      this.#line(octets.subarray(from, end + 1), complete);
      from = end + 1;
    }
    this.#rest = octets.subarray(from);
    // A line without an end is content: it must not make the next chunks' joining quadratic.
    if (this.#rest.length > MAX_SEPARATOR) {
      this.#keep(this.#rest);
      this.#afterBlank = false;
      this.#above = Buffer.alloc(0);
      this.#rest = Buffer.alloc(0);
    }
    return complete;
  }

  /** The last message; null when there was nothing since the one before. */
  end(): Buffer | null {
    this.#keep(this.#rest);
    this.#rest = Buffer.alloc(0);
    return this.#octets === 0 ? null : this.#take();
  }

  #line(line: Buffer, complete: Buffer[]): void {
    const parts = this.#afterBlank && this.#octets > 0 && isSeparator(line) && !announces(this.#above);
    if (parts) complete.push(this.#take());
    this.#keep(line);
    this.#afterBlank = line.length <= 2 && /^\r?\n$/.test(line.toString('latin1'));
    if (!this.#afterBlank) this.#above = line;
  }

  #keep(octets: Buffer): void {
    const room = this.#maxOctets - this.#octets;
    if (room <= 0 || octets.length === 0) return;
    // A copy: the chunk that it is part of must not stay in memory for it.
    this.#lines.push(Buffer.from(octets.subarray(0, room)));
    this.#octets += Math.min(room, octets.length);
  }

  #take(): Buffer {
    const message = Buffer.concat(this.#lines);
    this.#lines = [];
    this.#octets = 0;
    return message;
  }
}

function announces(line: Buffer): boolean {
  return line.length < 160 && ANNOUNCEMENT.test(line.toString('latin1'));
}

function isSeparator(line: Buffer): boolean {
  return (
    line.length < MAX_SEPARATOR &&
    line.subarray(0, START.length).toString('latin1') === START &&
    SEPARATOR.test(line.toString('latin1'))
  );
}

import type { ServiceReplyName } from '../../smtp/service-replies.js';

export interface ScannerOptions {
  readonly bareNewline: 'reject' | 'normalise';
  readonly longLines: 'pass' | 'reject';
}

export interface Scanned {
  /** Message bytes in wire form (dot-stuffed), never ending in CR alone. May be empty. */
  readonly content: Buffer;
  /** After the end of data: what followed it in the chunk. Null: the message goes on. */
  readonly rest: Buffer | null;
}

const END = Buffer.from('\r\n.\r\n');
const DATA_LINE_END = Buffer.from('\r\n');
const CR = 13;
const LF = 10;
const DOT = 46;
const LINE_LIMIT = 998;
const NOTHING = Buffer.alloc(0);

/**
 * Finds the end of data in the bytes after DATA: CRLF.CRLF and nothing else
 * (RFC 5321 §4.1.1.4). Anything that a relay might take for it instead, a CR or
 * LF alone, is found here, so that no relay can see two messages where we saw
 * one (SMTP smuggling).
 *
 * The library's own reader looks at each byte in JavaScript and hands bare
 * newlines through; this one searches the end with `Buffer.indexOf`.
 */
export class MessageScanner {
  // What may turn out to begin the end of data. It starts as the CRLF of the
  // DATA command itself: a message may be empty, its first line may be a dot.
  #tail: Buffer = DATA_LINE_END;
  #skip = 2;
  #lineLength = 0;
  #atLineStart = true;
  /** Normalising: a dot that comes now begins a line to the relay but not to the client. */
  #stuffNext = false;
  /** Normalising: the line so far is one dot, and no more may end it. */
  #loneDot = false;
  #violation: ServiceReplyName | null = null;
  #size = 0;

  constructor(private readonly options: ScannerOptions) {}

  /** Octets of the message so far, without stuffed dots (RFC 1870 §6.4). */
  get size(): number {
    return this.#size;
  }

  /** The first thing found that must not be relayed. */
  get violation(): ServiceReplyName | null {
    return this.#violation;
  }

  feed(chunk: Buffer): Scanned {
    // Only a dot makes an end of data with the line end of the command: else the first chunk need not be copied.
    if (this.#tail === DATA_LINE_END && chunk.length > 0 && chunk[0] !== DOT) {
      this.#tail = NOTHING;
      this.#skip = 0;
    }
    const bytes = this.#tail.length === 0 ? chunk : Buffer.concat([this.#tail, chunk]);
    const end = bytes.indexOf(END);
    if (end >= 0) {
      this.#tail = NOTHING;
      return { content: this.#pass(bytes.subarray(0, end + 2)), rest: bytes.subarray(end + END.length) };
    }
    const keep = tailLength(bytes);
    // Copied, so that four bytes do not keep a whole chunk in memory.
    this.#tail = Buffer.from(bytes.subarray(bytes.length - keep));
    return { content: this.#pass(bytes.subarray(0, bytes.length - keep)), rest: null };
  }

  #pass(bytes: Buffer): Buffer {
    // The CRLF of the DATA command itself is no content.
    const content = this.#skip === 0 ? bytes : bytes.subarray(Math.min(this.#skip, bytes.length));
    this.#skip -= bytes.length - content.length;
    if (content.length === 0) return content;
    const atLineStart = this.#atLineStart;
    const malformed = this.#inspect(content);
    if (malformed === null && !this.#stuffNext && !this.#loneDot) return content;
    if (this.options.bareNewline === 'normalise') return this.#normalise(content, atLineStart);
    this.#violation ??= malformed;
    return content;
  }

  /**
   * Counts, and tells the first malformation. From line end to line end by
   * `indexOf`: a look at each octet in JavaScript took three times as long.
   */
  #inspect(content: Buffer): 'bareNewline' | 'nulByte' | null {
    let bare = -1;
    let dots = this.#atLineStart && content[0] === DOT ? 1 : 0;
    let lineStart = -this.#lineLength;
    for (let lf = content.indexOf(LF); lf >= 0; lf = content.indexOf(LF, lf + 1)) {
      if (bare < 0) {
        const cr = content.indexOf(CR, Math.max(lineStart, 0));
        if (cr < 0 || cr > lf) bare = lf;
        else if (cr < lf - 1) bare = cr;
      }
      if (lf - 1 - lineStart > LINE_LIMIT) this.#longLine();
      lineStart = lf + 1;
      if (content[lf - 1] === CR && content[lineStart] === DOT) dots += 1;
    }
    if (bare < 0) bare = content.indexOf(CR, Math.max(lineStart, 0));
    const nul = content.indexOf(0);
    this.#lineLength = content.length - lineStart;
    // After a bare LF the client's line goes on: it did not stuff a dot there.
    this.#atLineStart = content[content.length - 1] === LF && content[content.length - 2] === CR;
    this.#size += content.length - dots;
    if (nul >= 0 && (bare < 0 || nul < bare)) return 'nulByte';
    return bare < 0 ? null : 'bareNewline';
  }

  #longLine(): void {
    if (this.options.longLines === 'reject') this.#violation ??= 'lineTooLong';
  }

  /**
   * Bare CR and LF become CRLF and NUL goes. A line that begins so is none to
   * the client, which did not stuff its dot; it is one to the relay.
   */
  #normalise(content: Buffer, atLineStart: boolean): Buffer {
    const clean = Buffer.alloc(content.length * 3 + 1);
    let length = 0;
    let lineStart = atLineStart;
    for (let i = 0; i < content.length; i += 1) {
      const byte = content[i] as number;
      if (byte === 0) {
        this.#stuffNext ||= lineStart;
        lineStart = false;
        continue;
      }
      if (this.#stuffNext && byte === DOT) clean[length++] = DOT;
      if (byte !== CR && byte !== LF) {
        this.#loneDot = lineStart && byte === DOT;
        this.#stuffNext = false;
        lineStart = false;
        clean[length++] = byte;
        continue;
      }
      if (this.#loneDot) clean[length++] = DOT;
      this.#loneDot = false;
      this.#stuffNext = false;
      lineStart = byte === CR && content[i + 1] === LF;
      clean[length++] = CR;
      clean[length++] = LF;
      if (lineStart) i += 1;
      else this.#stuffNext = true;
    }
    return clean.subarray(0, length);
  }
}

/** How many of the last bytes may begin the end of data, or are a CR whose LF may follow. */
function tailLength(bytes: Buffer): number {
  for (let length = Math.min(END.length - 1, bytes.length); length > 0; length -= 1) {
    if (bytes.subarray(bytes.length - length).equals(END.subarray(0, length))) return length;
  }
  return 0;
}

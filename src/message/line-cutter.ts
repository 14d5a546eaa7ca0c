/** Cuts a stream of octets where lines matter: at empty lines of header sections and at lines that may be boundaries. */

const LF = 0x0a;
const CR = 0x0d;
const DASH = 0x2d;
const DASHES = Buffer.from('--');

/** RFC 2046 §5.1.1 allows 70 octets for a boundary; longer ones occur, and space after it is allowed. */
const MAX_CANDIDATE = 300;

export interface LineReader {
  /** What the octets that come are: `fields` ends with an empty line; `skipped` has no boundaries in it. */
  expects(): 'fields' | 'body' | 'skipped';
  /** Octets of lines that are none of the following; cut anywhere. */
  content(chunk: Buffer, from: number, to: number): void;
  /** An empty line, where `fields` are expected. */
  emptyLine(octets: number): void;
  /** A whole line that begins with two dashes, without its end, and how many octets it has with it; false: it is content after all. */
  dashLine(line: string, octets: number): boolean;
}

/** Octets may come in chunks of any size; the reader sees the same. */
export class LineCutter {
  /** Start of a line that may be special, not yet whole. */
  readonly #candidate = Buffer.alloc(MAX_CANDIDATE);
  #candidateLength = 0;
  #lineStart = true;

  constructor(private readonly reader: LineReader) {}

  feed(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#lineStart) at = this.#atLineStart(chunk, at);
      else if (this.reader.expects() === 'fields') at = this.#toLineEnd(chunk, at);
      else at = this.#toDashes(chunk, at);
    }
  }

  end(): void {
    if (this.#candidateLength > 0) this.#decide();
  }

  #toLineEnd(chunk: Buffer, at: number, from = at): number {
    const newline = chunk.indexOf(LF, from);
    const end = newline < 0 ? chunk.length : newline + 1;
    this.reader.content(chunk, at, end);
    this.#lineStart = newline >= 0;
    return end;
  }

  /**
   * Everything up to the next line that begins with two dashes. Those are rare:
   * base64 has none, so that an attachment is passed by natively.
   */
  #toDashes(chunk: Buffer, at: number): number {
    if (this.reader.expects() === 'skipped') {
      this.reader.content(chunk, at, chunk.length);
      return chunk.length;
    }
    const dashes = chunk.indexOf(DASHES, at);
    if (dashes > at && chunk[dashes - 1] === LF) {
      this.reader.content(chunk, at, dashes);
      this.#lineStart = true;
      return dashes;
    }
    // Dashes within a line: it has no others that matter.
    if (dashes >= 0) return this.#toLineEnd(chunk, at, dashes);
    // The last octet may begin a candidate: a dash at the start of a line.
    let end = chunk.length;
    if (end - at >= 2 && chunk[end - 1] === DASH && chunk[end - 2] === LF) end -= 1;
    this.reader.content(chunk, at, end);
    this.#lineStart = chunk[end - 1] === LF;
    return end;
  }

  #atLineStart(chunk: Buffer, at: number): number {
    const fields = this.reader.expects() === 'fields';
    if (this.#candidateLength === 0 && !mayBeSpecial(chunk[at], fields)) {
      this.#lineStart = false;
      return at;
    }
    const newline = chunk.indexOf(LF, at);
    const end = Math.min(newline < 0 ? chunk.length : newline + 1, at + MAX_CANDIDATE - this.#candidateLength);
    chunk.copy(this.#candidate, this.#candidateLength, at, end);
    this.#candidateLength += end - at;
    const whole = end === newline + 1;
    if (whole || this.#candidateLength === MAX_CANDIDATE || !this.#stillSpecial(fields)) this.#decide();
    return end;
  }

  /** Of a line's start: whether what follows could make it special. */
  #stillSpecial(fields: boolean): boolean {
    const [first, second] = this.#candidate;
    if (this.#candidateLength < 2) return true;
    return first === DASH ? second === DASH : fields && first === CR && second === LF;
  }

  #decide(): void {
    const length = this.#candidateLength;
    this.#candidateLength = 0;
    const ended = this.#candidate[length - 1] === LF;
    const text = ended || length < MAX_CANDIDATE ? lineWithoutEnd(this.#candidate, length) : null;
    this.#lineStart = ended;
    if (text === '' && ended && this.reader.expects() === 'fields') this.reader.emptyLine(length);
    else if (text === null || !text.startsWith('--') || !this.reader.dashLine(text, length))
      this.reader.content(this.#candidate, 0, length);
  }
}

function mayBeSpecial(octet: number | undefined, fields: boolean): boolean {
  return octet === DASH || (fields && (octet === CR || octet === LF));
}

function lineWithoutEnd(octets: Buffer, length: number): string {
  let end = length;
  if (octets[end - 1] === LF) end -= 1;
  if (end < length && octets[end - 1] === CR) end -= 1;
  return octets.toString('latin1', 0, end);
}

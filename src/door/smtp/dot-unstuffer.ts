const STUFFED = Buffer.from('\r\n.');
const CR = 13;
const LF = 10;
const DOT = 46;
const NOTHING = Buffer.alloc(0);

/**
 * Takes the dots off that RFC 5321 §4.5.2 put before lines that begin with one.
 * Most chunks have none and pass as they are.
 */
export class DotUnstuffer {
  /** Of the CRLF before a line so much has come: 2 at the start of a line. */
  #matched = 2;

  unstuff(chunk: Buffer): Buffer {
    if (chunk.length === 0) return NOTHING;
    const pieces: Buffer[] = [];
    let from = 0;
    for (let dot = this.#firstDot(chunk); dot >= 0; dot = nextDot(chunk, from)) {
      if (dot > from) pieces.push(chunk.subarray(from, dot));
      from = dot + 1;
    }
    if (from < chunk.length) pieces.push(chunk.subarray(from));
    this.#matched = endOf(chunk, this.#matched);
    const [only] = pieces;
    return pieces.length === 1 && only !== undefined ? only : Buffer.concat(pieces);
  }

  /** It may belong to a CRLF of the chunk before, or one that is cut in two. */
  #firstDot(chunk: Buffer): number {
    if (this.#matched === 2 && chunk[0] === DOT) return 0;
    if (this.#matched === 1 && chunk[0] === LF && chunk[1] === DOT) return 1;
    return nextDot(chunk, 0);
  }
}

/** Where the next stuffed dot is; -1: nowhere. */
function nextDot(chunk: Buffer, from: number): number {
  const at = chunk.indexOf(STUFFED, from);
  return at < 0 ? -1 : at + 2;
}

function endOf(chunk: Buffer, before: number): number {
  const last = chunk[chunk.length - 1];
  if (last === CR) return 1;
  if (last !== LF) return 0;
  const previous = chunk.length > 1 ? chunk[chunk.length - 2] === CR : before === 1;
  return previous ? 2 : 0;
}

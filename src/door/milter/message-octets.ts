/** Takes the octets of a message as they come; what rules read messages by. */
export interface OctetSink {
  /** The chunk must not change afterwards. */
  feed(chunk: Buffer): void;
}

const CRLF = Buffer.from('\r\n');
const COLON = Buffer.from(':');
const COLON_SPACE = Buffer.from(': ');
const LF = 0x0a;
const CR = 0x0d;

/**
 * Puts a message together again from the pieces that a filter gets: header
 * fields without their ends, and pieces of the body. Counts its octets as
 * RFC 1870 does, and hands them on. Nothing is kept.
 *
 * The MTA has taken the Received field that it puts on top out of what it
 * shows, so that the size is that of the message as the client sent it.
 */
export class MessageOctets {
  #size = 0;
  #headerOpen = true;

  /** @param leadingSpace whether values of fields come with the space after the colon */
  constructor(
    private readonly sink: OctetSink | null,
    private readonly leadingSpace: boolean,
  ) {}

  get size(): number {
    return this.#size;
  }

  field(name: Buffer, value: Buffer): void {
    this.#take(name);
    this.#take(this.leadingSpace ? COLON : COLON_SPACE);
    this.#take(withCrlf(value));
    this.#take(CRLF);
  }

  endOfHeader(): void {
    if (!this.#headerOpen) return;
    this.#headerOpen = false;
    this.#take(CRLF);
  }

  body(octets: Buffer): void {
    if (octets.length === 0) return;
    // An MTA that was told not to send the end of the header section.
    this.endOfHeader();
    this.#take(octets);
  }

  #take(octets: Buffer): void {
    this.#size += octets.length;
    this.sink?.feed(octets);
  }
}

/** Folded fields come with bare line feeds, from Postfix and Sendmail alike. */
function withCrlf(value: Buffer): Buffer {
  let at = value.indexOf(LF);
  if (at < 0) return value;
  const pieces: Buffer[] = [];
  let from = 0;
  while (at >= 0) {
    pieces.push(value.subarray(from, at > from && value[at - 1] === CR ? at - 1 : at), CRLF);
    from = at + 1;
    at = value.indexOf(LF, from);
  }
  pieces.push(value.subarray(from));
  return Buffer.concat(pieces);
}

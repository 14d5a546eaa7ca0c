import type { OctetSink } from '../../transaction/message-reading.js';

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
 * shows, so that the size is that of the message as the client sent it, and of
 * the fields that the MTA found missing and added.
 *
 * Every verb gives a promise where the sink wants it to be waited for.
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

  field(name: Buffer, value: Buffer): Promise<void> | undefined {
    return this.#take(joined(name, this.leadingSpace ? COLON : COLON_SPACE, withCrlf(value)));
  }

  endOfHeader(): Promise<void> | undefined {
    if (!this.#headerOpen) return undefined;
    this.#headerOpen = false;
    return this.#take(CRLF);
  }

  body(octets: Buffer): Promise<void> | undefined {
    if (octets.length === 0) return undefined;
    // An MTA that was told not to send the end of the header section.
    return this.#take(this.#headerOpen ? Buffer.concat([this.#closeHeader(), octets]) : octets);
  }

  #closeHeader(): Buffer {
    this.#headerOpen = false;
    return CRLF;
  }

  #take(octets: Buffer): Promise<void> | undefined {
    this.#size += octets.length;
    return this.sink?.feed(octets);
  }
}

/** One field with its end. Some thousands a second: Buffer.concat takes twice as long. */
function joined(name: Buffer, colon: Buffer, value: Buffer): Buffer {
  const valueAt = name.length + colon.length;
  const endAt = valueAt + value.length;
  const field = Buffer.allocUnsafe(endAt + CRLF.length);
  field.set(name);
  field.set(colon, name.length);
  field.set(value, valueAt);
  field.set(CRLF, endAt);
  return field;
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

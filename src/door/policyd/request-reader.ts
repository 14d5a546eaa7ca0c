/**
 * The bytes of a policy connection: `name=value` lines, each ended by a line
 * feed, an empty line after the last of a request (Postfix,
 * SMTPD_POLICY_README, "Protocol description"). Bounded in every direction,
 * since whoever connects may be no Postfix.
 */

export type Attributes = ReadonlyMap<string, string>;

export interface Reading {
  /** Whole requests, in order. */
  readonly requests: readonly Attributes[];
  /** Why nothing more will be read; nothing of the peer's is in it. Null: go on. */
  readonly malformed: string | null;
}

/** Postfix sends some thirty names of at most 24 octets. */
const MAX_ATTRIBUTES = 100;
const MAX_NAME = 64;
/** Addresses, HELO names and certificate subjects have at most Postfix's `line_length_limit`, 2048, as sent by clients. */
const MAX_VALUE = 4096;
const MAX_REQUEST = 32 * 1024;

const NOTHING: Buffer = Buffer.alloc(0);
const LINE_FEED = 10;
const END = Buffer.from('\n\n');
const NAME = /^[A-Za-z0-9_.-]+$/;

export class RequestReader {
  #pending = NOTHING;
  #malformed: string | null = null;

  /** A request has begun and is not complete. */
  get midway(): boolean {
    return this.#pending.length > 0;
  }

  /** Takes what came, cut anywhere. Never throws. */
  read(chunk: Buffer): Reading {
    const requests: Attributes[] = [];
    // The end may have come in two pieces.
    let searchFrom = Math.max(0, this.#pending.length - 1);
    let bytes = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (this.#malformed === null && bytes.length > 0) {
      const end = bytes[0] === LINE_FEED ? 0 : bytes.indexOf(END, searchFrom);
      if (end < 0 ? bytes.length > MAX_REQUEST : end > MAX_REQUEST) {
        this.#malformed = `a request of more than ${MAX_REQUEST} octets`;
        break;
      }
      if (end < 0) break;
      const read = end === 0 ? 'a request without attributes' : readAttributes(bytes.subarray(0, end));
      if (typeof read === 'string') this.#malformed = read;
      else requests.push(read);
      bytes = bytes.subarray(end + END.length);
      searchFrom = 0;
    }
    // A copy, or a few octets would keep the whole chunk in memory.
    this.#pending = this.#malformed !== null || bytes.length === 0 ? NOTHING : Buffer.from(bytes);
    return { requests, malformed: this.#malformed };
  }
}

function readAttributes(request: Buffer): Attributes | string {
  if (request.includes(0)) return 'a NUL';
  const lines = request.toString('utf8').split('\n');
  if (lines.length > MAX_ATTRIBUTES) return `more than ${MAX_ATTRIBUTES} attributes`;
  const attributes = new Map<string, string>();
  for (const line of lines) {
    const equals = line.indexOf('=');
    if (equals < 0) return 'a line without an equals sign';
    if (equals > MAX_NAME) return `a name of more than ${MAX_NAME} octets`;
    if (line.length - equals - 1 > MAX_VALUE) return `a value of more than ${MAX_VALUE} octets`;
    const name = line.slice(0, equals);
    if (!NAME.test(name)) return 'a name that is none';
    attributes.set(name, line.slice(equals + 1));
  }
  return attributes;
}

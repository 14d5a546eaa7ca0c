import { isAscii } from 'node:buffer';
import type { RelayReply } from '../smtp/reply.js';

/**
 * Far above RFC 5321 §4.5.3.1.5's 512 octets, which real relays exceed; but no
 * relay may make us hold, or pass on, what it likes.
 */
const MAX_LINE_OCTETS = 4096;
const MAX_LINES = 128;
const MAX_REPLY_OCTETS = 32 * 1024;

const LF = 0x0a;
const CR = 0x0d;
const SPACE = 0x20;
const HYPHEN = 0x2d;
const ZERO = 0x30;

/** What came is no SMTP reply. */
export class MalformedReply extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'MalformedReply';
  }
}

/**
 * Bytes in, replies out (RFC 5321 §4.2.1), however the bytes were cut. Memory is
 * bounded. Lines that end in a bare LF are read; nothing else is forgiven.
 */
export class ReplyParser {
  #rest: Buffer | null = null;
  #code: number | null = null;
  #lines: string[] = [];
  #octets = 0;

  /** True between replies. */
  get empty(): boolean {
    return this.#rest === null && this.#code === null;
  }

  /** Delivers the replies that this chunk completes. Throws MalformedReply; the parser is useless then. */
  push(chunk: Buffer, deliver: (reply: RelayReply) => void): void {
    const bytes = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
    let start = 0;
    for (;;) {
      const end = bytes.indexOf(LF, start);
      const length = (end < 0 ? bytes.length : end) - start;
      if (length > MAX_LINE_OCTETS) throw new MalformedReply(`a reply line of more than ${MAX_LINE_OCTETS} octets`);
      if (end < 0) break;
      const reply = this.#line(bytes.subarray(start, bytes[end - 1] === CR && end > start ? end - 1 : end));
      if (reply !== null) deliver(reply);
      start = end + 1;
    }
    // A copy, or a short rest would keep the whole chunk in memory.
    this.#rest = start === bytes.length ? null : Buffer.from(bytes.subarray(start));
  }

  #line(line: Buffer): RelayReply | null {
    const code = codeOf(line);
    if (code === null) {
      throw new MalformedReply(`not a reply: ${JSON.stringify(printable(line.toString('latin1', 0, 60)))}`);
    }
    if (this.#code !== null && this.#code !== code) {
      throw new MalformedReply(`a reply that begins with ${this.#code} and goes on with ${code}`);
    }
    this.#code = code;
    this.#lines.push(textOf(line.subarray(4)));
    this.#octets += line.length;
    if (line[3] !== HYPHEN) return this.#take(code);
    if (this.#lines.length >= MAX_LINES) throw new MalformedReply(`a reply of more than ${MAX_LINES} lines`);
    if (this.#octets > MAX_REPLY_OCTETS) throw new MalformedReply(`a reply of more than ${MAX_REPLY_OCTETS} octets`);
    return null;
  }

  #take(code: number): RelayReply {
    const reply = { code, lines: this.#lines };
    this.#code = null;
    this.#lines = [];
    this.#octets = 0;
    return reply;
  }
}

/** Three digits from 200 to 599, and a hyphen, a space or nothing behind them. Null: no reply begins so. */
function codeOf(line: Buffer): number | null {
  if (line.length < 3 || (line.length > 3 && line[3] !== SPACE && line[3] !== HYPHEN)) return null;
  const [hundreds, tens, ones] = [digit(line, 0), digit(line, 1), digit(line, 2)];
  if (hundreds < 2 || hundreds > 5 || tens < 0 || tens > 9 || ones < 0 || ones > 9) return null;
  return 100 * hundreds + 10 * tens + ones;
}

/** Below 0 or above 9: not one. */
function digit(line: Buffer, at: number): number {
  return (line[at] as number) - ZERO;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 where it is that (RFC 6531 §3.7.4.2), else each octet as a character. */
function textOf(octets: Buffer): string {
  if (isAscii(octets)) return octets.toString('latin1');
  try {
    return UTF8.decode(octets);
  } catch {
    return octets.toString('latin1');
  }
}

/** For errors, which are logged: what came may be anything. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?');
}

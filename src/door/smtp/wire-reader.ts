import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import type { MessageScanner } from './message-scanner.js';

export interface WireReaderEvents {
  /** One command line without its line end. `next` asks for the one after it. */
  command(line: Buffer, next: () => void): void;
  /** A command line is longer than the limit: the session cannot go on. */
  overlong(): void;
}

/** Takes a message's bytes as they come. `wrote` may return a promise: reading waits for it. */
export interface MessageSink {
  wrote(content: Buffer): Promise<void> | undefined;
  /** The end of data was seen. Reading goes on when the promise resolves. */
  ended(): Promise<void>;
}

type Done = (error?: Error | null) => void;

const LF = 10;
const CR = 13;
const NOTHING = Buffer.alloc(0);
// A chunk full of commands must not starve the other sessions.
const COMMANDS_PER_TURN = 100;

/**
 * What a session reads: command lines, and messages. It stands in for the
 * library's parser (`_createParser`), which gives one command at a time: this one
 * also tells which complete RCPT lines wait behind the present one, so that
 * they are judged and relayed as one batch, and it leaves dots and bytes of a
 * message as they are.
 */
export class WireReader extends SMTPStream {
  #buffer: Buffer = NOTHING;
  #message: { readonly scanner: MessageScanner; readonly sink: MessageSink } | null = null;

  constructor(
    private readonly events: WireReaderEvents,
    private readonly maxLine: number,
  ) {
    super();
  }

  /**
   * The complete lines behind the present one that match, without taking them.
   * It stops at the first that does not.
   */
  lookAhead(matches: (line: Buffer) => boolean, limit: number): Buffer[] {
    const lines: Buffer[] = [];
    let from = 0;
    while (lines.length < limit) {
      const end = this.#buffer.indexOf(LF, from);
      if (end < 0) break;
      const line = withoutCr(this.#buffer.subarray(from, end));
      if (!matches(line)) break;
      lines.push(line);
      from = end + 1;
    }
    return lines;
  }

  /** More complete commands are at hand, so a reply may wait for theirs. */
  get hasCommand(): boolean {
    return this.#buffer.indexOf(LF) >= 0;
  }

  /** From here on the bytes are a message's, until its end of data. */
  readMessage(scanner: MessageScanner, sink: MessageSink): void {
    this.#message = { scanner, sink };
    this._dataMode = true;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding | 'buffer', done: Done): void {
    if (this.isClosed) {
      done();
      return;
    }
    if (this.#message === null) this.#buffer = this.#buffer.length === 0 ? chunk : Buffer.concat([this.#buffer, chunk]);
    this.#read(this.#message === null ? NOTHING : chunk, done);
  }

  /** A line that the client never ended is no command. */
  override _flushData(): void {
    this.#buffer = NOTHING;
  }

  #read(messageBytes: Buffer, done: Done): void {
    if (this.#message === null) this.#readCommands(done);
    else this.#readMessage(messageBytes, done);
  }

  #readCommands(done: Done): void {
    let inLoop = false;
    let resumed = false;
    let taken = 0;
    const next = (): void => {
      resumed = true;
      if (inLoop) return;
      inLoop = true;
      while (resumed) {
        resumed = false;
        if (this.isClosed) return done();
        if (this.#message !== null) {
          const begun = this.#buffer;
          this.#buffer = NOTHING;
          this.#readMessage(begun, done);
          return;
        }
        if (taken >= COMMANDS_PER_TURN) {
          taken = 0;
          setImmediate(next);
          break;
        }
        const line = this.#takeLine();
        if (line === null) return done();
        taken += 1;
        this.events.command(line, next);
      }
      inLoop = false;
    };
    next();
  }

  #takeLine(): Buffer | null {
    const end = this.#buffer.indexOf(LF);
    if ((end < 0 ? this.#buffer.length : end) > this.maxLine) {
      this.#buffer = NOTHING;
      this.isClosed = true;
      this.events.overlong();
      return null;
    }
    if (end < 0) return null;
    const line = withoutCr(this.#buffer.subarray(0, end));
    this.#buffer = this.#buffer.subarray(end + 1);
    return line;
  }

  #readMessage(bytes: Buffer, done: Done): void {
    const message = this.#message;
    if (message === null || bytes.length === 0) return done();
    const { content, rest } = message.scanner.feed(bytes);
    const writing = content.length > 0 ? message.sink.wrote(content) : undefined;
    if (rest === null) {
      if (writing === undefined) return done();
      void writing.then(() => done());
      return;
    }
    this.#message = null;
    this._dataMode = false;
    const ended = writing === undefined ? message.sink.ended() : writing.then(() => message.sink.ended());
    void ended.then(() => {
      this.#buffer = rest;
      this.#readCommands(done);
    });
  }
}

function withoutCr(line: Buffer): Buffer {
  return line[line.length - 1] === CR ? line.subarray(0, -1) : line;
}

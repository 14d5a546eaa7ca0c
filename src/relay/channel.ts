import type { Socket } from 'node:net';
import type { RelayReply } from '../smtp/reply.js';
import { RelayFailure } from './contract.js';
import { MalformedReply, ReplyParser } from './reply-parser.js';

/** What is being waited for, and how long. */
export interface Step {
  /** For errors: `MAIL`, `the final dot`. */
  readonly name: string;
  readonly stage: RelayFailure['stage'];
  readonly timeoutMs: number;
  /**
   * The class of the reply that is no refusal (RFC 5321 §4.3.2); 2yz when not
   * said. Any other one answers something else, and the channel is out of step.
   */
  readonly success?: '3yz' | '2yz or 3yz';
  /** A refusal ends the connection before any later reply counts. */
  readonly essential?: true;
}

interface Pending {
  readonly step: Step;
  deadline: number;
  resolve(reply: RelayReply): void;
  reject(failure: RelayFailure): void;
}

interface Failure {
  readonly reason: RelayFailure['reason'];
  readonly message: string;
  readonly cause: unknown;
}

/** Below this, copying into one buffer is cheaper than a second write. */
const JOIN_OCTETS = 16 * 1024;
const FAREWELL_MS = 2_000;
const FINAL_DOT = Buffer.from('.\r\n');

/**
 * One SMTP connection as a channel of commands and replies: commands of one turn
 * of the event loop leave in one write, replies are matched in order, each has
 * its time limit. What the peer says unasked ends the channel.
 */
export class Channel {
  readonly #parser = new ReplyParser();
  readonly #pending: Pending[] = [];
  readonly #closeListeners: ((awaited: boolean) => void)[] = [];
  readonly #onData = (chunk: Buffer) => this.#received(chunk);
  readonly #onReply = (reply: RelayReply) => this.#replied(reply);
  readonly #flushNow = () => this.#flush();
  #unsent = '';
  #timer: NodeJS.Timeout | null = null;
  #timerDue = Number.POSITIVE_INFINITY;
  #failure: Failure | null = null;
  #farewell: RelayReply | null = null;
  readonly #blockedWriters: (() => void)[] = [];
  /** Resolves when the socket is closed, which takes a moment longer than the channel's end. */
  readonly gone: Promise<void>;

  constructor(
    readonly socket: Socket,
    /** For errors. */
    private readonly relay: string,
  ) {
    socket.setNoDelay(true);
    socket.on('data', this.#onData);
    socket.on('error', (error) => this.fail('closed', `the connection broke: ${error.message}`, error));
    socket.on('end', () => this.fail('closed', 'the relay closed the connection'));
    socket.on('close', () => this.fail('closed', 'the connection was closed'));
    socket.on('drain', () => this.#wakeWriters());
    this.gone = new Promise((resolve) => socket.once('close', () => resolve()));
  }

  /** False once nothing can be sent any more. */
  get open(): boolean {
    return this.#failure === null && this.#farewell === null;
  }

  /** Replies are still to come. */
  get waiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Calls back once; `awaited` says that somebody hears of it already, by a reply or write that fails. */
  onClose(listener: (awaited: boolean) => void): void {
    this.#closeListeners.push(listener);
  }

  /** Sends a command with all others of this turn; resolves with its reply. After a 421 that is the reply to all. */
  send(line: string, step: Step): Promise<RelayReply> {
    // A line end in a path or name would be a command of somebody else's.
    if (/[\r\n\0]/.test(line)) return Promise.reject(new TypeError(`a line end within ${step.name}`));
    if (this.open) {
      if (!this.waiting && !this.#parser.empty) this.fail('protocol', 'the relay spoke unasked');
      else this.#enqueue(`${line}\r\n`);
    }
    return this.expect(step);
  }

  /** Waits for a reply to what was sent by other means. */
  expect(step: Step): Promise<RelayReply> {
    if (this.#farewell !== null) return Promise.resolve(this.#farewell);
    if (this.#failure !== null) return Promise.reject(this.#asFailure(step.stage, this.#failure));
    return new Promise((resolve, reject) => {
      this.#pending.push({ step, deadline: 0, resolve, reject });
      if (this.#pending.length === 1) this.#watchHead();
    });
  }

  /** Message bytes; resolves when more may be written. */
  async write(chunk: Buffer, step: Step): Promise<void> {
    this.#assertWritable(step);
    this.#flush();
    if (!this.socket.write(chunk)) await this.#drained(step);
  }

  /** The last bytes and the final dot in one write. */
  finish(wire: Buffer, step: Step): Promise<RelayReply> {
    if (this.open) {
      this.#flush();
      if (wire.length <= JOIN_OCTETS) {
        this.socket.write(Buffer.concat([wire, FINAL_DOT]));
      } else {
        this.socket.cork();
        this.socket.write(wire);
        this.socket.write(FINAL_DOT);
        this.socket.uncork();
      }
    }
    return this.expect(step);
  }

  /** Lets go of the socket, for TLS to take it over. Returns false when the peer has said more than was asked. */
  detach(): boolean {
    this.socket.off('data', this.#onData);
    return this.open && !this.waiting && this.#parser.empty;
  }

  /** Says goodbye and closes; does not wait for the answer. */
  quit(): void {
    if (!this.open) return;
    this.#enqueue('QUIT\r\n');
    this.#flush();
    this.#over({ reason: 'closed', message: 'we closed the connection', cause: undefined });
    this.socket.end();
    // The relay closes after its 221; if it does not, we do.
    this.#destroyLater();
  }

  /** Ends the channel: all that wait are told why. */
  fail(reason: RelayFailure['reason'], message: string, cause?: unknown): void {
    this.#over({ reason, message, cause });
    this.socket.destroy();
  }

  #enqueue(text: string): void {
    // After the promises of this turn have run, so that what they send joins in.
    if (this.#unsent === '') process.nextTick(this.#flushNow);
    this.#unsent += text;
  }

  #flush(): void {
    if (this.#unsent === '') return;
    const text = this.#unsent;
    this.#unsent = '';
    if (this.open) this.socket.write(text);
  }

  #received(chunk: Buffer): void {
    if (!this.open) return;
    try {
      this.#parser.push(chunk, this.#onReply);
    } catch (error) {
      if (!(error instanceof MalformedReply)) throw error;
      this.fail('protocol', error.message, error);
    }
  }

  #replied(reply: RelayReply): void {
    if (!this.open) return;
    if (reply.code === 421) {
      this.#sayFarewell(reply);
      return;
    }
    const head = this.#pending[0];
    if (head === undefined) {
      this.fail('protocol', `the relay said ${reply.code} unasked`);
      return;
    }
    if (!answers(reply, head.step)) {
      this.fail('protocol', `the relay said ${reply.code} to ${head.step.name}`);
      return;
    }
    if (head.step.essential && reply.code >= 400) {
      this.fail('closed', `${head.step.name} was refused with ${reply.code}`);
      return;
    }
    this.#pending.shift();
    this.#watchHead();
    head.resolve(reply);
  }

  /** RFC 5321 §3.8: 421 may come at any time, and the session is over. */
  #sayFarewell(reply: RelayReply): void {
    this.#farewell = reply;
    const pending = this.#pending.splice(0);
    for (const each of pending) each.resolve(reply);
    this.#ended(pending.length > 0);
    this.socket.destroySoon();
    // What it does not read any more would keep it open.
    this.#destroyLater();
  }

  #destroyLater(): void {
    const timer = setTimeout(() => this.socket.destroy(), FAREWELL_MS).unref();
    this.socket.once('close', () => clearTimeout(timer));
  }

  #over(failure: Failure): void {
    if (!this.open) return;
    this.#failure = failure;
    const pending = this.#pending.splice(0);
    for (const { step, reject } of pending) reject(this.#asFailure(step.stage, failure, step));
    this.#ended(pending.length > 0);
  }

  #ended(repliesAwaited: boolean): void {
    const awaited = repliesAwaited || this.#blockedWriters.length > 0;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#wakeWriters();
    for (const listener of this.#closeListeners.splice(0)) listener(awaited);
  }

  #asFailure(stage: RelayFailure['stage'], failure: Failure, step?: Step): RelayFailure {
    const awaited =
      step === undefined || failure.reason === 'timeout' ? '' : ` (waiting for the reply to ${step.name})`;
    const cause = failure.cause === undefined ? undefined : { cause: failure.cause };
    return new RelayFailure(stage, failure.reason, `relay ${this.relay}: ${failure.message}${awaited}`, cause);
  }

  #assertWritable(step: Step): void {
    if (this.#failure !== null) throw this.#asFailure(step.stage, this.#failure);
    if (this.#farewell === null) return;
    const message = `the relay ended the session: 421 ${this.#farewell.lines.join(' / ')}`;
    throw this.#asFailure(step.stage, { reason: 'closed', message, cause: undefined });
  }

  #wakeWriters(): void {
    for (const wake of this.#blockedWriters.splice(0)) wake();
  }

  async #drained(step: Step): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#blockedWriters.push(resolve);
      timer = setTimeout(() => {
        this.fail('timeout', `took no message bytes within ${seconds(step.timeoutMs)}`);
      }, step.timeoutMs);
    });
    clearTimeout(timer);
    this.#assertWritable(step);
  }

  /** The time of a pipelined command runs from when it is the first to be answered. */
  #watchHead(): void {
    const head = this.#pending[0];
    if (head === undefined) return;
    head.deadline = performance.now() + head.step.timeoutMs;
    // A timer that is due earlier is left to run and looks again then: cheaper
    // than a new one for each command.
    if (this.#timer !== null && this.#timerDue <= head.deadline) return;
    this.#setTimer(head.deadline);
  }

  #setTimer(due: number): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timerDue = due;
    this.#timer = setTimeout(() => this.#timeUp(), Math.max(1, Math.ceil(due - performance.now())));
    this.#timer.unref();
  }

  #timeUp(): void {
    this.#timer = null;
    const head = this.#pending[0];
    if (head === undefined) return;
    if (performance.now() < head.deadline) this.#setTimer(head.deadline);
    else this.fail('timeout', `no reply to ${head.step.name} within ${seconds(head.step.timeoutMs)}`);
  }
}

function answers(reply: RelayReply, { success }: Step): boolean {
  if (reply.code >= 400) return true;
  if (success === undefined) return reply.code < 300;
  return success === '2yz or 3yz' || reply.code >= 300;
}

function seconds(ms: number): string {
  return `${ms / 1000} s`;
}

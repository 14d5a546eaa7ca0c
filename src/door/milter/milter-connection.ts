import type { Socket } from 'node:net';
import { newSessionId } from '../../transaction/ids.js';
import { Deadline } from '../deadline.js';
import type { Callers } from './callers.js';
import { type Command, parseCommand, payloadLimit } from './command.js';
import { FrameReader, MalformedFrame } from './frame-reader.js';
import { type MilterPeer, MilterSession, OutOfStep } from './milter-session.js';
import { PROGRESS } from './response.js';
import type { MilterDoorContext } from './settings.js';

type Awaited = 'a packet' | 'the rest of a packet' | 'a response to be taken';

/** An MTA that is dead without a word is found out after so long, ms. */
const KEEP_ALIVE_MS = 60_000;
/**
 * So much may wait while a command is being judged. An MTA that waits for its
 * answer sends nothing, but one that leaves is only seen by reading on.
 */
const WAITING_OCTETS = 64 * 1024;

/**
 * One connection of an MTA: octets in, one command at a time, octets out. While
 * a command is being judged, or the MTA does not take what we said, the next one
 * waits, and beyond a little nothing more is read.
 */
export class MilterConnection implements MilterPeer {
  readonly isLocal: boolean;
  readonly #reader = new FrameReader(payloadLimit);
  readonly #session: MilterSession;
  readonly #deadline = new Deadline(() => this.#late());
  readonly #progress = new Deadline(() => {
    this.send(PROGRESS);
    this.progress();
  });
  /** Resolves when the socket is closed and all that was held is being given back. */
  readonly ended: Promise<void>;
  #markEnded: () => void = () => undefined;
  #awaited: Awaited = 'a packet';
  #busy = false;
  #blocked = false;
  #gone = false;
  #draining = false;

  constructor(
    private readonly socket: Socket,
    private readonly door: MilterDoorContext,
    private readonly listener: string,
    callers: Callers,
  ) {
    this.isLocal = socket.remoteAddress === undefined;
    this.#session = new MilterSession(door, listener, this, callers);
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    socket.on('close', () => this.#closed());
    socket.setNoDelay(true);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    // What goes wrong ends in `close`.
    socket.on('error', () => undefined);
    socket.on('data', (chunk) => {
      this.#reader.push(chunk);
      this.#readOn();
    });
    socket.on('drain', () => {
      this.#blocked = false;
      this.#readOn();
    });
    socket.on('end', () => socket.destroy());
    this.#awaitPacket();
  }

  get gone(): boolean {
    return this.#gone || this.socket.destroyed;
  }

  get draining(): boolean {
    return this.#draining;
  }

  send(response: Buffer): void {
    if (this.gone) return;
    if (!this.socket.write(response)) this.#blocked = true;
  }

  progress(): void {
    this.#progress.set(this.door.settings().progressMs);
  }

  endProgress(): void {
    this.#progress.rest();
  }

  /** Graceful stop: at once if idle, else after the transaction. */
  drain(): void {
    this.#draining = true;
    this.#endIfIdle();
  }

  cutOff(reason: string): void {
    if (this.gone) return;
    const client = this.socket.remoteAddress ?? 'unix';
    this.door.cutOff({ session: this.#session.id ?? newSessionId(), listener: this.listener, client, reason });
    this.socket.destroy();
  }

  #readOn(): void {
    let commands = 0;
    let command: Command | null = null;
    try {
      while (!this.#busy && !this.#blocked && !this.gone) {
        command = this.#next();
        if (command === null) break;
        commands += 1;
        this.#handle(command);
      }
    } catch (error) {
      this.#failed(error, command);
    }
    if (this.gone) return;
    if ((this.#busy || this.#blocked) && this.#reader.pending > WAITING_OCTETS) this.socket.pause();
    else if (this.socket.isPaused()) this.socket.resume();
    // Octets of a packet that has begun buy no time.
    if (commands > 0 || this.#awaited !== this.#awaits) this.#awaitPacket();
  }

  #next(): Command | null {
    const frame = this.#reader.next();
    if (frame === null) return null;
    const command = parseCommand(frame);
    if (command === null) throw new MalformedFrame(`a malformed packet ${JSON.stringify(frame.code)}`);
    return command;
  }

  /** Most commands need nobody: only those that do keep the next one waiting. */
  #handle(command: Command): void {
    const taken = this.#session.take(command);
    if (!(taken instanceof Promise)) return this.#handled(taken);
    this.#busy = true;
    const goOn = (): void => {
      this.#busy = false;
      this.#handled(undefined);
      this.#readOn();
    };
    taken.then(goOn, (error: unknown) => {
      this.#failed(error, command);
      goOn();
    });
  }

  #handled(what: 'quit' | undefined): void {
    if (this.#gone) this.#end();
    else if (what === 'quit') this.socket.end();
    else this.#endIfIdle();
  }

  #failed(error: unknown, command: Command | null): void {
    if (error instanceof OutOfStep || error instanceof MalformedFrame) {
      return this.cutOff(`not the milter protocol: ${error.message}`);
    }
    this.door.defect(error, this.#session.id ?? 'none');
    this.#session.failed(command);
  }

  #endIfIdle(): void {
    if (!this.#draining || this.#busy || this.#session.inTransaction) return;
    this.socket.end(() => this.socket.destroy());
  }

  get #awaits(): Awaited {
    if (this.#blocked) return 'a response to be taken';
    return this.#reader.pending > 0 ? 'the rest of a packet' : 'a packet';
  }

  #awaitPacket(): void {
    const { idleTimeoutMs, packetTimeoutMs } = this.door.settings();
    this.#awaited = this.#awaits;
    this.#deadline.set(this.#awaited === 'a packet' ? idleTimeoutMs : packetTimeoutMs);
  }

  #late(): void {
    // The store and the rest have time limits of their own.
    if (this.#busy) return this.#awaitPacket();
    const { idleTimeoutMs, packetTimeoutMs } = this.door.settings();
    const limitMs = this.#awaited === 'a packet' ? idleTimeoutMs : packetTimeoutMs;
    this.cutOff(`waited ${limitMs / 1000} s for ${this.#awaited}`);
  }

  #closed(): void {
    this.#gone = true;
    this.#deadline.clear();
    this.#progress.clear();
    // A command that is being judged is waited for.
    if (!this.#busy) this.#end();
  }

  #end(): void {
    this.#session.close();
    this.#markEnded();
  }
}

import type { Socket } from 'node:net';
import { serviceReply } from '../../smtp/service-replies.js';
import { newSessionId } from '../../transaction/ids.js';
import { Deadline } from '../deadline.js';
import { type Action, actionLine, refuse } from './action.js';
import type { DelegatedMessage } from './delegated-message.js';
import { type PolicyRequest, readPolicyRequest } from './policy-request.js';
import { type Attributes, RequestReader } from './request-reader.js';
import type { PolicydSettings } from './settings.js';

/** A peer that asks and does not read is not waited for. */
const MOST_UNREAD = 64 * 1024;
/** Postfix waits for each answer before it asks again; whoever does not is not read any further meanwhile. */
const MOST_WAITING = 8;

/** What a connection asks of its door. */
export interface Judge {
  settings(): PolicydSettings;
  answer(request: PolicyRequest, connection: PolicydConnection): Promise<Action>;
  /** @param reason nothing of the peer's is in it */
  cutOff(connection: PolicydConnection, reason: string): void;
  defect(error: unknown, connection: PolicydConnection): void;
  closed(connection: PolicydConnection): void;
}

/** One policy connection: questions in, actions out, in order. */
export class PolicydConnection {
  readonly id = newSessionId();
  /** Resolves when the socket is closed and its last question is answered. */
  readonly ended: Promise<void>;
  /** The message that was asked about last, and what Postfix calls it. */
  current: { readonly instance: string; readonly message: DelegatedMessage } | null = null;
  readonly #reader = new RequestReader();
  readonly #waiting: Attributes[] = [];
  readonly #deadline = new Deadline(() => this.#late());
  #markEnded: () => void = () => undefined;
  #malformed: string | null = null;
  #answered = 0;
  #working = false;
  #draining = false;

  constructor(
    private readonly socket: Socket,
    /** IP address of the Postfix, or `unix`. */
    readonly peer: string,
    private readonly judge: Judge,
  ) {
    // Without a listener an ECONNRESET ends the process; `close` comes next.
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => this.#received(chunk));
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    socket.once('close', () => {
      this.#deadline.clear();
      judge.closed(this);
      if (!this.#working) this.#markEnded();
    });
    this.#deadline.set(judge.settings().idleTimeoutMs);
  }

  /** No new messages; closes when none is under way. */
  drain(): void {
    this.#draining = true;
    this.#closeIfDone();
  }

  destroy(): void {
    this.socket.destroy();
  }

  cutOff(reason: string): void {
    this.judge.cutOff(this, reason);
    this.destroy();
  }

  #received(chunk: Buffer): void {
    const begun = this.#reader.midway;
    const { requests, malformed } = this.#reader.read(chunk);
    this.#waiting.push(...requests);
    this.#malformed = malformed;
    if (!this.#reader.midway) this.#deadline.set(this.judge.settings().idleTimeoutMs);
    // From the first byte: those that follow buy no time.
    else if (!begun || requests.length > 0) this.#deadline.set(this.judge.settings().requestTimeoutMs);
    if (this.#waiting.length > MOST_WAITING) this.socket.pause();
    if (!this.#working) void this.#work();
  }

  async #work(): Promise<void> {
    this.#working = true;
    try {
      for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
        if (!(await this.#answer(next))) return;
      }
      if (this.#malformed !== null) this.cutOff(this.#malformed);
    } finally {
      this.#working = false;
      if (this.socket.destroyed) this.#markEnded();
      else {
        this.socket.resume();
        this.#closeIfDone();
      }
    }
  }

  /** False when the connection has ended over it. */
  async #answer(attributes: Attributes): Promise<boolean> {
    const request = readPolicyRequest(attributes);
    if (typeof request === 'string') {
      this.cutOff(request);
      return false;
    }
    const sameMessage = this.current?.instance === request.instance;
    if (this.#draining && !(sameMessage && this.#isAwaited(this.current?.message))) {
      // Unanswered, Postfix asks again, on a new connection to whoever listens then.
      this.socket.end();
      return false;
    }
    const action = await this.judge.answer(request, this).catch((error: unknown): Action => {
      this.judge.defect(error, this);
      return refuse(serviceReply('internalError', this.id));
    });
    if (this.socket.destroyed) return false;
    this.socket.write(actionLine(action), 'latin1');
    this.#answered += 1;
    if (this.socket.writableLength <= MOST_UNREAD) return true;
    this.cutOff('answers are not read');
    return false;
  }

  /** Is more to come of the message that is under way? */
  #isAwaited(message: DelegatedMessage | undefined): boolean {
    return message?.awaitsItsEnd ?? false;
  }

  #closeIfDone(): void {
    const enough = this.#draining || this.#answered >= this.judge.settings().maxRequests;
    if (enough && !this.#working && this.#waiting.length === 0 && !this.#isAwaited(this.current?.message))
      this.socket.end();
  }

  #late(): void {
    if (this.#reader.midway) this.cutOff('a request that is not completed');
    // While a question is being answered, it is Postfix who waits.
    else if (this.#working) this.#deadline.set(this.judge.settings().idleTimeoutMs);
    else this.socket.end();
  }
}

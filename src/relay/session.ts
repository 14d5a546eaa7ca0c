import type { RelayReply } from '../smtp/reply.js';
import type { EnvelopeReplies, RelayConnection } from './connection.js';
import {
  type ClientIdentity,
  type PathCommand,
  type RelayCapabilities,
  RelayFailure,
  type RelaySession,
} from './contract.js';

/** A connection on loan from the pool. */
export interface Loan {
  readonly connection: RelayConnection;
  /** It lay unused in the pool, so the relay may have closed it without our knowing yet. */
  readonly rested: boolean;
}

export interface Lender {
  /** A connection made anew, in place of one that turned out to be closed. */
  lendFresh(client: ClientIdentity): Promise<Loan>;
  takeBack(connection: RelayConnection): void;
}

/** One transaction's use of a pooled connection. */
export class PooledSession implements RelaySession {
  #connection: RelayConnection;
  #rested: boolean;
  #over = false;
  #closedListener: (() => void) | null = null;
  /** The relay's refusal of the client itself (XCLIENT), which MAIL is to be answered with. */
  #refusal: RelayReply | null = null;

  private constructor(
    private readonly lender: Lender,
    private readonly client: ClientIdentity,
    loan: Loan,
  ) {
    this.#connection = loan.connection;
    this.#rested = loan.rested;
  }

  /** A session on which the relay knows the client. Rejects with RelayFailure. */
  static async open(lender: Lender, client: ClientIdentity, loan: Loan): Promise<PooledSession> {
    const session = new PooledSession(lender, client, loan);
    if (loan.connection.needsIntroduction(client)) await session.#introduce();
    else loan.connection.forwards(client);
    return session;
  }

  get capabilities(): RelayCapabilities {
    return this.#connection.capabilities;
  }

  get relay(): string {
    return this.#connection.relay;
  }

  mail(command: PathCommand): Promise<RelayReply> {
    return this.#retried(
      () => this.#refusal ?? this.#lent.mail(command),
      (reply) => reply.code === 421,
    );
  }

  recipients(commands: readonly PathCommand[]): Promise<readonly RelayReply[]> {
    return this.#over ? givenBack() : this.#connection.recipients(commands);
  }

  envelope(mail: PathCommand, recipients: readonly PathCommand[]): Promise<EnvelopeReplies> {
    return this.#retried(
      () =>
        this.#refusal === null
          ? this.#lent.envelope(mail, recipients)
          : { mail: this.#refusal, recipients: [], data: null },
      (replies) => replies.mail.code === 421,
    );
  }

  data(): Promise<RelayReply> {
    return this.#over ? givenBack() : this.#connection.data();
  }

  write(chunk: Buffer): Promise<void> {
    return this.#over ? givenBack() : this.#connection.write(chunk);
  }

  finish(wire: Buffer): Promise<RelayReply> {
    return this.#over ? givenBack() : this.#connection.finish(wire);
  }

  release(): void {
    if (this.#over) return;
    this.#over = true;
    this.lender.takeBack(this.#connection);
  }

  abandon(): void {
    if (this.#over) return;
    this.#over = true;
    this.#connection.destroy('the transaction was abandoned');
  }

  onClosed(listener: () => void): void {
    this.#closedListener = listener;
    this.#watch();
  }

  /** The connection, while it is ours: after release it serves another. */
  get #lent(): RelayConnection {
    if (this.#over) throw backAlready();
    return this.#connection;
  }

  async #introduce(): Promise<void> {
    try {
      this.#refusal = await this.#retried(
        () => this.#connection.introduce(this.client),
        (refusal) => refusal?.code === 421,
      );
    } catch (error) {
      this.abandon();
      throw atConnect(error);
    }
  }

  /**
   * Asks, and once more on a fresh connection if the one that had lain unused
   * turns out to be closed, or the relay's 421 for lying unused crossed our
   * command. Only while nothing of the transaction was accepted.
   */
  async #retried<T>(ask: () => T | Promise<T>, isFarewell: (answer: T) => boolean): Promise<T> {
    if (!this.#rested) return ask();
    this.#rested = false;
    try {
      const answer = await ask();
      if (!isFarewell(answer)) return answer;
    } catch (error) {
      const closed = error instanceof RelayFailure && error.reason === 'closed';
      if (!closed || this.#over || this.#connection.mailAccepted) throw error;
    }
    await this.#replace();
    return ask();
  }

  async #replace(): Promise<void> {
    const { connection } = await this.lender.lendFresh(this.client);
    if (this.#over) {
      this.lender.takeBack(connection);
      throw new RelayFailure('envelope', 'closed', 'the transaction was given up while the relay was called again');
    }
    this.#connection = connection;
    if (this.#closedListener !== null) this.#watch();
    this.#refusal = await connection.introduce(this.client);
  }

  #watch(): void {
    const connection = this.#connection;
    connection.onClose((awaited) => {
      if (awaited || this.#over || this.#connection !== connection) return;
      const listener = this.#closedListener;
      this.#closedListener = null;
      listener?.();
    });
  }
}

function backAlready(): RelayFailure {
  return new RelayFailure('envelope', 'closed', 'the relay session was given back');
}

function givenBack(): Promise<never> {
  return Promise.reject(backAlready());
}

/** Whatever failed while the session was made, it never came to be. */
function atConnect(error: unknown): unknown {
  if (!(error instanceof RelayFailure) || error.stage === 'connect') return error;
  return new RelayFailure('connect', error.reason, error.message, { cause: error });
}

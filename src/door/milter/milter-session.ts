import type { Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import type { Callers } from './callers.js';
import type { Command } from './command.js';
import { ACTION, has, STEP } from './flags.js';
import { Macros } from './macros.js';
import { messageChanges } from './message-changes.js';
import { MilterTransaction, type Outcome } from './milter-transaction.js';
import { MtaClient } from './mta-client.js';
import { type Agreement, agree, suffices } from './negotiation.js';
import { ACCEPT, CONTINUE, negotiated, quarantine, replyCode } from './response.js';
import type { MilterDoorContext } from './settings.js';
import { wantsOf } from './wants.js';

/** What the session asks of the connection that it is on. */
export interface MilterPeer {
  send(response: Buffer): void;
  /** Says PROGRESS now and then from now on. */
  progress(): void;
  endProgress(): void;
  /** On a unix socket. */
  readonly isLocal: boolean;
  /** Nobody is left to hear a response. */
  readonly gone: boolean;
  /** A graceful stop has begun. */
  readonly draining: boolean;
}

/** The MTA says what cannot be at this point. */
export class OutOfStep extends Error {
  override readonly name = 'OutOfStep';
}

type CommandOf<K extends Command['kind']> = Extract<Command, { kind: K }>;

/**
 * One connection of an MTA: the order of commands, and what each is answered.
 * Commands come one at a time; the next is handed over when the promise of the
 * one before has resolved.
 */
export class MilterSession {
  readonly #macros = new Macros();
  #agreement: Agreement | null = null;
  #client: MtaClient | null = null;
  #transaction: MilterTransaction | null = null;
  /** A MAIL whose answer the MTA does not wait for: it is judged with its first recipient. */
  #announced: CommandOf<'mail'> | null = null;
  /** That was refused: what every recipient hears. */
  #mailRefusal: Reply | null = null;
  /** How often the message brought our trace field: somebody else's words. */
  #forgedTraces = 0;

  constructor(
    private readonly door: MilterDoorContext,
    private readonly listener: string,
    private readonly peer: MilterPeer,
    private readonly callers: Callers,
  ) {}

  /** For the log: the SMTP session, if there is one. */
  get id(): string | null {
    return this.#transaction?.id ?? this.#client?.session.id ?? null;
  }

  get inTransaction(): boolean {
    return this.#transaction !== null || this.#mailRefusal !== null;
  }

  /** `quit`: the connection is to be closed. Throws or rejects with OutOfStep, or with a defect. */
  take(command: Command): 'quit' | undefined | Promise<undefined> {
    switch (command.kind) {
      case 'negotiate':
        return this.#negotiate(command);
      case 'macros':
        this.#macros.set(command.stage, command.macros);
        return undefined;
      case 'connect':
        return this.#connected(command);
      case 'helo':
        return this.#unless(STEP.noReplyHelo);
      case 'mail':
        return this.#mail(command);
      case 'rcpt':
        return this.#recipient(command);
      case 'data':
        return this.#unless(STEP.noReplyData);
      case 'header':
        return this.#header(command);
      case 'endOfHeader':
        return this.#took(this.#transaction?.octets.endOfHeader(), STEP.noReplyEndOfHeader);
      case 'body':
        return this.#took(this.#transaction?.octets.body(command.octets), STEP.noReplyBody);
      case 'endOfMessage':
        return this.#endOfMessage(command);
      case 'abort':
        return this.#endTransaction();
      case 'quitNewConnection':
        return this.#endSession();
      case 'quit':
        this.close();
        return 'quit';
      case 'unknown':
        return this.#unless(STEP.noReplyUnknown);
    }
  }

  /** The connection is closed, or is about to be. */
  close(): void {
    this.#endTransaction();
    this.#endSession();
  }

  /** Answers a command that a defect of ours kept from being judged. */
  failed(command: Command | null): void {
    const reply = serviceReply('internalError', this.id);
    this.#transaction?.failed(reply);
    this.#transaction = null;
    if (command?.kind === 'rcpt') this.#mailRefusal = reply;
    this.#refuse(reply);
  }

  // ------------------------------------------------------------ before the mail

  #negotiate(offer: CommandOf<'negotiate'>): undefined {
    if (this.#agreement !== null) throw new OutOfStep('a second negotiation');
    // Nothing is done at DATA: over TCP its answer spares the MTA a wait (negotiation.ts), which a unix socket never asks for.
    const data = this.peer.isLocal ? STEP.noData : 0;
    // MAIL is answered with the first RCPT: then Postfix sends both at once, and waits once. Sendmail takes a message
    // whose MAIL was not answered for none, and says nothing of a reset: what is held for it would not come back.
    const mail = this.callers.allPostfix ? STEP.noReplyMail : 0;
    this.#agreement = agree(offer, wantsOf(this.door.settings()), data | mail);
    if (this.#agreement === null) throw new OutOfStep(`version ${offer.version} of the protocol`);
    this.peer.send(negotiated(this.#agreement));
  }

  async #connected(connect: CommandOf<'connect'>): Promise<undefined> {
    this.#agreed();
    if (this.#client !== null) throw new OutOfStep('a second client');
    this.callers.met(this.#macros.get('v'));
    const client = new MtaClient(this.door, this.listener, connect, this.#macros);
    this.#client = client;
    client.refusal = this.peer.draining ? serviceReply('shuttingDown', null) : await client.session.connect();
    this.#answer(client.refusal);
  }

  // ------------------------------------------------------------ the envelope

  #mail(command: CommandOf<'mail'>): undefined | Promise<undefined> {
    const agreement = this.#agreed();
    // An MTA that says nothing of the end of the one before.
    this.#endTransactionOnly();
    if (!has(agreement.steps, STEP.noReplyMail))
      return this.#begin(command, null).then((judged) => this.#answer(judged));
    this.#announced = command;
    return undefined;
  }

  /** @param next path of the first recipient, if it is here already */
  async #begin({ path, parameters }: CommandOf<'mail'>, next: string | null): Promise<Reply | null> {
    const agreement = this.#agreed();
    const refusal = await this.#whyNoMail(agreement);
    if (refusal !== null) return refusal;
    const transaction = new MilterTransaction(this.#known().session, agreement);
    this.#transaction = transaction;
    this.#forgedTraces = 0;
    const judged = await transaction.mail(path, parameters, next);
    if (judged !== null) this.#transaction = null;
    return judged;
  }

  #whyNoMail(agreement: Agreement): Reply | null | Promise<Reply | null> {
    const refusal = this.#client?.refusal ?? null;
    if (refusal !== null) return refusal;
    if (this.peer.draining) return serviceReply('shuttingDown', null);
    if (!suffices(agreement, wantsOf(this.door.settings()))) return serviceReply('settingsChanged', null);
    return this.#known().identify();
  }

  async #recipient({ path }: CommandOf<'rcpt'>): Promise<undefined> {
    if (this.#announced !== null) {
      const announced = this.#announced;
      this.#announced = null;
      this.#mailRefusal = await this.#begin(announced, path);
    }
    if (this.#mailRefusal !== null) return this.#refuse(this.#mailRefusal);
    if (this.#transaction === null) throw new OutOfStep('a recipient of no mail');
    this.#answer(await this.#transaction.recipient(path));
  }

  // ------------------------------------------------------------ the message

  #header({ name, value }: CommandOf<'header'>): undefined | Promise<undefined> {
    const { traceField } = this.door.settings();
    if (traceField !== null && name.toString('latin1').trimEnd().toLowerCase() === traceField.toLowerCase()) {
      this.#forgedTraces += 1;
    }
    return this.#took(this.#transaction?.octets.field(name, value), STEP.noReplyHeader);
  }

  /** A piece of the message: the next one comes when whoever reads it wants it. */
  #took(taken: Promise<void> | undefined, noReply: number): undefined | Promise<undefined> {
    return taken === undefined ? this.#unless(noReply) : taken.then(() => this.#unless(noReply));
  }

  async #endOfMessage({ octets }: CommandOf<'endOfMessage'>): Promise<undefined> {
    const transaction = this.#transaction;
    if (transaction === null) throw new OutOfStep('the end of no message');
    const taken = transaction.octets.body(octets);
    if (taken !== undefined) await taken;
    const { refusedMessages } = this.door.settings();
    const mayQuarantine = has(this.#agreed().actions, ACTION.quarantine);
    const outcome = await this.#judged(
      transaction,
      refusedMessages === 'quarantine' && mayQuarantine ? 'quarantine' : 'reject',
    );
    this.#transaction = null;
    // An MTA that left before it heard us has not taken the message.
    if (this.peer.gone) return transaction.aborted();
    this.#answerMessage(outcome, transaction);
    transaction.settle(outcome, this.#macros.get('i'));
    this.#macros.endTransaction();
  }

  async #judged(transaction: MilterTransaction, onRefused: 'reject' | 'quarantine'): Promise<Outcome> {
    this.peer.progress();
    try {
      return await transaction.endOfMessage(onRefused);
    } finally {
      this.peer.endProgress();
    }
  }

  #answerMessage(outcome: Outcome, transaction: MilterTransaction): void {
    if (outcome.kind === 'refuse') return this.#refuse(outcome.reply);
    const changes = messageChanges(this.#agreed(), transaction, this.door.settings().traceField, this.#forgedTraces);
    if (outcome.kind === 'quarantine') {
      const { status, lines } = outcome.reply;
      changes.push(quarantine(`${status ?? ''} ${lines.join(' ')}`.trim()));
    }
    this.peer.send(changes.length === 0 ? ACCEPT : Buffer.concat([...changes, ACCEPT]));
  }

  // ------------------------------------------------------------ endings

  #endTransaction(): undefined {
    this.#endTransactionOnly();
    this.#macros.endTransaction();
  }

  #endTransactionOnly(): void {
    this.#transaction?.aborted();
    this.#transaction = null;
    this.#announced = null;
    this.#mailRefusal = null;
  }

  #endSession(): undefined {
    this.#endTransaction();
    this.#macros.endSession();
    this.#client?.close();
    this.#client = null;
  }

  // ------------------------------------------------------------ answers

  #unless(noReply: number): undefined {
    if (!has(this.#agreed().steps, noReply)) this.peer.send(CONTINUE);
  }

  #answer(refusal: Reply | null): undefined {
    if (refusal === null) this.peer.send(CONTINUE);
    else this.#refuse(refusal);
  }

  #refuse(reply: Reply): undefined {
    this.door.replied(reply, 'sluice');
    this.peer.send(replyCode(reply));
  }

  #agreed(): Agreement {
    if (this.#agreement === null) throw new OutOfStep('a command before the negotiation');
    return this.#agreement;
  }

  #known(): MtaClient {
    if (this.#client === null) throw new OutOfStep('a command of no client');
    return this.#client;
  }
}

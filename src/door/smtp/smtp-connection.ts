import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { SMTPStream } from 'smtp-server/lib/smtp-stream.js';
import { positive } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import { Deadline } from '../deadline.js';
import { IdentifiedConnection } from './identified-connection.js';
import type { MailClient } from './mail-client.js';
import { MailTransaction } from './mail-transaction.js';
import type { SmtpDoorContext } from './settings.js';
import { WireReader } from './wire-reader.js';

type Next = () => void;

// Longer than RFC 5321 §4.5.3.1.4 asks for: AUTH takes 12,288 octets (RFC 4954 §4).
const MAX_COMMAND_LINE = 12_300;
// More in one go would keep other sessions waiting: a thousand took the embedded store half a second.
const RECIPIENTS_AT_ONCE = 100;
// As the library tells commands apart: a line that is foretold must come to `handler_RCPT`.
const IS_RCPT = /^RCPT /i;
const IS_MAIL = /^MAIL /i;

/**
 * One client connection, from its greeting to its end, and the mail on it. The
 * library keeps what it does well: HELO, STARTTLS, AUTH, XCLIENT, the order of
 * commands. Replaced are the greeting (it waits 100 ms, hard-coded), EHLO,
 * replies, time limits, the reader (batches of RCPT, exact bytes), and MAIL,
 * RCPT and DATA.
 */
export class SluiceConnection extends IdentifiedConnection implements MailClient {
  /** Resolves when the session has ended and all that it held is being given back. */
  readonly ended: Promise<void>;
  #markEnded: () => void = () => undefined;
  readonly #deadline = new Deadline(() => this._onTimeout());
  #waiting: { readonly command: Buffer; readonly next: Next } | null = null;
  #mail: MailTransaction | null = null;
  #draining = false;
  #busy = false;

  constructor(
    private readonly library: SMTPServer,
    doorContext: SmtpDoorContext,
    listenerName: string,
    socket: Socket | TLSSocket,
    options: SMTPConnectionOptions,
  ) {
    super(library, doorContext, listenerName, socket, options);
    this.ended = new Promise((resolve) => {
      this.#markEnded = resolve;
    });
    doorContext.sessionOpened(listenerName);
  }

  get clientGone(): boolean {
    return this._closed || this._closing || this._socket.destroyed;
  }

  get reader(): WireReader {
    if (!(this._parser instanceof WireReader)) throw new Error('the session is closed');
    return this._parser;
  }

  // ------------------------------------------------------------ beginning

  override init(): void {
    this._setListeners(() => {
      if (this.library.connections.size > this.listener.maxSessions)
        return this.cutOff(serviceReply('tooManySessions', null));
      const delay = this.listener.greetingDelayMs;
      if (delay === 0) return this.connectionReady();
      setTimeout(() => this.connectionReady(), delay).unref();
    });
  }

  override _sendGreeting(): void {
    if (this.#draining) return this.refuse(serviceReply('shuttingDown', null));
    super._sendGreeting();
    const waiting = this.#waiting;
    this.#waiting = null;
    if (waiting !== null) setImmediate(() => this._onCommand(waiting.command, waiting.next));
  }

  override _onCommand(command: Buffer, next: Next = () => undefined): void {
    if (!this._ready && !this._closing) {
      if (this.listener.greetingDelayMs > 0) return this.cutOff(serviceReply('talkedTooSoon', this.mailSession.id));
      this.#waiting = { command, next };
      return;
    }
    if (this.#draining && this.#mail === null) return this.refuse(serviceReply('shuttingDown', null));
    const greeted = this._ready && !this._upgrading && this._nextHandler === false && this.helo !== null;
    const verb = greeted ? command.toString('latin1', 0, 5) : '';
    if (IS_RCPT.test(verb)) this.#handle(this.handler_RCPT, command, next);
    else if (IS_MAIL.test(verb)) this.#handle(this.handler_MAIL, command, next);
    else super._onCommand(command, next);
  }

  /** As the library hands a command on, but for what it looks at to find out which one it is: each line some five times. */
  #handle(handler: (command: Buffer, next: Next) => void, command: Buffer, next: Next): void {
    this._handlerPending = true;
    handler.call(this, command, () => {
      this._handlerPending = false;
      this._whenWritable(next);
    });
  }

  override _createParser(): SMTPStream {
    const overlong = () => this.cutOff(serviceReply('commandTooLong', null));
    return new WireReader({ command: (line, next) => this._onCommand(line, next), overlong }, MAX_COMMAND_LINE);
  }

  // ------------------------------------------------------------ time limits

  /**
   * A limit on the whole command, or on a piece of a message that is worth
   * waiting for: any byte would set the library's own limit anew, and a client
   * that sends one now and then would be served for ever (RFC 5321 §4.5.3.2.7
   * asks for 5 minutes "while it is awaiting the next command").
   */
  override _armTimeout(): void {
    const { commandTimeoutMs, dataTimeoutMs } = this.doorContext.settings();
    this.#deadline.set(this.#mail?.receiving ? dataTimeoutMs : commandTimeoutMs);
  }

  progressed(): void {
    this._armTimeout();
  }

  override _onTimeout(): void {
    if (this._closing) return super._onTimeout();
    const waitsForUs = this._handlerPending || this.#busy || this.#mail?.relaying;
    if (waitsForUs) return this._armTimeout();
    this.cutOff(serviceReply(this.#mail?.receiving ? 'messageTooSlow' : 'idleTimeout', this.mailSession.id));
  }

  // ------------------------------------------------------------ commands

  override handler_MAIL(command: Buffer, next: Next): void {
    void this.task(next, async () => {
      if (this.#mail !== null)
        return this.reply(serviceReply('badSequence', this.mailSession.id, 'MAIL within a transaction'));
      const mail = new MailTransaction(this, this.doorContext);
      // Known from here on: a client that leaves now must not leave a relay session behind.
      this.#mail = mail;
      const reply = await mail.mail(command);
      if (mail.ended) this.#mail = null;
      else this.patience.achieved();
      this.reply(reply);
    });
  }

  override handler_RCPT(command: Buffer, next: Next): void {
    const mail = this.#mail;
    if (mail === null) {
      this.reply(serviceReply('badSequence', this.mailSession.id, 'RCPT before MAIL'));
      return next();
    }
    void this.task(next, async () => {
      this.reply(
        await mail.recipient(command, () =>
          this.reader.lookAhead((line) => IS_RCPT.test(line.toString('latin1', 0, 5)), RECIPIENTS_AT_ONCE),
        ),
      );
    });
  }

  override handler_DATA(command: Buffer, next: Next): void {
    const mail = this.#mail;
    const refusal =
      mail === null ? serviceReply('badSequence', this.mailSession.id, 'DATA before MAIL') : mail.dataRefusal(command);
    if (mail === null || refusal !== null) {
      if (refusal !== null) this.reply(refusal);
      return next();
    }
    this.#busy = false;
    mail.receive(this.reader, async (reply) => {
      this.#mail = null;
      this.reply(reply);
      if (this.#draining) this.refuse(serviceReply('shuttingDown', null));
    });
    this.reply(positive(354, null, 'End data with <CR><LF>.<CR><LF>'));
    next();
  }

  override handler_RSET(_command: Buffer, next: Next): void {
    this._resetSession();
    this.reply(positive(250, '2.0.0', 'Ok'));
    this.patience.achievedNothing();
    next();
  }

  override handler_NOOP(_command: Buffer, next: Next): void {
    this.reply(positive(250, '2.0.0', 'Ok'));
    this.patience.achievedNothing();
    next();
  }

  override handler_VRFY(_command: Buffer, next: Next): void {
    this.reply(serviceReply('vrfyDisabled', null));
    next();
  }

  override handler_HELP(_command: Buffer, next: Next): void {
    this.reply(positive(214, '2.0.0', 'EHLO HELO STARTTLS AUTH MAIL RCPT DATA RSET NOOP QUIT'));
    this.patience.achievedNothing();
    next();
  }

  /** Nothing more comes after QUIT. The client's own end is not waited for: often it is a reset, and each would become an error. */
  override handler_QUIT(command: Buffer, next: Next): void {
    super.handler_QUIT(command, next);
    this._socket.destroySoon();
  }

  /** EHLO, HELO, RSET, STARTTLS and XCLIENT all end a transaction. */
  override _resetSession(): void {
    super._resetSession();
    this.#mail?.reset();
    this.#mail = null;
  }

  // ------------------------------------------------------------ ending

  override _onClose(): void {
    if (!this._closed) this.doorContext.sessionClosed(this.listenerName);
    super._onClose();
    this.#deadline.clear();
    this.#mail?.clientLeft();
    this.#mail = null;
    this.mailSession.close();
    this.#markEnded();
  }

  /** Graceful stop: at once if idle, else after the transaction. */
  drain(): void {
    this.#draining = true;
    if (this.#mail === null && !this.#busy && this._ready) this.refuse(serviceReply('shuttingDown', null));
  }

  /** Runs a command's work. A defect is a 451 and a log line, never an unhandled rejection. */
  protected override async task(next: Next, work: () => Promise<void>): Promise<void> {
    this.#busy = true;
    try {
      await work();
    } catch (error) {
      this.doorContext.defect(error, this.mailSession.id);
      this.#mail?.reset();
      this.#mail = null;
      this.reply(serviceReply('internalError', this.mailSession.id));
    }
    this.#busy = false;
    if (this.#draining && this.#mail === null) this.refuse(serviceReply('shuttingDown', null));
    next();
  }
}

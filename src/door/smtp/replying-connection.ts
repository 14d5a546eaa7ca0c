import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import { SMTPConnection, type SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import { type Reply, toText, toWire } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import type { Session } from '../../transaction/session.js';
import { libraryReply } from './library-reply.js';
import { Patience } from './patience.js';
import { ReplyWriter } from './reply-writer.js';
import type { SmtpDoorContext } from './settings.js';

/**
 * How a client is answered: replies carry a status of their own and go out in
 * one write a turn, each is counted, and those to errors use up the client's
 * credit. 421 is the last word, whoever says it (RFC 5321 §3.8).
 */
export abstract class ReplyingConnection extends SMTPConnection {
  abstract readonly mailSession: Session;
  protected readonly patience = new Patience(
    () => this.doorContext.settings().maxErrors,
    () => this.cutOff(serviceReply('tooManyErrors', this.mailSession.id)),
  );
  readonly #replies = new ReplyWriter(
    () => this._socket,
    () => this._upgrading,
  );
  /** A rule refused the session, and it stands in the log already. */
  #judged = false;

  constructor(
    library: SMTPServer,
    protected readonly doorContext: SmtpDoorContext,
    socket: Socket | TLSSocket,
    options: SMTPConnectionOptions,
  ) {
    super(library, socket, options);
  }

  /** Our own replies, whole. */
  reply(reply: Reply): void {
    const relays = reply.status === null && reply.code !== 354;
    this.doorContext.replied(reply, relays ? 'relay' : 'sluice');
    this.#replies.write(toWire(reply));
    this._armTimeout();
    this.patience.replied(reply.code);
    if (reply.code === 421) this.close();
  }

  /** The library's replies, and those texts of ours that bring their status along. */
  override send(code: number, data?: string | string[] | null, context?: string | false): void {
    const lines = Array.isArray(data) ? data : [data ?? ''];
    const text = libraryReply(code, lines, this._getEnhancedStatusCode(code, context));
    this.doorContext.replied({ code }, 'sluice');
    this.#replies.write(text);
    this._armTimeout();
    this.patience.replied(code);
    if (code !== 421) return;
    if (!this._closing && !this.#judged) this.#logCutOff(text.trim());
    this.close();
  }

  /** Says it and closes. */
  refuse(reply: Reply): void {
    if (this._closing) return;
    this.reply(reply);
    this.close();
  }

  /** The same to a client that misbehaved; the log hears of it. */
  cutOff(reply: Reply): void {
    if (this._closing) return;
    this.#logCutOff(toText(reply));
    this.refuse(reply);
  }

  override _refuse(error: Error & { responseCode?: number }, context?: string | false): void {
    this.#judged = true;
    super._refuse(error, context);
  }

  override close(): void {
    this.#replies.flush();
    super.close();
  }

  override upgrade(callback: () => void, secureCallback?: () => void): void {
    // The 220 must leave before the socket speaks TLS.
    this.#replies.flush();
    super.upgrade(callback, secureCallback);
  }

  #logCutOff(reason: string): void {
    const { address, listener } = this.mailSession.client;
    this.doorContext.cutOff({ session: this.mailSession.id, listener, client: address, reason });
  }
}

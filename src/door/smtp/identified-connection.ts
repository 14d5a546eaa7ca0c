import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SMTPServer } from 'smtp-server';
import type { SMTPConnectionOptions } from 'smtp-server/lib/smtp-connection.js';
import type { Connection } from '../../account/contract.js';
import type { Reply } from '../../smtp/reply.js';
import { Session } from '../../transaction/session.js';
import { certificateOf } from './client-certificate.js';
import { makeOffer, type Offer } from './offer.js';
import { ReplyingConnection } from './replying-connection.js';
import type { ListenerSettings, SmtpDoorContext } from './settings.js';

type Next = () => void;

/**
 * Who the client is, and what EHLO offers it for that. EHLO, STARTTLS, AUTH and
 * XCLIENT may each change the answer.
 */
export abstract class IdentifiedConnection extends ReplyingConnection {
  readonly mailSession: Session;
  #login: string | null = null;
  #offer: Offer | null = null;
  #resets = 0;

  constructor(
    library: SMTPServer,
    doorContext: SmtpDoorContext,
    protected readonly listenerName: string,
    socket: Socket | TLSSocket,
    options: SMTPConnectionOptions,
  ) {
    super(library, doorContext, socket, options);
    this.mailSession = new Session(doorContext.transactions, this.#connection());
  }

  /** Runs a command's work, then takes the next one. */
  protected abstract task(next: Next, work: () => Promise<void>): Promise<void>;

  get listener(): ListenerSettings {
    return this.doorContext.listener(this.listenerName);
  }

  get authenticated(): boolean {
    return Boolean(this.session.user);
  }

  get helo(): string | null {
    return this.hostNameAppearsAs === false ? null : this.hostNameAppearsAs;
  }

  get esmtp(): boolean {
    return this.openingCommand !== 'HELO';
  }

  get offer(): Offer {
    this.#offer ??= this.#makeOffer();
    return this.#offer;
  }

  // ------------------------------------------------------------ what the door asks for the library

  greeted(): Promise<Reply | null> {
    return this.mailSession.connect();
  }

  secured(): Promise<Reply | null> {
    return this.mailSession.reconnect(this.#connection());
  }

  authenticate(username: string, password: string): Promise<Reply | null> {
    return this.mailSession.authenticate(username, password);
  }

  loggedIn(login: string): void {
    this.#login = login;
  }

  // ------------------------------------------------------------ EHLO, STARTTLS, AUTH

  override handler_EHLO(command: Buffer, next: Next): void {
    const [, hostname, ...more] = command.toString('latin1').trim().split(/\s+/);
    if (hostname === undefined || more.length > 0 || hostname.length > 255 || /[^\x21-\x7e]/.test(hostname)) {
      this.send(501, '5.5.4 Syntax: EHLO hostname', false);
      return next();
    }
    this.hostNameAppearsAs = hostname;
    this._resetSession();
    this.#offer = this.#makeOffer();
    this.send(250, [this.name, ...this.#offer.keywords], false);
    this.patience.achievedNothing();
    next();
  }

  override upgrade(callback: Next, secureCallback?: Next): void {
    this.#offer = null;
    super.upgrade(callback, secureCallback);
  }

  override handler_AUTH(command: Buffer, next: Next): void {
    if (!this.secure && !this.listener.authInClear) {
      const text = this.listener.tls === 'starttls' ? 'Issue STARTTLS before AUTH' : 'AUTH is not offered without TLS';
      this.send(538, `5.7.11 ${text}`);
      return next();
    }
    super.handler_AUTH(command, next);
  }

  // ------------------------------------------------------------ XCLIENT

  override _proxyCommandAllowed(command: string, option: 'useXClient' | 'useXForward'): boolean {
    return (
      option === 'useXClient' &&
      command === 'XCLIENT' &&
      !this._xClient.has('ADDR') &&
      this.listener.isXclientPeer(this._originalRemoteAddress)
    );
  }

  override handler_XCLIENT(command: Buffer, next: Next): void {
    const resets = this.#resets;
    super.handler_XCLIENT(command, () => {
      // A refused one changes nothing; one that is taken resets the session.
      if (this.#resets === resets) return next();
      // An unavailable login is none, and AUTH of the peer itself is not the client's.
      if (!this.session.user || !this._xClient.get('LOGIN')) {
        this.session.user = false;
        this.#login = null;
      }
      void this.task(next, async () => {
        const refusal = await this.mailSession.reconnect(this.#connection());
        if (refusal !== null) this.refuse(refusal);
      });
    });
  }

  override _resetSession(): void {
    super._resetSession();
    this.#resets += 1;
    this.#offer = null;
  }

  #connection(): Connection {
    return {
      address: this.remoteAddress === '' ? 'unix' : this.remoteAddress,
      certificate: certificateOf(this._socket),
      login: this.#login,
      mta: null,
      listener: this.listenerName,
    };
  }

  #makeOffer(): Offer {
    const { listener } = this;
    const mayAuthenticate =
      listener.auth !== 'off' &&
      (this.secure || listener.authInClear) &&
      this.mailSession.context.policy().accounts.takesPasswords &&
      !this.session.user;
    return makeOffer({
      relay: this.doorContext.relay.capabilities,
      maxMessageSize: this.doorContext.settings().maxMessageSize,
      secure: this.secure,
      startTls: listener.tls === 'starttls' && !this.secure,
      mechanisms: mayAuthenticate ? ['PLAIN', 'LOGIN'] : [],
      xclient: this._proxyCommandAllowed('XCLIENT', 'useXClient'),
    });
  }
}

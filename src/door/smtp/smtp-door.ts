import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { SMTPServerAuthentication, SMTPServerAuthenticationResponse, SMTPServerSession } from 'smtp-server';
import { SMTPServer } from 'smtp-server';
import type { SMTPConnectionOptions, TLSError } from 'smtp-server/lib/smtp-connection.js';
import { type Reply, toText } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import { newSessionId } from '../../transaction/ids.js';
import type { Door, ListenAddress } from '../contract.js';
import { listenOptions } from '../listen-options.js';
import { readProxyHeader } from './proxy-protocol.js';
import type { ListenerSettings, SmtpDoorContext } from './settings.js';
import { SluiceConnection } from './smtp-connection.js';

/** From the TCP connection to the end of the TLS handshake. Real clients need a second. */
const HANDSHAKE_LIMIT_MS = 60_000;

type Callback = (error?: Error | null) => void;
type ProxyCallback = (error: Error | null, options?: SMTPConnectionOptions & { id: string }) => void;

/** One listener: accepts connections, and ends them gracefully. */
export class SmtpDoor extends SMTPServer implements Door {
  /** Until their socket is closed; the library forgets a session as soon as it says its last word. */
  readonly #live = new Set<SluiceConnection>();

  constructor(
    readonly name: string,
    private readonly context: SmtpDoorContext,
  ) {
    super(libraryOptions(context.listener(name), context));
    // A broken client socket is the connection's business, and it is over by then.
    this.on('error', () => undefined);
  }

  open(): Promise<void> {
    const { address, maxSessions } = this.context.listener(this.name);
    return new Promise((resolve, reject) => {
      this.server.once('error', reject);
      this.listen(listenOptions(address, maxSessions), () => {
        this.server.off('error', reject);
        resolve();
      });
    });
  }

  get address(): ListenAddress {
    const { address } = this.context.listener(this.name);
    const bound = this.server.address();
    return 'path' in address || bound === null || typeof bound === 'string'
      ? address
      : { ...address, port: bound.port };
  }

  /** Takes on what the library keeps of the settings: certificates for new connections, commands, time limits. */
  reconfigure(): void {
    const listener = this.context.listener(this.name);
    const { disabledCommands, socketTimeout, maxClients } = libraryOptions(listener, this.context);
    Object.assign(this.options, { disabledCommands, socketTimeout, maxClients });
    if (listener.certificate !== null) this.updateSecureContext(tlsOptions(listener));
  }

  /**
   * Stops listening; idle sessions hear 421, others after their transaction.
   * After `graceMs` the rest is cut off. Resolves when no session is left.
   */
  async drain(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.server.close(() => resolve()));
    for (const connection of this.#live) connection.drain();
    const cutOff = setTimeout(() => {
      for (const connection of this.#live) {
        connection.refuse(serviceReply('shuttingDown', null));
        connection._socket.destroy();
      }
    }, graceMs);
    await closed;
    clearTimeout(cutOff);
    // A server is closed a moment before its last sockets have said so to their sessions.
    await Promise.all([...this.#live].map((connection) => connection.ended));
  }

  // ------------------------------------------------------------ the library's seams

  override connect(socket: Socket | TLSSocket, options?: SMTPConnectionOptions | null): void {
    const connection = new SluiceConnection(this, this.context, this.name, socket, options ?? {});
    this.connections.add(connection);
    this.#live.add(connection);
    void connection.ended.then(() => this.#live.delete(connection));
    this.#byLibrarySession.set(connection.session, connection);
    const peer = addressOf(socket);
    connection.on('error', (error) => {
      if (connection._upgrading) this.#cutOff(peer, `no TLS: ${reasonOf(error)}`, connection.mailSession.id);
      connection._socket.destroy();
    });
    connection.init();
  }

  override onConnect(session: SMTPServerSession, done: Callback): void {
    this.#answer(this.#of(session).greeted(), session, done);
  }

  override onSecure(_socket: Socket | TLSSocket, session: SMTPServerSession, done: Callback): void {
    this.#answer(this.#of(session).secured(), session, done);
  }

  override onAuth(
    auth: SMTPServerAuthentication,
    session: SMTPServerSession,
    done: (error: Error | null | undefined, response?: SMTPServerAuthenticationResponse) => void,
  ): void {
    const username = auth.username ?? '';
    const connection = this.#of(session);
    if (auth.method === 'XCLIENT') {
      // A trusted peer's word; the connection judges it when the command is done.
      connection.loggedIn(username);
      done(null, { user: username });
      return;
    }
    const password = typeof auth.password === 'string' ? auth.password : '';
    this.#answer(connection.authenticate(username, password), session, (error) => {
      if (error) done(error);
      else done(null, { user: username });
    });
  }

  /** PROXY v1 and v2, from trusted peers only; the library knows v1. */
  override _handleProxy(socket: Socket, done: ProxyCallback): void {
    const id = newSessionId();
    const peer = addressOf(socket);
    if (!this._expectsProxyHeader(socket)) {
      done(null, { id });
      return;
    }
    readProxyHeader(socket).then(
      (source) => done(null, source === null ? { id } : { id, remoteAddress: source.address, remotePort: source.port }),
      (error: unknown) => {
        socket.on('error', () => undefined);
        this.#cutOff(peer, `no valid PROXY header: ${reasonOf(error)}`, id);
        socket.destroy();
        done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }

  override _expectsProxyHeader(socket: Socket): boolean {
    return this.context.listener(this.name).isProxy(socket.remoteAddress ?? 'unix');
  }

  /**
   * The library's own limit begins anew with every byte, so that a client could
   * stay in its handshake for ever.
   */
  override _acceptSocket(socket: Socket, handshake: boolean): (() => void) | false {
    const peer = addressOf(socket);
    const release = super._acceptSocket(socket, handshake);
    if (release === false) this.#cutOff(peer, 'too many clients without a session: PROXY header or TLS handshake');
    if (release === false || !this._pendingSockets.has(socket)) return release;
    const limitMs = Math.min(HANDSHAKE_LIMIT_MS, this.context.settings().commandTimeoutMs);
    const late = setTimeout(() => {
      this.#cutOff(peer, `no session within ${limitMs / 1000} s: PROXY header or TLS handshake`);
      this._pendingSockets.get(socket)?.destroy();
    }, limitMs);
    socket.once('close', () => clearTimeout(late));
    return () => {
      clearTimeout(late);
      release();
    };
  }

  override _upgrade(socket: Socket, done: (error: TLSError | null, tlsSocket?: TLSSocket) => void): void {
    const peer = addressOf(socket);
    super._upgrade(socket, (error, tlsSocket) => {
      if (error !== null) this.#cutOff(peer, `no TLS: ${reasonOf(error)}`);
      done(error, tlsSocket);
    });
  }

  #cutOff(client: string, reason: string, session: string = newSessionId()): void {
    this.context.cutOff({ session, listener: this.name, client, reason });
  }

  readonly #byLibrarySession = new WeakMap<object, SluiceConnection>();

  #of(session: SMTPServerSession): SluiceConnection {
    const connection = this.#byLibrarySession.get(session);
    if (connection === undefined) throw new Error('a session of no connection');
    return connection;
  }

  #answer(judging: Promise<Reply | null>, session: SMTPServerSession, done: Callback): void {
    judging.then(
      (refusal) => done(refusal === null ? null : new ReplyError(refusal)),
      (error: unknown) => {
        this.context.defect(error, session.id);
        done(new ReplyError(serviceReply('internalError', session.id)));
      },
    );
  }
}

/** How the library is told which reply to give. */
class ReplyError extends Error {
  readonly responseCode: number;
  constructor(reply: Reply) {
    super(toText(reply).slice(4));
    this.responseCode = reply.code;
  }
}

/** A socket that has closed no longer tells. */
function addressOf(socket: Socket): string {
  return socket.remoteAddress ?? 'unix';
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function libraryOptions(listener: ListenerSettings, context: SmtpDoorContext) {
  return {
    name: context.settings().hostname,
    secure: listener.tls === 'implicit',
    hideSTARTTLS: listener.tls !== 'starttls',
    hideENHANCEDSTATUSCODES: false,
    disableReverseLookup: true,
    // Who must authenticate is asked at MAIL, where an address may do as well.
    authOptional: true,
    allowInsecureAuth: true,
    authMethods: ['PLAIN', 'LOGIN'],
    disabledCommands: ['WIZ', 'SHELL', 'KILL', 'XFORWARD', ...(listener.auth === 'off' ? ['AUTH'] : [])],
    socketTimeout: context.settings().commandTimeoutMs,
    // Of the sockets that have no session yet; those that have are counted in `init`.
    maxClients: listener.maxSessions,
    useXClient: true,
    logger: false as const,
    ...tlsOptions(listener),
  };
}

function tlsOptions(listener: ListenerSettings) {
  const { certificate, clientCertificates } = listener;
  if (certificate === null) return {};
  return {
    ...certificate,
    minVersion: 'TLSv1.2' as const,
    ...(clientCertificates === null
      ? {}
      : {
          ca: clientCertificates.ca,
          requestCert: true,
          rejectUnauthorized: clientCertificates.require,
        }),
  };
}

import { chmod } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { serviceReply } from '../../smtp/service-replies.js';
import { newSessionId } from '../../transaction/ids.js';
import type { Door, ListenAddress } from '../contract.js';
import { listenOptions } from '../listen-options.js';
import { type Action, DUNNO, refuse } from './action.js';
import { DelegatedMessage } from './delegated-message.js';
import { OpenMessages } from './open-messages.js';
import type { PolicyRequest } from './policy-request.js';
import { type Judge, PolicydConnection } from './policyd-connection.js';
import type { PolicydDoorContext, PolicydSettings } from './settings.js';

/** Messages that end unheard in a row, and no end was ever heard, before the log says that something is missing. */
const UNHEARD_ENDS = 20;

/** One listener for Postfix's `check_policy_service`. */
export class PolicydDoor implements Door, Judge {
  readonly #server: Server;
  readonly #live = new Set<PolicydConnection>();
  readonly #messages: OpenMessages;
  /** Messages whose end is being written to the store. */
  readonly #ending = new Set<Promise<void>>();
  #endsHeard = false;
  #endsMissed = 0;

  constructor(
    readonly name: string,
    private readonly context: PolicydDoorContext,
  ) {
    this.#server = createServer({ noDelay: true }, (socket) => this.#accept(socket));
    this.#messages = new OpenMessages(
      () => ({
        messageTimeoutMs: this.settings().messageTimeoutMs,
        mostOrphans: context.listener(name).maxConnections,
      }),
      (message) => this.#over(message),
    );
  }

  async open(): Promise<void> {
    const { address, mode, maxConnections } = this.context.listener(this.name);
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(listenOptions(address, maxConnections), () => {
        this.#server.off('error', reject);
        // A connection that cannot be taken is Postfix's trouble, and it will say so.
        this.#server.on('error', () => undefined);
        resolve();
      });
    });
    if ('path' in address && mode !== null) await chmod(address.path, mode);
  }

  get address(): ListenAddress {
    const { address } = this.context.listener(this.name);
    const bound = this.#server.address();
    return 'path' in address || bound === null || typeof bound === 'string'
      ? address
      : { ...address, port: bound.port };
  }

  /** Settings are read where they are used. */
  reconfigure(): void {}

  async drain(graceMs: number): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const connection of this.#live) connection.drain();
    const cutOff = setTimeout(() => {
      for (const connection of this.#live) connection.destroy();
    }, graceMs);
    await closed;
    clearTimeout(cutOff);
    await Promise.all([...this.#live].map((connection) => connection.ended));
    this.#messages.close();
    await Promise.all(this.#ending);
  }

  // ------------------------------------------------------------ what connections ask

  settings(): PolicydSettings {
    return this.context.settings();
  }

  async answer(request: PolicyRequest, connection: PolicydConnection): Promise<Action> {
    const action = await this.#judge(request, connection);
    if (action.kind === 'refuse') this.context.replied(action.reply, 'sluice');
    return action;
  }

  cutOff(connection: PolicydConnection, reason: string): void {
    this.context.cutOff({ session: connection.id, listener: this.name, client: connection.peer, reason });
  }

  defect(error: unknown, connection: PolicydConnection): void {
    this.context.defect(error, connection.id);
  }

  closed(connection: PolicydConnection): void {
    this.#live.delete(connection);
    this.context.sessionClosed(this.name);
    if (connection.current !== null) this.#messages.orphan(nameOf(connection, connection.current.instance), connection);
  }

  // ------------------------------------------------------------ messages

  #accept(socket: Socket): void {
    const { isPeer, maxConnections } = this.context.listener(this.name);
    const peer = socket.remoteAddress ?? 'unix';
    if (!isPeer(peer)) return this.#turnAway(socket, peer, 'not a Postfix of `peers`');
    if (this.#live.size >= maxConnections) return this.#turnAway(socket, peer, 'too many connections of Postfixes');
    this.context.sessionOpened(this.name);
    this.#live.add(new PolicydConnection(socket, peer, this));
  }

  #turnAway(socket: Socket, peer: string, reason: string): void {
    socket.on('error', () => undefined);
    socket.destroy();
    this.context.cutOff({ session: newSessionId(), listener: this.name, client: peer, reason });
  }

  async #judge(request: PolicyRequest, connection: PolicydConnection): Promise<Action> {
    const { instance, state } = request;
    if (connection.current !== null && connection.current.instance !== instance) {
      this.#messages.leave(nameOf(connection, connection.current.instance), connection);
      connection.current = null;
    }
    if (instance === null || state === 'CONNECT' || state === 'EHLO' || state === 'HELO') return DUNNO;
    switch (state) {
      case 'MAIL':
        return this.#message(request, instance, connection).mail(request);
      case 'RCPT':
        return this.#message(request, instance, connection).recipient(request, this.settings().traceField);
      case 'DATA':
        return this.#known(instance, connection) === null ? this.#unheardOf(request) : DUNNO;
      case 'END-OF-MESSAGE':
        return this.#endOfMessage(request, instance, connection);
      default:
        return DUNNO;
    }
  }

  #known(instance: string, connection: PolicydConnection): DelegatedMessage | null {
    const message = this.#messages.find(nameOf(connection, instance), connection);
    if (message !== null) connection.current = { instance, message };
    return message;
  }

  #message(request: PolicyRequest, instance: string, connection: PolicydConnection): DelegatedMessage {
    const known = this.#known(instance, connection);
    if (known !== null) return known;
    const message = new DelegatedMessage(this.context.transactions, this.name, request, this.settings().charge);
    this.#messages.open(nameOf(connection, instance), connection, message);
    connection.current = { instance, message };
    return message;
  }

  async #endOfMessage(request: PolicyRequest, instance: string, connection: PolicydConnection): Promise<Action> {
    this.#endsHeard = true;
    const known = this.#known(instance, connection);
    const configured = this.settings().charge;
    if (configured === 'recipient') {
      this.#advise('Postfix asks at END-OF-MESSAGE, which `policyd.charge: recipient` ignores: set `end-of-message`');
    }
    // Since a reload messages may be under way that are charged as it was before.
    if ((known?.charging ?? configured) === 'recipient') return DUNNO;
    if (known !== null) return known.endOfMessage(request);
    if (request.recipientCount !== 1) return this.#unheardOf(request);
    // Restarted meanwhile, or let through by a restriction before ours: still one of whom we know all.
    return this.#message(request, instance, connection).whole(request);
  }

  #unheardOf({ recipientCount, state }: PolicyRequest): Action {
    // Where the end is asked about, its one recipient is told there.
    if (this.settings().charge === 'recipient' || (state === 'DATA' && recipientCount <= 1)) return DUNNO;
    this.#advise(
      'Postfix asks about the end of messages of whose recipients it did not ask: check_policy_service must stand before any `permit` in smtpd_recipient_restrictions, and under the same name in both',
    );
    return refuse(serviceReply('messageUnknown', null));
  }

  #over(message: DelegatedMessage): void {
    // As long as no end was ever heard, perhaps none is asked about: what passes must not pass uncounted.
    const charge = message.charging === 'recipient' || !this.#endsHeard;
    if (charge && message.awaitsItsEnd) this.#missed();
    const ending = (charge ? message.settle() : message.abandon()).catch((error: unknown) =>
      this.context.defect(error, message.id),
    );
    this.#ending.add(ending);
    void ending.then(() => this.#ending.delete(ending));
  }

  #missed(): void {
    this.#endsMissed += 1;
    if (this.#endsMissed !== UNHEARD_ENDS) return;
    this.#advise(
      'Postfix never asked at END-OF-MESSAGE, so recipients are charged as they are let through: add check_policy_service to smtpd_end_of_data_restrictions, or set `policyd.charge: recipient`',
    );
  }

  readonly #advised = new Set<string>();

  /** Once. */
  #advise(advice: string): void {
    if (this.#advised.has(advice)) return;
    this.#advised.add(advice);
    this.context.advise(this.name, advice);
  }
}

/** Two machines' Postfixes may use one name for two messages. */
function nameOf({ peer }: PolicydConnection, instance: string): string {
  return `${peer} ${instance}`;
}

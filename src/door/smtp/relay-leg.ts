import {
  type ClientIdentity,
  type PathCommand,
  RelayFailure,
  type RelayPool,
  type RelaySession,
} from '../../relay/contract.js';
import { isPermanent, isPositive, type RelayReply, type Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';

/**
 * The relay's side of one transaction. With `immediate` each command goes to
 * the relay as the client gives it, and the client hears the relay's answer;
 * with `deferred` the envelope waits for the message and goes out in one
 * write, so that a relay's refusal of one recipient refuses the message.
 */
export class RelayLeg {
  #session: RelaySession | null = null;
  #mail: PathCommand | null = null;
  readonly #recipients: PathCommand[] = [];

  constructor(
    private readonly pool: RelayPool,
    private readonly client: ClientIdentity,
    private readonly envelope: 'immediate' | 'deferred',
  ) {}

  async mail(command: PathCommand): Promise<RelayReply> {
    this.#mail = command;
    if (this.envelope === 'deferred') return { code: 250, lines: ['2.1.0 Ok'] };
    this.#session = await this.pool.acquire(this.client);
    return heard(await this.#session.mail(command));
  }

  async recipients(commands: readonly PathCommand[]): Promise<readonly RelayReply[]> {
    if (commands.length === 0) return [];
    if (this.envelope === 'deferred') {
      this.#recipients.push(...commands);
      return commands.map(() => ({ code: 250, lines: ['2.1.5 Ok'] }));
    }
    return (await this.#open().recipients(commands)).map(heard);
  }

  /** Opens the message at the relay: 354, or the refusal. */
  async data(): Promise<RelayReply> {
    if (this.envelope === 'immediate') return heard(await this.#open().data());
    this.#session = await this.pool.acquire(this.client);
    const { mail, recipients, data } = await this.#session.envelope(this.#mail ?? NO_MAIL, this.#recipients);
    const refusal = leastLasting([mail, ...recipients, ...(data === null ? [] : [data])]);
    if (refusal === null) return data ?? mail;
    // The relay may be in DATA for the others; a dot would send them an empty message.
    if (data?.code === 354) this.abandon();
    return heard(refusal);
  }

  write(content: Buffer): Promise<void> {
    return this.#open().write(content);
  }

  /** The last octets and the final dot. */
  async finish(content: Buffer): Promise<RelayReply> {
    return heard(await this.#open().finish(content));
  }

  /** Gives the session back; what was begun and not finished is reset. */
  release(): void {
    this.#session?.release();
    this.#session = null;
  }

  /** Drops the connection, so that the relay cannot keep what was begun. */
  abandon(): void {
    this.#session?.abandon();
    this.#session = null;
  }

  #open(): RelaySession {
    if (this.#session === null) throw new RelayFailure('envelope', 'closed', 'the relay session is over');
    return this.#session;
  }
}

/** What the client hears when the relay failed instead of answering. */
export function failureReply(failure: RelayFailure, ref: string): Reply {
  return serviceReply(failure.stage === 'connect' ? 'relayUnreachable' : 'relayLost', ref);
}

const NO_MAIL: PathCommand = { path: '<>', parameters: [] };

/** A temporary refusal rather than a permanent one: a retry may still reach every recipient. */
function leastLasting(replies: readonly RelayReply[]): RelayReply | null {
  const refusals = replies.filter((reply) => !isPositive(reply));
  return refusals.find((reply) => !isPermanent(reply)) ?? refusals[0] ?? null;
}

/** A relay's 421 ends its session with us, not the client's: the words stay, the code says try again. */
function heard(reply: RelayReply): RelayReply {
  return reply.code === 421 ? { code: 451, lines: reply.lines } : reply;
}

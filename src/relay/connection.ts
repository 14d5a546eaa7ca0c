import { isPositive, type RelayReply } from '../smtp/reply.js';
import type { Channel, Step } from './channel.js';
import type { ClientIdentity, PathCommand, RelayCapabilities } from './contract.js';
import { dial, type Link, logIn, sayHello } from './dial.js';
import { xclientCommand, xforwardCommand } from './identity.js';
import { type RelayHost, type RelayLinkOptions, type RelayTimeouts, relayName } from './options.js';

/** How far the transaction is. `content`: DATA was sent, so RSET could be message text. */
type Progress = 'none' | 'open' | 'content';

export interface EnvelopeReplies {
  readonly mail: RelayReply;
  readonly recipients: readonly RelayReply[];
  readonly data: RelayReply | null;
}

/** One connection to a relay, step by step; transactions follow one another on it. */
export class RelayConnection {
  readonly relay: string;
  readonly #steps: Steps;
  /** Transactions begun on it. */
  transactions = 0;
  #capabilities: RelayCapabilities;
  #progress: Progress = 'none';
  #mailAccepted = false;
  #identity: string | null = null;
  #identityIsFinal = false;
  #refusedIdentity = false;
  #forward: string | null = null;
  #settled: Promise<unknown> | null = null;
  /** Something is about to be sent, after what is awaited: the connection cannot change hands. */
  #starting = false;

  private constructor(
    readonly host: RelayHost,
    private readonly link: Link,
    private readonly options: RelayLinkOptions,
  ) {
    this.relay = relayName(host);
    this.#steps = stepsWithin(options.timeouts);
    this.#capabilities = link.ehlo.capabilities;
  }

  /** Rejects with RelayFailure('connect', …). */
  static async open(host: RelayHost, options: RelayLinkOptions): Promise<RelayConnection> {
    return new RelayConnection(host, await dial(host, options), options);
  }

  get capabilities(): RelayCapabilities {
    return this.#capabilities;
  }

  get alive(): boolean {
    return this.#channel.open;
  }

  /** The relay has accepted MAIL of the transaction that is open. */
  get mailAccepted(): boolean {
    return this.#mailAccepted;
  }

  /** Calls back once; `awaited` says that somebody hears of it already, by what fails. */
  onClose(listener: (awaited: boolean) => void): void {
    this.#channel.onClose(listener);
  }

  /** Resolves when the socket is closed. */
  get gone(): Promise<void> {
    return this.#channel.gone;
  }

  /** Whether the relay can be told about this client on this connection, after others were told on it. */
  canSpeakFor(client: ClientIdentity): boolean {
    if (!this.#identityIsFinal || this.options.identity !== 'xclient') return true;
    return this.#identity === this.#xclientOf(client);
  }

  /** Whether `introduce` would have anything to say. */
  needsIntroduction(client: ClientIdentity): boolean {
    return this.options.identity === 'xclient' && this.#identity !== this.#xclientOf(client);
  }

  /** With XFORWARD the relay hears of the client together with MAIL. */
  forwards(client: ClientIdentity): void {
    if (this.options.identity === 'xforward') this.#forward = xforwardCommand(client, this.#capabilities.xforward);
  }

  /** Tells the relay whom the next transactions are for. A reply is the relay's refusal of that client. */
  async introduce(client: ClientIdentity): Promise<RelayReply | null> {
    this.forwards(client);
    if (this.options.identity !== 'xclient') return null;
    const command = this.#xclientOf(client);
    if (command === null || command === this.#identity) return null;
    await this.#inStep();
    try {
      return await this.#sendIdentity(command, client);
    } finally {
      this.#starting = false;
    }
  }

  mail(command: PathCommand): Promise<RelayReply> {
    return this.#settled === null ? this.#sendMail(command) : this.#inStep().then(() => this.#sendMail(command));
  }

  recipients(commands: readonly PathCommand[]): Promise<readonly RelayReply[]> {
    return this.#each(commands, (command) => this.#sendRecipient(command));
  }

  /** MAIL, all RCPTs and DATA; in one write where the relay has PIPELINING. `data` is null when it was not sent. */
  async envelope(mail: PathCommand, recipients: readonly PathCommand[]): Promise<EnvelopeReplies> {
    await this.#inStep();
    return this.#capabilities.pipelining
      ? this.#envelopeAtOnce(mail, recipients)
      : this.#envelopeByStep(mail, recipients);
  }

  async data(): Promise<RelayReply> {
    this.#progress = 'content';
    const reply = await this.#channel.send('DATA', this.#steps.data);
    if (reply.code !== 354) this.#progress = 'open';
    return reply;
  }

  write(chunk: Buffer): Promise<void> {
    return this.#channel.write(chunk, this.#steps.content);
  }

  async finish(wire: Buffer): Promise<RelayReply> {
    const reply = await this.#channel.finish(wire, this.#steps.finalDot);
    this.#transactionOver();
    return reply;
  }

  /**
   * Ends the open transaction, if any: whoever comes next need not wait for it.
   * False when the connection is of no more use.
   */
  reset(): boolean {
    if (!this.alive || this.#starting || this.#refusedIdentity || this.#progress === 'content') return false;
    if (this.#progress === 'none' && !this.#channel.waiting) return true;
    // Without PIPELINING, who waits for a reply has more to send after it.
    if (this.#channel.waiting && !this.#capabilities.pipelining) return false;
    // Its failure is the connection's, which the next command finds out.
    const reset = this.#channel.send('RSET', this.#steps.reset).catch(() => {});
    this.#settled = reset;
    this.#transactionOver();
    return true;
  }

  quit(): void {
    this.#channel.quit();
  }

  /** Drops the connection at once. */
  destroy(why: string): void {
    this.#channel.fail('closed', why);
  }

  #xclientOf(client: ClientIdentity): string | null {
    return xclientCommand(client, this.link.ehlo.capabilities.xclient);
  }

  get #channel(): Channel {
    return this.link.channel;
  }

  /** Before the first command of something new. Without PIPELINING none may be sent before RSET is answered. */
  async #inStep(): Promise<void> {
    this.#starting = true;
    if (this.#settled !== null && !this.#capabilities.pipelining) await this.#settled;
    this.#settled = null;
  }

  async #sendIdentity(command: string, client: ClientIdentity): Promise<RelayReply | null> {
    const timeoutMs = this.options.timeouts.greetingMs;
    const reply = await this.#channel.send(command, { name: 'XCLIENT', stage: 'envelope', timeoutMs });
    this.#refusedIdentity = reply.code !== 220;
    if (this.#refusedIdentity) return reply;
    this.#identity = command;
    await this.#beginAnew(client);
    return null;
  }

  /** After XCLIENT the session is as if just connected: EHLO, and AUTH unless the relay was told a login. */
  async #beginAnew(client: ClientIdentity): Promise<void> {
    const ehlo = await sayHello(this.#channel, this.host, this.options);
    this.#capabilities = ehlo.capabilities;
    this.#identityIsFinal = ehlo.capabilities.xclient.length === 0;
    const { auth } = this.options;
    if (auth !== null && client.login === null && ehlo.auth.length > 0) {
      await logIn({ ...this.link, ehlo }, this.host, this.options, auth);
    }
  }

  async #sendMail(command: PathCommand): Promise<RelayReply> {
    this.#starting = false;
    this.transactions += 1;
    this.#progress = 'open';
    this.#mailAccepted = false;
    const transaction = this.transactions;
    const reply = await this.#forwardAndMail(command);
    // It may have been given up while it waited, and another have begun.
    if (transaction !== this.transactions) return reply;
    this.#mailAccepted = isPositive(reply);
    if (!this.#mailAccepted && this.#progress === 'open') this.#progress = 'none';
    return reply;
  }

  #forwardAndMail(command: PathCommand): Promise<RelayReply> {
    const mail = () => this.#command('MAIL FROM:', command, this.#steps.mail);
    return this.#forward === null ? mail() : this.#afterForward(this.#forward, mail);
  }

  async #afterForward(command: string, mail: () => Promise<RelayReply>): Promise<RelayReply> {
    // XFORWARD serves the relay's log only: its refusal stops no mail.
    const forwarded = this.#channel.send(command, this.#steps.forward);
    if (!this.#capabilities.pipelining) {
      await forwarded;
      return mail();
    }
    const [, reply] = await Promise.all([forwarded, mail()]);
    return reply;
  }

  #sendRecipient(command: PathCommand): Promise<RelayReply> {
    return this.#command('RCPT TO:', command, this.#steps.recipient);
  }

  #command(verb: string, { path, parameters }: PathCommand, step: Step): Promise<RelayReply> {
    const rest = parameters.length === 0 ? '' : ` ${parameters.join(' ')}`;
    return this.#channel.send(`${verb}${path}${rest}`, step);
  }

  /** In one write where the relay has PIPELINING (RFC 2920), else one by one. */
  async #each<T>(items: readonly T[], send: (item: T) => Promise<RelayReply>): Promise<readonly RelayReply[]> {
    if (this.#capabilities.pipelining && items.length > 1) return Promise.all(items.map(send));
    const replies: RelayReply[] = [];
    for (const item of items) replies.push(await send(item));
    return replies;
  }

  async #envelopeAtOnce(mail: PathCommand, recipients: readonly PathCommand[]): Promise<EnvelopeReplies> {
    const sent = [
      this.#sendMail(mail),
      this.#each(recipients, (command) => this.#sendRecipient(command)),
      this.data(),
    ] as const;
    // Of several that fail, the first in order says how far it went.
    for (const each of sent) each.catch(() => {});
    const [mailReply, recipientReplies, data] = [await sent[0], await sent[1], await sent[2]];
    if (data.code !== 354 || recipientReplies.some(isPositive)) {
      return { mail: mailReply, recipients: recipientReplies, data };
    }
    // RFC 2920 §3.1: a 354 although no recipient was accepted is answered with an empty message.
    return { mail: mailReply, recipients: recipientReplies, data: await this.finish(Buffer.alloc(0)) };
  }

  async #envelopeByStep(mail: PathCommand, recipients: readonly PathCommand[]): Promise<EnvelopeReplies> {
    const mailReply = await this.#sendMail(mail);
    if (!isPositive(mailReply)) return { mail: mailReply, recipients: [], data: null };
    const replies = await this.recipients(recipients);
    const data = replies.some(isPositive) ? await this.data() : null;
    return { mail: mailReply, recipients: replies, data };
  }

  #transactionOver(): void {
    this.#progress = 'none';
    this.#mailAccepted = false;
  }
}

type Steps = ReturnType<typeof stepsWithin>;

/** What a connection waits for, again and again. */
function stepsWithin(timeouts: RelayTimeouts) {
  const { mailMs, recipientMs, dataMs, blockMs, finalDotMs, resetMs } = timeouts;
  return {
    forward: { name: 'XFORWARD', stage: 'envelope', timeoutMs: mailMs },
    mail: { name: 'MAIL', stage: 'envelope', timeoutMs: mailMs },
    recipient: { name: 'RCPT', stage: 'envelope', timeoutMs: recipientMs },
    data: { name: 'DATA', stage: 'data', timeoutMs: dataMs, success: '3yz' },
    content: { name: 'message bytes', stage: 'data', timeoutMs: blockMs },
    finalDot: { name: 'the final dot', stage: 'final-dot', timeoutMs: finalDotMs },
    // Were a refusal overlooked, the next message could go to this one's recipients too.
    reset: { name: 'RSET', stage: 'envelope', timeoutMs: resetMs, essential: true },
  } as const satisfies Record<string, Step>;
}

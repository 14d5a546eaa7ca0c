import type { Address } from '../../smtp/address.js';
import { addressOfInternalForm } from '../../smtp/internal-address.js';
import type { RelayReply, Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import type { TransactionContext } from '../../transaction/context.js';
import type { Charging } from '../../transaction/room.js';
import { Session } from '../../transaction/session.js';
import { Transaction } from '../../transaction/transaction.js';
import { type Action, DUNNO, refuse } from './action.js';
import type { PolicyRequest } from './policy-request.js';

/** Postfix's restrictions behind ours have their say after us; what they said is not told. */
const REFUSED_BY_MTA: RelayReply = { code: 450, lines: ['4.7.0 Refused by another restriction of the MTA'] };

/**
 * One message that a Postfix asks about, from its first recipient to its end:
 * everything of one `instance`.
 */
export class DelegatedMessage {
  readonly #session: Session;
  #transaction: Transaction | null = null;
  /** MAIL was refused: what every recipient hears. */
  #refusal: Reply | null = null;
  /** In order, by key. */
  readonly #letThrough = new Map<string, Address>();
  #prepended = false;
  /** The answer to the end of the message, for a Postfix that asks again because it lost the connection. */
  #verdict: Action | null = null;
  #over = false;
  /** Requests about one message are answered one by one, on whatever connections they come. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(
    context: TransactionContext,
    private readonly listener: string,
    first: PolicyRequest,
    readonly charging: Charging,
  ) {
    const { address } = first.client;
    this.#session = new Session(context, { address, certificate: null, login: null, mta: null, listener });
  }

  /** `ref=` of its replies. */
  get id(): string {
    return this.#transaction?.id ?? this.#session.id;
  }

  /** Recipients were let through that are charged for at the end, which has not come. */
  get awaitsItsEnd(): boolean {
    return this.charging === 'end-of-message' && this.#letThrough.size > 0 && this.#verdict === null && !this.#over;
  }

  mail(request: PolicyRequest): Promise<Action> {
    return this.#inTurn(async () => {
      const refusal = await this.#begin(request, []);
      return refusal === null ? DUNNO : refuse(refusal);
    });
  }

  /** @param field header field that is prepended once with the reference; null: none */
  recipient(request: PolicyRequest, field: string | null): Promise<Action> {
    return this.#inTurn(async () => {
      // After a refusal at the end, Postfix keeps the recipients until the client
      // says RSET: another one must not take them along.
      if (this.#verdict !== null) return this.#verdict;
      const refusal = await this.#judgeRecipient(request);
      if (refusal !== null) return refuse(refusal);
      if (field === null || this.#prepended) return DUNNO;
      this.#prepended = true;
      return { kind: 'prepend', field, value: this.id };
    });
  }

  /** Charges for the message. Postfix queues it next, if nothing else refuses it: what we hear is not the end. */
  endOfMessage(request: PolicyRequest): Promise<Action> {
    return this.#inTurn(async () => {
      this.#verdict ??= await this.#conclude(request);
      return this.#verdict;
    });
  }

  /** The one recipient of a message about which nothing was asked before, and its end. */
  whole(request: PolicyRequest): Promise<Action> {
    return this.#inTurn(async () => {
      const refusal = await this.#judgeRecipient(request);
      this.#verdict ??= refusal === null ? await this.#conclude(request) : refuse(refusal);
      return this.#verdict;
    });
  }

  /** Postfix has turned to another message. What was held comes back, unless the end was heard. */
  abandon(): Promise<void> {
    return this.#finish(async (transaction) => transaction.aborted());
  }

  /** The same where the end is never asked about: what was let through stays charged, or is, as one message without a size. */
  settle(): Promise<void> {
    return this.#finish(async (transaction) => {
      if (this.#letThrough.size === 0) return transaction.aborted();
      transaction.letThrough([...this.#letThrough.values()]);
      const refusal = await transaction.endOfData(0);
      if (refusal === null) transaction.passed(null);
    });
  }

  #finish(end: (transaction: Transaction) => Promise<void>): Promise<void> {
    return this.#inTurn(async () => {
      if (this.#over) return;
      this.#over = true;
      if (this.#transaction !== null && !this.#transaction.ended) await end(this.#transaction);
      this.#session.close();
    });
  }

  /** Who it is, and MAIL. Once for each message. */
  async #begin(request: PolicyRequest, next: readonly Address[]): Promise<Reply | null> {
    if (this.#transaction === null && this.#refusal === null) this.#refusal = await this.#judgeMail(request, next);
    return this.#refusal;
  }

  async #judgeMail({ client, sender, size }: PolicyRequest, next: readonly Address[]): Promise<Reply | null> {
    const session = this.#session;
    // A peer that we trust says who the client is. Nothing is counted here: a
    // policy server does not hear of connections, nor of their end.
    await session.reconnect({ ...client, listener: this.listener });
    session.assumeUnknown();
    const { account } = session;
    if (account === null) {
      return session.turnAway('mail', serviceReply('unknownAccount', session.id), { reversePath: sender });
    }
    const reversePath = sender === '' ? null : addressOfInternalForm(sender);
    if (sender !== '' && (reversePath === null || reversePath.domain === ''))
      return serviceReply('badReversePath', null);
    this.#transaction = new Transaction(session, account, this.charging);
    return this.#transaction.mail(reversePath, reversePath?.spelling ?? '', size === 0 ? null : size, next);
  }

  /** With MAIL, if it is the first. */
  async #judgeRecipient(request: PolicyRequest): Promise<Reply | null> {
    const address = addressOfInternalForm(request.recipient);
    const refused = await this.#begin(request, address === null ? [] : [address]);
    if (refused !== null) return refused;
    if (address === null) return serviceReply('badPath', null);
    const transaction = this.#transaction;
    if (transaction === null) throw new Error('a recipient before MAIL');
    const [refusal = null] = await transaction.recipients([address]);
    if (refusal === null) this.#letThrough.set(address.key, address);
    return refusal;
  }

  async #conclude({ recipient, recipientCount, size, queueId }: PolicyRequest): Promise<Action> {
    const transaction = this.#transaction;
    // Only after a defect, or from something that is no Postfix.
    if (transaction === null || transaction.ended) return refuse(serviceReply('messageUnknown', this.id));
    const kept = this.#kept(recipient, recipientCount);
    transaction.letThrough(kept);
    const others = [...this.#letThrough.values()].filter((address) => !kept.includes(address));
    transaction.relayAnswered(others.map((address) => ({ address, reply: REFUSED_BY_MTA })));
    const refusal = await transaction.endOfData(size);
    if (refusal !== null) return refuse(refusal);
    transaction.passed(queueId);
    return DUNNO;
  }

  /**
   * The recipients that are left when Postfix's other restrictions have refused
   * some. It tells how many there are, and who only where it is one; of several
   * the first ones are taken.
   */
  #kept(recipient: string, count: number): readonly Address[] {
    const all = [...this.#letThrough.values()];
    if (count === 0 || count >= all.length) return all;
    const only = count === 1 ? this.#letThrough.get(addressOfInternalForm(recipient)?.key ?? '') : undefined;
    return only === undefined ? all.slice(0, count) : [only];
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => undefined);
    return done;
  }
}

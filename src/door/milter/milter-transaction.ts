import type { Address } from '../../smtp/address.js';
import { readSize } from '../../smtp/parameters.js';
import { parseForwardPath, parseReversePath } from '../../smtp/path.js';
import { isPermanent, type Reply } from '../../smtp/reply.js';
import { serviceReply } from '../../smtp/service-replies.js';
import type { OctetSink } from '../../transaction/message-reading.js';
import type { Session } from '../../transaction/session.js';
import { Transaction } from '../../transaction/transaction.js';
import type { AddedField } from '../../transaction/unsubscribe-fields.js';
import { has, STEP } from './flags.js';
import { MessageOctets } from './message-octets.js';
import type { Agreement } from './negotiation.js';

/** What becomes of a message. */
export type Outcome =
  | { readonly kind: 'pass' }
  | { readonly kind: 'refuse'; readonly reply: Reply }
  | { readonly kind: 'quarantine'; readonly reply: Reply };

/** MAIL to the end of the message, as an MTA tells it. Every verb gives the reply that refuses, or null. */
export class MilterTransaction {
  #transaction: Transaction | null = null;
  #declaredSize: number | null = null;
  #octets: MessageOctets | null = null;

  constructor(
    private readonly session: Session,
    private readonly agreement: Agreement,
  ) {}

  /** MAIL was refused, or all of it is over: there is no transaction. */
  get ended(): boolean {
    return this.#transaction === null || this.#transaction.ended;
  }

  /** What replies and the log call it. */
  get id(): string {
    return this.#transaction?.id ?? this.session.id;
  }

  /** Where the message goes as it comes: from its first octet on, no recipient is added. */
  get octets(): MessageOctets {
    this.#octets ??= new MessageOctets(watchedBy(this.#open()), has(this.agreement.steps, STEP.leadingSpace));
    return this.#octets;
  }

  get addedFields(): readonly AddedField[] {
    return this.#transaction?.addedFields ?? [];
  }

  /** @param next path of a recipient that is here already: `recipient` must be called for it next */
  async mail(path: string, parameters: readonly string[], next: string | null): Promise<Reply | null> {
    const { session } = this;
    const parsed = parseReversePath(path);
    if (!parsed.ok) return serviceReply('badReversePath', null, parsed.reason);
    const { address } = parsed.path;
    const spelling = address?.spelling ?? '';
    session.assumeUnknown();
    if (session.account === null) {
      return session.turnAway('mail', serviceReply('unknownAccount', session.id), { reversePath: spelling });
    }
    const refusal = await session.judgeAccount('mail');
    if (refusal !== null) return refusal;
    this.#declaredSize = declaredSize(parameters);
    const transaction = new Transaction(session, session.account);
    this.#transaction = transaction;
    return transaction.mail(address, spelling, this.#declaredSize, recipientsOf(next));
  }

  async recipient(path: string): Promise<Reply | null> {
    const parsed = parseForwardPath(path);
    if (!parsed.ok) return serviceReply('badPath', null, parsed.reason);
    const { address } = parsed.path;
    if (address === null) return serviceReply('badPath', null);
    const transaction = this.#open();
    const [refusal = null] = await transaction.recipients([address]);
    if (refusal === null) transaction.letThrough([address]);
    return refusal;
  }

  /** Judges the whole message and charges for it; `settle` must follow. */
  async endOfMessage(onRefused: 'reject' | 'quarantine'): Promise<Outcome> {
    const transaction = this.#open();
    if (transaction.acceptedRecipients.length === 0) {
      return { kind: 'refuse', reply: serviceReply('noRecipients', transaction.id) };
    }
    const reply = await transaction.judgeMessage(this.#size());
    if (reply === null) return { kind: 'pass' };
    return { kind: isPermanent(reply) && onRefused === 'quarantine' ? 'quarantine' : 'refuse', reply };
  }

  /** The MTA was told. */
  settle(outcome: Outcome, queueId: string | null): void {
    const transaction = this.#open();
    if (outcome.kind === 'pass') transaction.passed(queueId);
    else if (outcome.kind === 'refuse') transaction.refused(outcome.reply);
    else transaction.quarantined(outcome.reply, queueId);
  }

  /** The client, the MTA, or another of its filters gave it up: what was held comes back. */
  aborted(): undefined {
    this.#transaction?.aborted();
  }

  /** A defect of ours. */
  failed(reply: Reply): void {
    this.#transaction?.refused(reply);
  }

  /** Octets as they came; where no rule counts them, what the client said there would be. */
  #size(): number {
    return this.agreement.content === 'whole' ? this.octets.size : (this.#declaredSize ?? 0);
  }

  #open(): Transaction {
    if (this.#transaction === null) throw new Error('a command within no transaction');
    return this.#transaction;
  }
}

/** None where the path is refused. */
function recipientsOf(path: string | null): readonly Address[] {
  const parsed = path === null ? null : parseForwardPath(path);
  return parsed?.ok && parsed.path.address !== null ? [parsed.path.address] : [];
}

/** The transaction looks at the header section, and the rules at what they want. */
function watchedBy(transaction: Transaction): OctetSink {
  const inspector = transaction.inspector();
  return {
    feed(octets) {
      transaction.saw(octets);
      return inspector?.feed(octets);
    },
  };
}

/** The MTA has refused malformed parameters already. */
function declaredSize(parameters: readonly string[]): number | null {
  const size = parameters.map((parameter) => /^SIZE=(.*)$/i.exec(parameter)?.[1]).find((value) => value !== undefined);
  return size === undefined ? null : readSize(size);
}

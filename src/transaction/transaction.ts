import { type EffectivePolicy, judge } from '../policy/engine.js';
import type { MessageFindings } from '../policy/message-facts.js';
import { asksForReputation, changedLevels } from '../policy/reputation-levels.js';
import { isSelfMail } from '../policy/self-mail.js';
import type { Address } from '../smtp/address.js';
import { signBounceAddress } from '../smtp/bounce-address.js';
import { queueIdOf } from '../smtp/queue-id.js';
import { passedOn, type RelayReply, type Reply, toText } from '../smtp/reply.js';
import { serviceReply } from '../smtp/service-replies.js';
import { ChargedAtOnce } from './charged-at-once.js';
import type { PolicyContext, TransactionContext } from './context.js';
import { Hold } from './hold.js';
import { inBackground } from './in-background.js';
import type { KnownAccount } from './known-account.js';
import { Mail } from './mail.js';
import { MessageReading, type OctetSink } from './message-reading.js';
import { type PassingEnvelope, PassingMessage } from './passing-message.js';
import type { RecipientEntry } from './recipient-entry.js';
import { Recipients } from './recipients.js';
import { type Charging, type Room, RoomAsked } from './room.js';
import type { Session } from './session.js';
import { StoreGuard } from './store-guard.js';
import { ToldOutcomes } from './told-outcomes.js';
import { type TransactionEnd, TransactionRecord } from './transaction-record.js';
import { type AddedField, withUnsubscribe } from './unsubscribe-fields.js';

/** A recipient, and what the relay said to it. */
export interface RelayAnswer {
  readonly address: Address;
  readonly reply: RelayReply;
}

/**
 * One transaction, whatever the door: asks the store, lets the engine judge,
 * holds room in the limits, and writes down how it ended. A door calls `mail`,
 * then `recipients` and `relayAnswered` for each batch, `endOfData`, and one of
 * the endings. A door that an MTA asks, and that has no relay, calls
 * `letThrough` for `relayAnswered` and ends with `passed`. It never speaks to a
 * relay itself.
 */
export class Transaction {
  readonly id: string;
  readonly #context: TransactionContext;
  readonly #policy: PolicyContext;
  readonly #rules: EffectivePolicy;
  readonly #account: KnownAccount;
  readonly #mail: Mail;
  readonly #guard: StoreGuard;
  readonly #room: Room;
  readonly #recipients: Recipients;
  readonly #told: ToldOutcomes;
  /** Null where no reports are heard. */
  readonly #passing: PassingMessage | null;
  readonly #record: TransactionRecord;
  #reading: MessageReading | null = null;
  #ended = false;

  constructor(
    private readonly session: Session,
    account: KnownAccount,
    charging: Charging = 'end-of-message',
  ) {
    this.id = session.nextTransactionId();
    const context = session.context;
    const policy = context.policy();
    const rules = policy.policyOf(account.profile);
    const named = { id: this.id, account: account.profile.id };
    const asked = new RoomAsked(context, rules, { transaction: this.id, account: account.profile.id });
    this.#context = context;
    this.#policy = policy;
    this.#account = account;
    this.#rules = rules;
    this.#mail = new Mail(session, account, context.clock);
    this.#guard = new StoreGuard(context, policy, named);
    this.#room = new (charging === 'end-of-message' ? Hold : ChargedAtOnce)(context, asked);
    this.#recipients = new Recipients({
      transaction: this.id,
      mail: this.#mail,
      rules,
      room: this.#room,
      asked,
      guard: this.#guard,
      isOwnDomain: policy.isOwnDomain,
      words: () => this.#words(),
    });
    this.#record = new TransactionRecord({
      id: this.id,
      session,
      account,
      rules,
      mail: this.#mail,
      recipients: this.#recipients,
      guard: this.#guard,
    });
    this.#told = new ToldOutcomes(context, policy, rules, named);
    this.#passing = policy.feedback === null ? null : new PassingMessage(policy.feedback, rules);
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Recipients that the relay, or the MTA that asked us, takes. */
  get acceptedRecipients(): readonly Address[] {
    return this.#recipients.accepted.map((entry) => entry.address);
  }

  /**
   * Judges MAIL. A reply refuses and ends the transaction.
   *
   * @param next recipients whose RCPTs are here already: the store is asked for them in the same round trip, and the
   *   first call of `recipients` must be for them. If MAIL is refused, what they held comes back
   */
  async mail(
    reversePath: Address | null,
    spelling: string,
    declaredSize: number | null,
    next: readonly Address[] = [],
  ): Promise<Reply | null> {
    const mail = this.#mail;
    mail.reversePath = reversePath;
    mail.spelling = spelling;
    mail.declaredSize = declaredSize;
    const refusal = await this.#guard.run(async () => {
      const { store } = this.#context;
      const { id } = this.#account.profile;
      const asks = this.#policy.feedback !== null && asksForReputation(this.#rules);
      const asked = Promise.all([
        this.session.takeFreshState(id) ?? store.stateOf(id),
        asks ? store.reputationOf(id) : null,
      ]);
      // What is held must be known before anything can end.
      if (next.length > 0) await Promise.allSettled([asked, this.#recipients.foresee(next)]);
      const [state, reputation] = await asked;
      mail.state = state;
      mail.reputation = reputation;
      const facts = mail.facts();
      this.#record.mailAt = facts.now;
      const { objections, reply } = judge('mail', facts, this.#rules, this.#words());
      this.#record.objections.push(...objections);
      this.#writeLevels();
      return reply;
    });
    if (refusal !== null) this.refused(refusal);
    return refusal;
  }

  /** ENVID of MAIL (RFC 3461 §4.4): reports may call the message so. */
  named(envid: string | null): void {
    this.#mail.envid = envid;
  }

  /** Octets of the message on their way, so that a report can be recognised by its Message-ID. */
  saw(content: Buffer): void {
    this.#passing?.saw(content);
  }

  /** Fields that the message is to get, once its header section is here. What was said once holds. */
  get addedFields(): readonly AddedField[] {
    return this.#passing?.addedFields(this.#envelope()) ?? [];
  }

  /** What the relay hears as reverse-path, where bounces are to come home; null: what the client said. */
  get bounceAddress(): string | null {
    const { feedback } = this.#policy;
    if (!feedback?.reversePath || this.#mail.reversePath === null) return null;
    return signBounceAddress(this.id, feedback.reversePath, this.#context.clock.now());
  }

  /**
   * Judges a batch of RCPTs in one round trip to the store. For each recipient,
   * in order: the reply that refuses it, or null, and then the relay is to be
   * asked and `relayAnswered` called.
   */
  recipients(batch: readonly Address[]): Promise<readonly (Reply | null)[]> {
    this.#record.stage = 'recipient';
    return this.#recipients.judge(batch);
  }

  /** What the relay said to recipients that were let through. Refused ones cost nothing. */
  relayAnswered(answers: readonly RelayAnswer[]): void {
    const refused: RecipientEntry[] = [];
    for (const { address, reply } of answers) {
      const entry = this.#recipients.waiting(address);
      if (entry === null) continue;
      entry.relayAnswered(reply);
      if (entry.accepted) continue;
      refused.push(entry);
      this.#recipients.refused(entry);
      this.#told.refused(entry, reply);
    }
    this.#room.giveBack(refused);
  }

  /** Recipients that were let through where no relay is asked: the MTA that asked us takes them. */
  letThrough(addresses: readonly Address[]): void {
    this.#recipients.letThrough(addresses);
  }

  /**
   * Where the door is to send the message as it comes, once its recipients are
   * known; null: no rule asks for it.
   */
  inspector(): OctetSink | null {
    this.#reading = MessageReading.begin(this.#rules, this.#policy.lookups, {
      client: this.session.client.address,
      username: this.#account.identity.username,
      reversePath: this.#mail.spelling ?? '',
      recipients: this.acceptedRecipients.map(({ spelling }) => spelling),
      id: this.id,
    });
    this.#record.messageRead = this.#reading !== null;
    return this.#reading;
  }

  /**
   * Judges the message and charges for it, before the relay hears the final
   * dot. A reply refuses and ends the transaction.
   *
   * @param size octets after dot-unstuffing
   */
  async endOfData(size: number): Promise<Reply | null> {
    const refusal = await this.judgeMessage(size);
    if (refusal !== null) this.refused(refusal);
    return refusal;
  }

  /** `endOfData` for a door that may still choose: a reply must be followed by `refused` or `quarantined`. */
  judgeMessage(size: number): Promise<Reply | null> {
    this.#record.stage = 'message';
    this.#record.size = size;
    return this.#guard.run(() => this.#commit(size));
  }

  /** The relay said 250 to the final dot. */
  accepted(reply: RelayReply): void {
    const kind = this.#policy.finality === 'delivers' ? 'delivered' : 'accepted';
    this.#told.accepted(this.#recipients.accepted, kind, toText(passedOn(reply)));
    this.#remember(queueIdOf(reply));
    this.#end({ ending: 'accepted', reply: passedOn(reply), by: 'relay', queueId: queueIdOf(reply) });
  }

  /**
   * We agreed, and the MTA that asked us queues the message, unless it or
   * another of its filters has objections that we never hear of.
   *
   * @param queueId what the MTA calls it, if it said so
   */
  passed(queueId: string | null): void {
    const status = queueId === null ? 'passed' : `passed as ${queueId}`;
    this.#told.accepted(this.#recipients.accepted, 'accepted', status);
    this.#remember(queueId);
    this.#end({ ending: 'passed', reply: null, by: 'sluice', queueId });
  }

  /** Refused by a rule, and kept by the MTA for a person to look at. What was charged stays: it may yet be sent. */
  quarantined(reply: Reply, queueId: string | null): void {
    this.#record.refused(reply);
    this.#end({ ending: 'quarantined', reply, by: 'sluice', queueId });
  }

  /** The relay refused MAIL, DATA or the message: what was charged comes back. */
  refusedByRelay(reply: RelayReply): void {
    if (this.#record.stage === 'message') this.#told.returned(this.#recipients.accepted, reply);
    this.#end({ ending: 'refused', reply: passedOn(reply), by: 'relay', queueId: null });
  }

  /** Refused by us, or the relay failed before it could have taken the message. */
  refused(reply: Reply): void {
    this.#record.refused(reply);
    this.#end({ ending: 'refused', reply, by: 'sluice', queueId: null });
  }

  /** The final dot was sent and the relay's reply never came: it may have the message, so the charge stays. */
  unknown(reply: Reply): void {
    this.#record.deferred();
    this.#end({ ending: 'unknown', reply, by: 'sluice', queueId: null });
  }

  /** The client reset the transaction or went away before the final dot. */
  aborted(): void {
    this.#end({ ending: 'aborted', reply: null, by: 'sluice', queueId: null });
  }

  #envelope(): PassingEnvelope {
    const { reversePath } = this.#mail;
    return { account: this.#account.profile.id, reversePath, recipients: this.acceptedRecipients };
  }

  /** What was judged now is what the next judgement starts from. */
  #writeLevels(): void {
    const { reputation } = this.#mail;
    if (reputation === null) return;
    const account = this.#account.profile.id;
    for (const { measure, level } of changedLevels(reputation, this.#rules)) {
      this.#context.reputationChanged(account, measure, level);
      const written = this.#context.store.setReputationLevel(account, measure, level);
      inBackground(this.#context, 'setReputationLevel', account, written);
    }
  }

  #words() {
    return this.#policy.wordsFor(this.#account.profile, this.id);
  }

  async #commit(size: number): Promise<Reply | null> {
    const { accepted } = this.#recipients;
    const recipients = accepted.map((entry) => entry.address);
    const selfMail = isSelfMail(recipients, this.#account.profile.senders);
    const charging = this.#room.commit(accepted, this.#mail.state, size, selfMail);
    const reading = this.#reading === null ? null : this.#findings(this.#reading, recipients);
    // Both are waited for, whatever one of them says: what was charged must be known to be taken back.
    if (reading !== null) await Promise.allSettled([charging, reading]);
    const answer = await charging;
    const message = await reading;
    if (answer.state !== null) this.session.knowState(answer.state);
    this.#record.messageUsage = answer.usage;
    this.#record.found = message;
    const { client, now, account, reversePath, declaredSize, reputation } = this.#mail.facts();
    this.#record.messageAt = now;
    const { objections, reply } = judge(
      'message',
      // Spelled out, as in recipients.ts.
      {
        client,
        now,
        account,
        reversePath,
        declaredSize,
        reputation,
        recipients,
        size,
        selfMail,
        usage: answer.usage,
        message,
      },
      this.#rules,
      this.#words(),
    );
    this.#record.objections.push(...objections);
    return reply ?? (answer.granted ? null : serviceReply('storeUnavailable', this.id));
  }

  async #findings(reading: MessageReading, recipients: readonly Address[]): Promise<MessageFindings> {
    const { lookups, words } = this.#policy;
    const account = this.#account.profile.id;
    const found = await reading.findings(
      {
        recipients,
        account,
        reversePath: this.#mail.reversePath,
        rules: this.#rules,
        words,
        now: this.#context.clock.now(),
      },
      { store: this.#context.store, lookups },
    );
    const bulk = found.bulk.why === null ? 'as it declares' : 'known';
    const url = this.#passing?.unsubscribeUrl(this.#envelope(), bulk) ?? null;
    if (url === null || found.unsubscribe === null) return found;
    return { ...found, unsubscribe: withUnsubscribe(found.unsubscribe, url) };
  }

  #remember(queueId: string | null): void {
    const { spelling, envid, reversePath } = this.#mail;
    const passing = this.#passing;
    if (passing === null) return;
    this.#told.remember({
      reversePath: spelling ?? '',
      queueId,
      ...passing.names(reversePath),
      envid,
      recipients: this.#recipients.accepted.map((entry) => entry.address.key),
    });
  }

  #end(end: TransactionEnd): void {
    if (this.#ended) return;
    this.#ended = true;
    // Not once it is over: what was accepted stays charged, whatever is called later.
    if (end.ending === 'refused' || end.ending === 'aborted') this.#room.refund();
    this.#room.end();
    this.#reading?.abandon();
    this.#context.decided(this.#record.decision(end));
  }
}

import type { Decision, Ending } from '../ledger/decision.js';
import { PassingHeader } from '../message/passing-header.js';
import { type EffectivePolicy, judge } from '../policy/engine.js';
import { isExempt } from '../policy/exempt.js';
import { mailStream } from '../policy/mail-stream.js';
import type { MessageFindings } from '../policy/message-facts.js';
import { asksForReputation, changedLevels } from '../policy/reputation-levels.js';
import type { MailFacts, RecipientFacts, RecordedObjection, Verdict } from '../policy/rule.js';
import { isSelfMail } from '../policy/self-mail.js';
import type { Address } from '../smtp/address.js';
import { signBounceAddress } from '../smtp/bounce-address.js';
import { queueIdOf } from '../smtp/queue-id.js';
import { isTransient, passedOn, type RelayReply, type Reply, toText } from '../smtp/reply.js';
import { serviceReply } from '../smtp/service-replies.js';
import {
  type AccountState,
  type RecipientAnswer,
  type Reputation,
  StoreUnavailable,
  type Subscriptions,
} from '../store/contract.js';
import type { PolicyContext, TransactionContext } from './context.js';
import { Hold } from './hold.js';
import { inBackground } from './in-background.js';
import { MessageReading, type OctetSink } from './message-reading.js';
import { RecipientCharges } from './recipient-charges.js';
import { RecipientEntry } from './recipient-entry.js';
import { type Charging, type Room, RoomAsked } from './room.js';
import { accountFacts, emptyDecision, type KnownAccount, type Session, unknownState } from './session.js';
import { ToldOutcomes } from './told-outcomes.js';
import { type AddedField, lacksUnsubscribe, unsubscribeFields, withUnsubscribe } from './unsubscribe-fields.js';

/** Beyond so many RCPTs, refused ones too, nothing more is judged: each is kept until the end. */
const MAX_RECIPIENTS = 10_000;

interface ForeseenRecipients {
  /** By key, in order. */
  readonly entries: ReadonlyMap<string, RecipientEntry>;
  readonly answers: Promise<readonly RecipientAnswer[]>;
}

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
  readonly #asked: RoomAsked;
  readonly #room: Room;
  readonly #told: ToldOutcomes;
  readonly #entries = new Map<string, RecipientEntry>();
  readonly #refusedRecipients: RecipientEntry[] = [];
  /** Recipients that were asked for together with MAIL, and are still to come. */
  #foreseen: ForeseenRecipients | null = null;
  readonly #objections: RecordedObjection[] = [];
  readonly #began = performance.now();
  #state: AccountState | null = null;
  #reversePath: Address | null = null;
  #reversePathSpelling: string | null = null;
  #declaredSize: number | null = null;
  #envid: string | null = null;
  #reputation: Reputation | null = null;
  readonly #header: PassingHeader | null;
  /** Undefined: not decided yet; null: none. */
  #unsubscribeUrl: string | null | undefined;
  #size: number | null = null;
  #messageUsage: Decision['messageUsage'] = [];
  #mailAt: number | null = null;
  #messageAt: number | null = null;
  #reading: MessageReading | null = null;
  #found: MessageFindings | null = null;
  #skipped = false;
  #stage: Decision['stage'] = 'mail';
  #verdict: Verdict = 'pass';
  #ended = false;

  constructor(
    private readonly session: Session,
    account: KnownAccount,
    charging: Charging = 'end-of-message',
  ) {
    this.id = session.nextTransactionId();
    this.#context = session.context;
    this.#policy = session.context.policy();
    this.#account = account;
    this.#header = this.#policy.feedback === null ? null : new PassingHeader();
    this.#rules = this.#policy.policyOf(account.profile);
    this.#asked = new RoomAsked(this.#context, this.#rules, { transaction: this.id, account: account.profile.id });
    this.#room = new (charging === 'end-of-message' ? Hold : RecipientCharges)(this.#context, this.#asked);
    this.#told = new ToldOutcomes(this.#context, this.#policy, this.#rules, {
      id: this.id,
      account: account.profile.id,
    });
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Recipients that the relay, or the MTA that asked us, takes. */
  get acceptedRecipients(): readonly Address[] {
    return this.#accepted().map((entry) => entry.address);
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
    this.#reversePath = reversePath;
    this.#reversePathSpelling = spelling;
    this.#declaredSize = declaredSize;
    const refusal = await this.#guard(async () => {
      const { store } = this.#context;
      const { id } = this.#account.profile;
      const asks = this.#policy.feedback !== null && asksForReputation(this.#rules);
      const asked = Promise.all([
        this.session.takeFreshState() ?? store.stateOf(id),
        asks ? store.reputationOf(id) : null,
      ]);
      // What is held must be known before anything can end.
      if (next.length > 0) await Promise.allSettled([asked, this.#foresee(next)]);
      const [state, reputation] = await asked;
      this.#state = state;
      this.#reputation = reputation;
      const facts = this.#mailFacts();
      this.#mailAt = facts.now;
      const { objections, reply } = judge('mail', facts, this.#rules, this.#words());
      this.#objections.push(...objections);
      this.#writeLevels();
      return reply;
    });
    if (refusal !== null) this.refused(refusal);
    return refusal;
  }

  /** ENVID of MAIL (RFC 3461 §4.4): reports may call the message so. */
  named(envid: string | null): void {
    this.#envid = envid;
  }

  /** Octets of the message on their way, so that a report can be recognised by its Message-ID. */
  saw(content: Buffer): void {
    this.#header?.feed(content);
  }

  /** Fields that the message is to get, once its header section is here. What was said once holds. */
  get addedFields(): readonly AddedField[] {
    const url = this.#decideUnsubscribe(false);
    return url === null ? [] : unsubscribeFields(url);
  }

  /** What the relay hears as reverse-path, where bounces are to come home; null: what the client said. */
  get bounceAddress(): string | null {
    const { feedback } = this.#policy;
    if (!feedback?.reversePath || this.#reversePath === null) return null;
    return signBounceAddress(this.id, feedback.reversePath, this.#context.clock.now());
  }

  /**
   * Judges a batch of RCPTs in one round trip to the store. For each recipient,
   * in order: the reply that refuses it, or null, and then the relay is to be
   * asked and `relayAnswered` called.
   */
  async recipients(batch: readonly Address[]): Promise<readonly (Reply | null)[]> {
    this.#stage = 'recipient';
    if (this.#entries.size + this.#refusedRecipients.length >= MAX_RECIPIENTS) {
      return batch.map(() => serviceReply('tooManyRecipients', this.id));
    }
    const fresh = new Map<string, RecipientEntry>();
    for (const address of batch) {
      if (this.#entries.has(address.key) || fresh.has(address.key)) continue;
      fresh.set(address.key, this.#foreseen?.entries.get(address.key) ?? this.#entryOf(address));
    }
    if (fresh.size > 0) await this.#judgeRecipients([...fresh.values()]);
    for (const entry of fresh.values()) {
      if (entry.refusal === null) this.#entries.set(entry.address.key, entry);
      else this.#refusedRecipients.push(entry);
    }
    return batch.map((address) => fresh.get(address.key)?.refusal ?? null);
  }

  /** What the relay said to recipients that were let through. Refused ones cost nothing. */
  relayAnswered(answers: readonly RelayAnswer[]): void {
    const refused: RecipientEntry[] = [];
    for (const { address, reply } of answers) {
      const entry = this.#entries.get(address.key);
      // A second RCPT for an accepted address changes nothing, whatever the relay says.
      if (entry === undefined || entry.accepted) continue;
      entry.relayAnswered(reply);
      if (entry.accepted) continue;
      refused.push(entry);
      this.#entries.delete(address.key);
      this.#refusedRecipients.push(entry);
      this.#told.refused(entry, reply);
    }
    this.#room.giveBack(refused);
  }

  /** Recipients that were let through where no relay is asked: the MTA that asked us takes them. */
  letThrough(addresses: readonly Address[]): void {
    for (const address of addresses) this.#entries.get(address.key)?.letThrough();
  }

  /**
   * Where the door is to send the message as it comes, once its recipients are
   * known; null: no rule asks for it.
   */
  inspector(): OctetSink | null {
    this.#reading = MessageReading.begin(this.#rules, this.#policy.lookups, {
      client: this.session.client.address,
      username: this.#account.identity.username,
      reversePath: this.#reversePathSpelling ?? '',
      recipients: this.acceptedRecipients.map(({ spelling }) => spelling),
      id: this.id,
    });
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
  async judgeMessage(size: number): Promise<Reply | null> {
    this.#stage = 'message';
    this.#size = size;
    return this.#guard(() => this.#commit(size));
  }

  /** The relay said 250 to the final dot. */
  accepted(reply: RelayReply): void {
    const kind = this.#policy.finality === 'delivers' ? 'delivered' : 'accepted';
    this.#told.accepted(this.#accepted(), kind, toText(passedOn(reply)));
    this.#remember(queueIdOf(reply));
    this.#end('accepted', passedOn(reply), 'relay', queueIdOf(reply));
  }

  /**
   * We agreed, and the MTA that asked us queues the message, unless it or
   * another of its filters has objections that we never hear of.
   *
   * @param queueId what the MTA calls it, if it said so
   */
  passed(queueId: string | null): void {
    const status = queueId === null ? 'passed' : `passed as ${queueId}`;
    this.#told.accepted(this.#accepted(), 'accepted', status);
    this.#remember(queueId);
    this.#end('passed', null, 'sluice', queueId);
  }

  /** Refused by a rule, and kept by the MTA for a person to look at. What was charged stays: it may yet be sent. */
  quarantined(reply: Reply, queueId: string | null): void {
    this.#verdict = worse(this.#verdict, isTransient(reply) ? 'defer' : 'reject');
    this.#end('quarantined', reply, 'sluice', queueId);
  }

  /** The relay refused MAIL, DATA or the message: what was charged comes back. */
  refusedByRelay(reply: RelayReply): void {
    if (this.#stage === 'message') this.#told.returned(this.#accepted(), reply);
    this.#end('refused', passedOn(reply), 'relay', null);
  }

  /** Refused by us, or the relay failed before it could have taken the message. */
  refused(reply: Reply): void {
    this.#verdict = worse(this.#verdict, isTransient(reply) ? 'defer' : 'reject');
    this.#end('refused', reply, 'sluice', null);
  }

  /** The final dot was sent and the relay's reply never came: it may have the message, so the charge stays. */
  unknown(reply: Reply): void {
    this.#verdict = worse(this.#verdict, 'defer');
    this.#end('unknown', reply, 'sluice', null);
  }

  /** The client reset the transaction or went away before the final dot. */
  aborted(): void {
    this.#end('aborted', null, 'sluice', null);
  }

  #accepted(): RecipientEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.accepted);
  }

  #mailFacts(): MailFacts {
    const { profile } = this.#account;
    return {
      client: this.session.client,
      now: this.#context.clock.now(),
      account: accountFacts(profile, this.#state ?? unknownState(profile.id)),
      reversePath: this.#reversePath,
      declaredSize: this.#declaredSize,
      reputation: this.#reputation ?? undefined,
    };
  }

  /** What was judged now is what the next judgement starts from. */
  #writeLevels(): void {
    if (this.#reputation === null) return;
    const account = this.#account.profile.id;
    for (const { measure, level } of changedLevels(this.#reputation, this.#rules)) {
      this.#context.reputationChanged(account, measure, level);
      const written = this.#context.store.setReputationLevel(account, measure, level);
      inBackground(this.#context, 'setReputationLevel', account, written);
    }
  }

  #words() {
    return this.#policy.wordsFor(this.#account.profile, this.id);
  }

  #entryOf(address: Address): RecipientEntry {
    const exempt = isExempt(this.#reversePath, address, (domain) => this.#policy.isOwnDomain(domain));
    return new RecipientEntry(address, exempt);
  }

  /** Settles when it is known what is held for them. */
  async #foresee(next: readonly Address[]): Promise<void> {
    // Where limits depend on the account's state, that must be known first.
    if (this.#rules.limitsVary) return;
    const entries = new Map(next.map((address) => [address.key, this.#entryOf(address)]));
    const answers = this.#room.reserve([...entries.values()], null, this.#declaredSize);
    this.#foreseen = { entries, answers };
    await answers;
  }

  /** Null: nobody asked for them before. */
  #foreseenAnswers(fresh: readonly RecipientEntry[]): Promise<readonly RecipientAnswer[]> | null {
    if (this.#foreseen === null) return null;
    const { entries, answers } = this.#foreseen;
    this.#foreseen = null;
    const alike = fresh.length === entries.size && fresh.every((entry) => entries.get(entry.address.key) === entry);
    if (!alike) throw new Error('other recipients came than were foreseen');
    return answers;
  }

  /** Holds room for recipients and sets each one's refusal, or none. */
  async #judgeRecipients(fresh: readonly RecipientEntry[]): Promise<void> {
    const failure = await this.#guard(async () => {
      const { crowdedOut } = await this.#reserveAndJudge(fresh, this.#entries.size);
      // What other rules refused had held the places that these lacked. Those
      // were given back, so these are asked for once more.
      const passed = fresh.filter((entry) => entry.refusal === null).length;
      if (crowdedOut.length > 0) await this.#reserveAndJudge(crowdedOut, this.#entries.size + passed);
      return null;
    });
    if (failure === null) return;
    for (const entry of fresh) if (entry.refusal === null && !entry.held) entry.refuse(failure);
  }

  /** @param before recipients that were let through before these */
  async #reserveAndJudge(
    fresh: readonly RecipientEntry[],
    before: number,
  ): Promise<{ crowdedOut: readonly RecipientEntry[] }> {
    const answers = await (this.#foreseenAnswers(fresh) ?? this.#room.reserve(fresh, this.#state, this.#declaredSize));
    const noRoom: RecipientEntry[] = [];
    const needless: RecipientEntry[] = [];
    const { account, everyone } = this.#asked.limits(this.#state).floodLimits;
    const flood = { account: account.length, everyone: everyone.length };
    let position = before;
    fresh.forEach((entry, index) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('the store left a recipient unanswered');
      const facts = this.#recipientFacts(entry, answer, position + 1);
      const { objections, reply } = judge('recipient', facts, this.#rules, this.#words());
      const refusal = reply ?? (answer.granted ? null : serviceReply('storeUnavailable', this.id));
      entry.judged(facts, flood, objections, refusal);
      if (refusal === null) position += 1;
      else if (answer.granted) needless.push(entry);
      // Who is refused for good would only hold a place once more that others lack.
      else if (isTransient(refusal)) noRoom.push(entry);
    });
    this.#room.giveBack(needless);
    return { crowdedOut: needless.length > 0 ? noRoom : [] };
  }

  #recipientFacts(entry: RecipientEntry, answer: RecipientAnswer, position: number): RecipientFacts {
    const { client, now, account, reversePath, declaredSize, reputation } = this.#mailFacts();
    const { usage, suppression, revocation, rejections } = answer;
    // Spelled out, as in `#commit`: what is added to a spread object has a shape of its own each time, and every rule
    // reads from it.
    return {
      client,
      now,
      account,
      reversePath,
      declaredSize,
      reputation,
      recipient: entry.address,
      position,
      exempt: entry.exempt,
      usage,
      suppression,
      revocation,
      rejections,
    };
  }

  async #commit(size: number): Promise<Reply | null> {
    const accepted = this.#accepted();
    const recipients = accepted.map((entry) => entry.address);
    const selfMail = isSelfMail(recipients, this.#account.profile.senders);
    const charging = this.#room.commit(accepted, this.#state, size, selfMail);
    const reading = this.#reading === null ? null : this.#findings(this.#reading, recipients);
    // Both are waited for, whatever one of them says: what was charged must be known to be taken back.
    if (reading !== null) await Promise.allSettled([charging, reading]);
    const answer = await charging;
    const message = await reading;
    this.#messageUsage = answer.usage;
    this.#found = message;
    const { client, now, account, reversePath, declaredSize, reputation } = this.#mailFacts();
    this.#messageAt = now;
    const { objections, reply } = judge(
      'message',
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
    this.#objections.push(...objections);
    return reply ?? (answer.granted ? null : serviceReply('storeUnavailable', this.id));
  }

  async #findings(reading: MessageReading, recipients: readonly Address[]): Promise<MessageFindings> {
    const { lookups, words } = this.#policy;
    const account = this.#account.profile.id;
    const found = await reading.findings(
      {
        recipients,
        account,
        reversePath: this.#reversePath,
        rules: this.#rules,
        words,
        now: this.#context.clock.now(),
      },
      { store: this.#context.store, lookups },
    );
    const url = this.#decideUnsubscribe(found.bulk.why !== null);
    if (url === null || found.unsubscribe === null) return found;
    return { ...found, unsubscribe: withUnsubscribe(found.unsubscribe, url) };
  }

  /** The link that the message gets; null: none. All of its recipients see the same, so that it must have one only. */
  #decideUnsubscribe(isBulk: boolean): string | null {
    if (this.#unsubscribeUrl !== undefined) return this.#unsubscribeUrl;
    const linkOf = this.#policy.feedback?.addedLink ?? null;
    const [recipient, ...others] = this.acceptedRecipients;
    const header = this.#header;
    const mayHave = linkOf !== null && header !== null && recipient !== undefined && this.#reversePath !== null;
    this.#unsubscribeUrl =
      mayHave && others.length === 0 && lacksUnsubscribe(header.section, isBulk)
        ? linkOf(this.#account.profile.id, recipient.key, this.#subscriptionsIn(header))
        : null;
    return this.#unsubscribeUrl;
  }

  /** What a recipient of the message may leave. Where no stream can be left, the header section is not parsed for it. */
  #subscriptionsIn(header: PassingHeader): Subscriptions {
    const { revocations } = this.#rules;
    const stream = revocations.scope === 'stream' ? mailStream(header.section, this.#reversePath, revocations) : null;
    return { list: header.list, stream };
  }

  #remember(queueId: string | null): void {
    this.#told.remember(() => ({
      reversePath: this.#reversePathSpelling ?? '',
      queueId,
      messageId: this.#header?.messageId ?? null,
      ...(this.#header === null ? {} : this.#subscriptionsIn(this.#header)),
      envid: this.#envid,
      recipients: this.#accepted().map((entry) => entry.address.key),
    }));
  }

  /** Runs what needs the store; when it is away, the setting decides. */
  async #guard(ask: () => Promise<Reply | null>): Promise<Reply | null> {
    try {
      return await ask();
    } catch (error) {
      if (!(error instanceof StoreUnavailable)) throw error;
      this.#context.backgroundFailure('judging', this.#account.profile.id, error);
      this.#skipped = true;
      return this.#policy.onStoreFailure === 'pass' ? null : serviceReply('storeUnavailable', this.id);
    }
  }

  #end(ending: Ending, reply: Reply | null, by: 'sluice' | 'relay', queueId: string | null): void {
    if (this.#ended) return;
    this.#ended = true;
    // Not once it is over: what was accepted stays charged, whatever is called later.
    if (ending === 'refused' || ending === 'aborted') this.#room.refund();
    this.#room.end();
    this.#reading?.abandon();
    this.#context.decided(this.#decision(ending, reply, by, queueId));
  }

  #decision(ending: Ending, reply: Reply | null, by: 'sluice' | 'relay', queueId: string | null): Decision {
    const entries = [...this.#entries.values(), ...this.#refusedRecipients];
    return {
      ...emptyDecision(this.session, this.#stage, this.id),
      account: this.#account.profile.id,
      plan: this.#account.profile.plan,
      username: this.#account.identity.username,
      reversePath: this.#reversePathSpelling,
      recipients: entries.map((entry) => entry.toDecision()),
      objections: this.#objections,
      verdict: entries.reduce((worst, entry) => worse(worst, entry.verdict), this.#verdict),
      ending,
      reply: reply === null ? '' : toText(reply),
      by,
      queueId,
      size: this.#size,
      declaredSize: this.#declaredSize,
      mailAt: this.#mailAt,
      messageAt: this.#messageAt,
      asked: {
        facts: [...this.#rules.needs],
        streakScope: this.#rules.streakScope,
        matchSubaddress: this.#rules.matchSubaddress,
        message: this.#reading === null ? [] : [...this.#rules.messageNeeds],
      },
      messageUsage: this.#messageUsage,
      message: this.#found,
      accountState: this.#state,
      reputation: this.#reputation,
      skipped: this.#skipped,
      durationMs: Math.round(performance.now() - this.#began),
    };
  }
}

const SEVERITY: Readonly<Record<Verdict, number>> = { pass: 0, defer: 1, reject: 2 };

function worse(one: Verdict, other: Verdict): Verdict {
  return SEVERITY[other] > SEVERITY[one] ? other : one;
}

import { type EffectivePolicy, judge, type ReplyWords } from '../policy/engine.js';
import { isExempt } from '../policy/exempt.js';
import type { RecipientFacts } from '../policy/rule.js';
import type { Address } from '../smtp/address.js';
import { isTransient, type Reply } from '../smtp/reply.js';
import { serviceReply } from '../smtp/service-replies.js';
import type { RecipientAnswer } from '../store/contract.js';
import type { Mail } from './mail.js';
import { RecipientEntry } from './recipient-entry.js';
import type { Room, RoomAsked } from './room.js';
import type { StoreGuard } from './store-guard.js';

/** Beyond so many RCPTs, refused ones too, nothing more is judged: each is kept until the end. */
const MAX_RECIPIENTS = 10_000;

/** Recipients that were asked for together with MAIL. */
interface Foreseen {
  /** By key, in order. */
  readonly entries: ReadonlyMap<string, RecipientEntry>;
  readonly answers: Promise<readonly RecipientAnswer[]>;
}

/** What the recipients of one transaction are judged by. */
export interface JudgedBy {
  readonly transaction: string;
  readonly mail: Mail;
  readonly rules: EffectivePolicy;
  readonly room: Room;
  readonly asked: RoomAsked;
  readonly guard: StoreGuard;
  readonly isOwnDomain: (domain: string) => boolean;
  readonly words: () => ReplyWords;
}

/** The recipients of one transaction, let through and refused, each once however often its RCPT comes. */
export class Recipients {
  /** Let through, by key, in order. */
  readonly #entries = new Map<string, RecipientEntry>();
  readonly #refused: RecipientEntry[] = [];
  /** Still to come; the first batch must be these. */
  #foreseen: Foreseen | null = null;

  constructor(private readonly by: JudgedBy) {}

  get all(): readonly RecipientEntry[] {
    return [...this.#entries.values(), ...this.#refused];
  }

  /** Those that the relay, or the MTA that asked us, takes. */
  get accepted(): readonly RecipientEntry[] {
    return [...this.#entries.values()].filter((entry) => entry.accepted);
  }

  /** Asks for recipients whose RCPTs are here already. Settles when it is known what is held for them. */
  async foresee(next: readonly Address[]): Promise<void> {
    const { rules, room, mail } = this.by;
    // Where limits depend on the account's state, that must be known first.
    if (rules.limitsVary) return;
    const entries = new Map(next.map((address) => [address.key, this.#entryOf(address)]));
    const answers = room.reserve([...entries.values()], null, mail.declaredSize);
    this.#foreseen = { entries, answers };
    await answers;
  }

  /** For each of a batch, in order: the reply that refuses it, or null. */
  async judge(batch: readonly Address[]): Promise<readonly (Reply | null)[]> {
    if (this.#entries.size + this.#refused.length >= MAX_RECIPIENTS) {
      return batch.map(() => serviceReply('tooManyRecipients', this.by.transaction));
    }
    const fresh = new Map<string, RecipientEntry>();
    for (const address of batch) {
      if (this.#entries.has(address.key) || fresh.has(address.key)) continue;
      fresh.set(address.key, this.#foreseen?.entries.get(address.key) ?? this.#entryOf(address));
    }
    if (fresh.size > 0) await this.#judgeFresh([...fresh.values()]);
    for (const entry of fresh.values()) {
      if (entry.refusal === null) this.#entries.set(entry.address.key, entry);
      else this.#refused.push(entry);
    }
    return batch.map((address) => fresh.get(address.key)?.refusal ?? null);
  }

  /** One that was let through and that no relay has answered yet. A second RCPT for an accepted address changes nothing. */
  waiting(address: Address): RecipientEntry | null {
    const entry = this.#entries.get(address.key);
    return entry === undefined || entry.accepted ? null : entry;
  }

  /** The relay takes it not. */
  refused(entry: RecipientEntry): void {
    this.#entries.delete(entry.address.key);
    this.#refused.push(entry);
  }

  letThrough(addresses: readonly Address[]): void {
    for (const address of addresses) this.#entries.get(address.key)?.letThrough();
  }

  #entryOf(address: Address): RecipientEntry {
    const { mail, isOwnDomain } = this.by;
    return new RecipientEntry(address, isExempt(mail.reversePath, address, isOwnDomain));
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

  /** Takes room for recipients and sets each one's refusal, or none. */
  async #judgeFresh(fresh: readonly RecipientEntry[]): Promise<void> {
    const failure = await this.by.guard.run(async () => {
      const { crowdedOut } = await this.#reserveAndJudge(fresh, this.#entries.size);
      // What other rules refused had held the places that these lacked. Those
      // were given back, so these are asked for once more.
      const passed = fresh.filter((entry) => entry.refusal === null).length;
      if (crowdedOut.length > 0) await this.#reserveAndJudge(crowdedOut, this.#entries.size + passed);
      return null;
    });
    if (failure === null) return;
    for (const entry of fresh) if (entry.refusal === null && !entry.granted) entry.refuse(failure);
  }

  /** @param before recipients that were let through before these */
  async #reserveAndJudge(
    fresh: readonly RecipientEntry[],
    before: number,
  ): Promise<{ crowdedOut: readonly RecipientEntry[] }> {
    const { room, asked, rules, mail, words, transaction } = this.by;
    const answers = await (this.#foreseenAnswers(fresh) ?? room.reserve(fresh, mail.state, mail.declaredSize));
    const noRoom: RecipientEntry[] = [];
    const needless: RecipientEntry[] = [];
    const { account, everyone } = asked.floodLimits(mail.state);
    const flood = { account: account.length, everyone: everyone.length };
    let position = before;
    fresh.forEach((entry, index) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('the store left a recipient unanswered');
      const facts = this.#factsOf(entry, answer, position + 1);
      const { objections, reply } = judge('recipient', facts, rules, words());
      const refusal = reply ?? (answer.granted ? null : serviceReply('storeUnavailable', transaction));
      entry.judged(facts, flood, objections, refusal);
      if (refusal === null) position += 1;
      else if (answer.granted) needless.push(entry);
      // Who is refused for good would only hold a place once more that others lack.
      else if (isTransient(refusal)) noRoom.push(entry);
    });
    room.giveBack(needless);
    return { crowdedOut: needless.length > 0 ? noRoom : [] };
  }

  #factsOf(entry: RecipientEntry, answer: RecipientAnswer, position: number): RecipientFacts {
    const { client, now, account, reversePath, declaredSize, reputation } = this.by.mail.facts();
    const { usage, suppression, revocation, rejections } = answer;
    // Spelled out: what is added to a spread object has a shape of its own each time, and every rule reads from it.
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
}

import type { RecipientDecision, RecordedRecipientFacts } from '../ledger/decision.js';
import type { RecipientFacts, RecordedObjection, Verdict } from '../policy/rule.js';
import type { Address } from '../smtp/address.js';
import { isPositive, isTransient, passedOn, type RelayReply, type Reply, toText } from '../smtp/reply.js';
import type { RejectionStreak } from '../store/contract.js';

/** One recipient of a transaction, from RCPT to the end. */
export class RecipientEntry {
  #accepted = false;
  #refusal: Reply | null = null;
  #reply = '';
  #by: 'sluice' | 'relay' = 'sluice';
  #verdict: Verdict = 'pass';
  #facts: RecipientDecision['facts'] = null;
  #objections: readonly RecordedObjection[] = [];
  /** Does it have room in the limits, held or not? */
  granted = false;

  constructor(
    readonly address: Address,
    readonly exempt: boolean,
  ) {}

  get resource(): 'recipients' | 'exempt-recipients' {
    return this.exempt ? 'exempt-recipients' : 'recipients';
  }

  get accepted(): boolean {
    return this.#accepted;
  }

  /** Our own refusal; null: let through. */
  get refusal(): Reply | null {
    return this.#refusal;
  }

  get rejections(): RejectionStreak | null {
    return this.#facts?.rejections ?? null;
  }

  get objections(): readonly RecordedObjection[] {
    return this.#objections;
  }

  get verdict(): Verdict {
    return this.#verdict;
  }

  /** The policy's word, and again if it is asked twice; a null reply lets it go on to the relay. */
  judged(
    facts: RecipientFacts,
    flood: RecordedRecipientFacts['flood'],
    objections: readonly RecordedObjection[],
    reply: Reply | null,
  ): void {
    const { now, position, exempt, usage, suppression, revocation, rejections } = facts;
    this.#facts = { now, position, exempt, usage, flood, suppression, revocation, rejections };
    this.#objections = objections;
    this.#refusal = reply;
    this.#reply = reply === null ? '' : toText(reply);
    this.#verdict = reply === null ? 'pass' : isTransient(reply) ? 'defer' : 'reject';
  }

  /** Refused without a judgement: the store could not be asked. */
  refuse(reply: Reply): void {
    this.#refusal = reply;
    this.#reply = toText(reply);
    this.#verdict = isTransient(reply) ? 'defer' : 'reject';
  }

  relayAnswered(reply: RelayReply): void {
    this.#by = 'relay';
    this.#reply = toText(passedOn(reply));
    this.#accepted = isPositive(reply);
  }

  /** No relay is asked: the MTA that asked us takes it. */
  letThrough(): void {
    this.#accepted = true;
  }

  toDecision(): RecipientDecision {
    return {
      address: this.address.spelling,
      verdict: this.#verdict,
      reply: this.#reply,
      by: this.#by,
      objections: this.#objections,
      facts: this.#facts,
    };
  }
}

/**
 * One recorded transaction, judged again: stage by stage as `Transaction` does,
 * by the recorded facts and another policy. Pure.
 */

import type { Decision, RecipientDecision, RecordedRecipientFacts } from '../ledger/decision.js';
import { type EffectivePolicy, type Judgement, judge, type ReplyWords } from '../policy/engine.js';
import { isExempt } from '../policy/exempt.js';
import type { FactsOf, MailFacts, RecordedObjection } from '../policy/rule.js';
import { isSelfMail } from '../policy/self-mail.js';
import type { Address } from '../smtp/address.js';
import { parseAddress } from '../smtp/path.js';
import type { AccountId } from '../store/contract.js';
import { accountFacts, unknownState } from '../transaction/account-facts.js';
import type { Candidate } from './candidate.js';
import type { Gap } from './gap.js';
import type { Recollection } from './recollection.js';
import { recordGaps } from './record-gaps.js';
import { findingsUnder, unanswerable, withoutRules } from './recorded-findings.js';
import { addressOf, inOrder, reachedMessage, refusedByRelay, refusedWithoutRule } from './recorded-recipient.js';
import { type MoreRecipients, ReplayedUsage } from './replayed-usage.js';

/** A stage that was judged again. */
export type JudgedStage =
  | { readonly stage: 'mail'; readonly facts: FactsOf['mail']; readonly judgement: Judgement }
  | { readonly stage: 'recipient'; readonly facts: FactsOf['recipient']; readonly judgement: Judgement }
  | { readonly stage: 'message'; readonly facts: FactsOf['message']; readonly judgement: Judgement };

export interface ReplayedRecipient {
  readonly recorded: RecipientDecision;
  readonly address: Address;
  readonly exempt: boolean;
  /** Null: there was nothing to judge by (the store was away). */
  readonly judgement: Judgement | null;
}

export interface ReplayedTransaction {
  readonly account: AccountId;
  readonly policy: EffectivePolicy;
  /** Patterns of the addresses that the account may send as now. */
  readonly senders: readonly string[] | null;
  readonly stages: readonly JudgedStage[];
  readonly mail: Judgement | null;
  /** In the order in which they were given, as far as it can be told. */
  readonly recipients: readonly ReplayedRecipient[];
  /** Null: no message came, or nobody would be left to get it. */
  readonly message: Judgement | null;
  readonly gaps: readonly Gap[];
}

/** Null: not a transaction, but a session that was refused, or one that nothing can be judged of. */
export function replayTransaction(
  decision: Decision,
  candidate: Candidate,
  recollection: Recollection,
): ReplayedTransaction | null {
  const isOfMail = decision.stage === 'mail' || decision.stage === 'recipient' || decision.stage === 'message';
  if (!isOfMail || decision.account === null || decision.reversePath === null) return null;
  return new TransactionReplay(decision, decision.account, candidate, recollection).run();
}

class TransactionReplay {
  readonly #policy: EffectivePolicy;
  readonly #words: ReplyWords;
  readonly #mail: Omit<MailFacts, 'now'>;
  readonly #stages: JudgedStage[] = [];
  readonly #gaps: Gap[] = [];
  readonly #usage: ReplayedUsage;

  constructor(
    private readonly decision: Decision,
    private readonly account: AccountId,
    private readonly candidate: Candidate,
    recollection: Recollection,
  ) {
    const profile = candidate.accounts.profileOf(account);
    this.#policy = candidate.policyOf(profile);
    this.#words = candidate.wordsFor(profile, decision.id);
    this.#gaps.push(...recordGaps(decision, this.#policy, candidate));
    this.#usage = new ReplayedUsage(decision, account, this.#policy, recollection, (limit) =>
      this.#gaps.push({ kind: 'window', limit }),
    );
    this.#mail = {
      client: { address: decision.client, listener: decision.listener },
      account: accountFacts(profile, decision.accountState ?? unknownState(account)),
      reversePath: decision.reversePath === '' ? null : parseAddress(decision.reversePath ?? ''),
      declaredSize: decision.declaredSize,
      ...(decision.reputation === null ? {} : { reputation: decision.reputation }),
    };
  }

  run(): ReplayedTransaction {
    const mail = this.decision.accountState === null ? null : this.#judgeMail();
    const recipients = mail?.reply ? [] : this.#judgeRecipients();
    const message = this.#judgeMessage(recipients);
    const { senders } = this.#mail.account;
    const judged = { mail, recipients, message, stages: this.#stages, gaps: this.#gaps };
    return { account: this.account, policy: this.#policy, senders, ...judged };
  }

  #judgeMail(): Judgement {
    const facts = { ...this.#mail, now: this.decision.mailAt ?? this.decision.at };
    return this.#judged({ stage: 'mail', facts });
  }

  #judgeRecipients(): ReplayedRecipient[] {
    const replayed: ReplayedRecipient[] = [];
    const more = { recipients: 0, 'exempt-recipients': 0 };
    for (const recorded of inOrder(this.decision.recipients)) {
      const address = addressOf(recorded);
      if (address === null) continue;
      const exempt = isExempt(this.#mail.reversePath, address, (domain) => this.candidate.isOwnDomain(domain));
      const { facts } = recorded;
      const judgement = facts === null ? null : this.#judgeRecipient(address, exempt, facts, more);
      replayed.push({ recorded, address, exempt, judgement });
      const passesNow = passes({ recorded, judgement });
      // Whom the relay refused gave its place back at once.
      if (refusedByRelay(recorded)) continue;
      if (passesNow) more[exempt ? 'exempt-recipients' : 'recipients'] += 1;
      if (recorded.verdict === 'pass') more[facts?.exempt ? 'exempt-recipients' : 'recipients'] -= 1;
    }
    return replayed;
  }

  #judgeRecipient(
    recipient: Address,
    exempt: boolean,
    recorded: RecordedRecipientFacts,
    more: MoreRecipients,
  ): Judgement {
    const now = recorded.now ?? this.decision.at;
    const { suppression, revocation, rejections } = recorded;
    const facts = {
      ...this.#mail,
      now,
      recipient,
      position: recorded.position + more.recipients + more['exempt-recipients'],
      exempt,
      usage: this.#usage.ofRecipient(recipient, exempt, recorded, now, more),
      suppression,
      revocation,
      rejections,
    };
    return this.#judged({ stage: 'recipient', facts });
  }

  #judgeMessage(recipients: readonly ReplayedRecipient[]): Judgement | null {
    const { size, messageAt, at } = this.decision;
    const left = recipients.filter(goesOn);
    if (left.length === 0) return null;
    const isNew = ({ recorded }: ReplayedRecipient) => recorded.verdict !== 'pass';
    if (left.some(isNew)) this.#gaps.push({ kind: 'refused-early' });
    if (this.decision.stage !== 'message' || size === null) return null;
    const now = messageAt ?? at;
    const lacking = unanswerable(this.decision, this.#policy);
    for (const rule of lacking) this.#gaps.push({ kind: 'not-gathered', rule });
    // The findings know those who were accepted, in the order of the record; others come after them.
    const order = new Map(this.decision.recipients.map((recorded, index) => [recorded, index]));
    const place = (one: ReplayedRecipient) => (order.get(one.recorded) ?? 0) + (isNew(one) ? order.size : 0);
    const addresses = [...left].sort((one, other) => place(one) - place(other)).map(({ address }) => address);
    const selfMail = isSelfMail(addresses, this.#mail.account.senders);
    const facts = {
      ...this.#mail,
      now,
      recipients: addresses,
      size,
      selfMail,
      usage: this.#usage.ofMessage(left, size, selfMail, now),
      message: findingsUnder(this.decision, this.#policy, {
        recorded: this.decision.recipients.filter(reachedMessage).map((one) => addressOf(one)?.key ?? ''),
        left: new Set(addresses.map(({ key }) => key)),
      }),
    };
    return this.#judged({ stage: 'message', facts }, withoutRules(this.#policy, lacking));
  }

  #judged(stage: Omit<JudgedStage, 'judgement'>, policy = this.#policy): Judgement {
    const judgement = judge(stage.stage, stage.facts as FactsOf['recipient'] & FactsOf['message'], policy, this.#words);
    this.#stages.push({ ...stage, judgement } as JudgedStage);
    return judgement;
  }
}

/** Goes on to the message: passes now, and the relay did not refuse it then. */
export function goesOn(recipient: ReplayedRecipient): boolean {
  return passes(recipient) && !refusedByRelay(recipient.recorded);
}

/** What was refused without a rule (the store was away) is refused again. */
function passes({ recorded, judgement }: Pick<ReplayedRecipient, 'recorded' | 'judgement'>): boolean {
  return judgement === null || refusedWithoutRule(recorded) ? recorded.verdict === 'pass' : judgement.reply === null;
}

/** Objections of stages of the whole transaction, as they were recorded. */
export function recordedAt(decision: Decision, stage: 'mail' | 'message'): readonly RecordedObjection[] {
  return decision.objections.filter((objection) => objection.stage === stage);
}

/**
 * One recorded transaction, judged again: stage by stage as `Transaction` does,
 * by the recorded facts and another policy. Pure.
 */

import type { Decision, RecipientDecision, RecordedRecipientFacts } from '../ledger/decision.js';
import { type EffectivePolicy, type Judgement, judge, type ReplyWords } from '../policy/engine.js';
import { isExempt } from '../policy/exempt.js';
import { rulesOnReputation } from '../policy/reputation-levels.js';
import type { FactsOf, MailFacts, Need, RecordedObjection, RuleId } from '../policy/rule.js';
import { isSelfMail } from '../policy/self-mail.js';
import type { Address } from '../smtp/address.js';
import { parseAddress, parseForwardPath } from '../smtp/path.js';
import type { AccountId, Amounts, WindowLimit, WindowUsage } from '../store/contract.js';
import { accountFacts, unknownState } from '../transaction/session.js';
import type { Candidate } from './candidate.js';
import type { Gap } from './gap.js';
import { heardOf } from './outcome.js';
import { type MailScope, type Recollection, subjectOf } from './recollection.js';
import { findingsUnder, unanswerable, withoutRules } from './recorded-findings.js';
import { type Asked, recordedUse, useAfter, useUnder, wasGranted } from './recorded-use.js';
import { type ScopedUsage, scopedUsage } from './scoped-usage.js';

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

const NEEDED_BY: readonly (readonly [Need, RuleId])[] = [
  ['suppression', 'recipient.suppressed'],
  ['revocation', 'recipient.revoked'],
  ['rejections', 'recipient.rejections'],
];

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
  /** The use that was recorded of windows that a message asks for once. */
  readonly #askedByFirst = new Map<string, WindowUsage & { readonly included: boolean }>();
  #messageHeld = false;

  constructor(
    private readonly decision: Decision,
    private readonly account: AccountId,
    private readonly candidate: Candidate,
    private readonly recollection: Recollection,
  ) {
    const profile = candidate.accounts.profileOf(account);
    this.#policy = candidate.policyOf(profile);
    this.#words = candidate.wordsFor(profile, decision.id);
    this.#mail = {
      client: { address: decision.client, listener: decision.listener },
      account: accountFacts(profile, decision.accountState ?? unknownState(account)),
      reversePath: decision.reversePath === '' ? null : parseAddress(decision.reversePath ?? ''),
      declaredSize: decision.declaredSize,
      ...(decision.reputation === null ? {} : { reputation: decision.reputation }),
    };
  }

  run(): ReplayedTransaction {
    this.#noteGaps();
    const mail = this.decision.accountState === null ? null : this.#judgeMail();
    const recipients = mail?.reply ? [] : this.#judgeRecipients();
    const message = this.#judgeMessage(recipients);
    const { senders } = this.#mail.account;
    const judged = { mail, recipients, message, stages: this.#stages, gaps: this.#gaps };
    return { account: this.account, policy: this.#policy, senders, ...judged };
  }

  #noteGaps(): void {
    const { skipped, asked, recipients } = this.decision;
    if (skipped) this.#gaps.push({ kind: 'store-away' });
    if (asked === null) {
      this.#gaps.push({ kind: 'old' });
      return;
    }
    if (this.candidate.feedback !== null && this.decision.reputation === null) {
      for (const rule of rulesOnReputation(this.#policy)) this.#gaps.push({ kind: 'not-gathered', rule });
    }
    if (recipients.length === 0) return;
    for (const [need, rule] of NEEDED_BY) {
      const isLacking = this.#policy.needs.has(need) && !asked.facts.includes(need);
      if (isLacking) this.#gaps.push({ kind: 'not-gathered', rule });
    }
    if (this.#policy.needs.has('rejections') && asked.streakScope !== this.#policy.streakScope) {
      this.#gaps.push({ kind: 'streak-scope' });
    }
    if (this.#policy.needs.has('suppression') && this.#policy.matchSubaddress && !asked.matchSubaddress) {
      if (recipients.some(({ address }) => address.includes('+'))) this.#gaps.push({ kind: 'subaddress' });
    }
  }

  #judgeMail(): Judgement {
    const facts = { ...this.#mail, now: this.decision.mailAt ?? this.decision.at };
    return this.#judged({ stage: 'mail', facts });
  }

  #judgeRecipients(): ReplayedRecipient[] {
    const replayed: ReplayedRecipient[] = [];
    // Those that pass now less those that passed then, of the recipients before.
    const moreThan = { recipients: 0, 'exempt-recipients': 0 };
    for (const recorded of inOrder(this.decision.recipients)) {
      const address = addressOf(recorded.address);
      if (address === null) continue;
      const exempt = isExempt(this.#mail.reversePath, address, (domain) => this.candidate.isOwnDomain(domain));
      const { facts } = recorded;
      const judgement = facts === null ? null : this.#judgeRecipient(address, exempt, facts, moreThan);
      replayed.push({ recorded, address, exempt, judgement });
      const passesNow = passes({ recorded, judgement });
      // Whom the relay refused gave its place back at once.
      if (refusedByRelay(recorded)) continue;
      if (passesNow) moreThan[exempt ? 'exempt-recipients' : 'recipients'] += 1;
      if (recorded.verdict === 'pass') moreThan[facts?.exempt ? 'exempt-recipients' : 'recipients'] -= 1;
    }
    return replayed;
  }

  #judgeRecipient(
    recipient: Address,
    exempt: boolean,
    recorded: RecordedRecipientFacts,
    moreThan: Readonly<Record<'recipients' | 'exempt-recipients', number>>,
  ): Judgement {
    const now = recorded.now ?? this.decision.at;
    const { suppression, revocation, rejections } = recorded;
    const facts = {
      ...this.#mail,
      now,
      recipient,
      position: recorded.position + moreThan.recipients + moreThan['exempt-recipients'],
      exempt,
      usage: this.#recipientUsage(recipient, exempt, recorded, now, moreThan),
      suppression,
      revocation,
      rejections,
    };
    // What a message asks for once is held with the first recipient that has room, whatever rules say of it.
    if (!exempt && wasGranted(facts.usage)) this.#messageHeld = true;
    return this.#judged({ stage: 'recipient', facts });
  }

  /** The limits that the recipient meets, in the store's order. */
  #recipientUsage(
    { key }: Address,
    exempt: boolean,
    recorded: RecordedRecipientFacts,
    now: number,
    moreThan: Readonly<Record<'recipients' | 'exempt-recipients', number>>,
  ): WindowUsage[] {
    const floodLimits = {
      'flood-account': this.#limits('flood-account', now),
      'flood-everyone': this.#limits('flood-everyone', now),
    };
    const scoped = scopedUsage(recorded, floodLimits);
    const included = wasGranted(recorded.usage);
    this.#rememberOnce(scoped, included);
    const resource = exempt ? 'exempt-recipients' : 'recipients';
    const one: Asked = { amount: 1, included, covered: false, difference: 0 };
    const subject = subjectOf('account', this.account, key);
    const ofAccount = this.#limits('account', now).flatMap((limit) => {
      const own = recordedUse(scoped.account, limit);
      if (limit.resource === resource) {
        return this.#use(subject, limit, own, now, { ...one, difference: moreThan[resource] });
      }
      const amount = exempt ? 0 : this.#askedOnce(limit);
      if (amount === 0) return [];
      if (own !== undefined) return this.#use(subject, limit, own, now, { ...one, amount });
      if (this.#messageHeld) return [];
      const first = this.#askedByFirst.get(windowKey(limit));
      return this.#use(subject, limit, first, now, { ...one, amount, included: first?.included ?? false });
    });
    const ofFlood = (['flood-account', 'flood-everyone'] as const).flatMap((scope) =>
      floodLimits[scope].flatMap((limit) =>
        this.#use(subjectOf(scope, this.account, key), limit, recordedUse(scoped[scope], limit), now, one),
      ),
    );
    return [...ofAccount, ...ofFlood];
  }

  /** Of what a message asks for once, the first recipient tells. */
  #rememberOnce({ account }: ScopedUsage, included: boolean): void {
    for (const use of account) {
      if (this.#askedOnce(use.limit) === 0 || this.#askedByFirst.has(windowKey(use.limit))) continue;
      this.#askedByFirst.set(windowKey(use.limit), { ...use, included });
    }
  }

  #askedOnce({ resource }: WindowLimit): number {
    if (resource === 'messages') return 1;
    return resource === 'bytes' ? (this.decision.declaredSize ?? 0) : 0;
  }

  /** Empty: nobody can tell. */
  #use(
    subject: string,
    limit: WindowLimit,
    recorded: WindowUsage | undefined,
    now: number,
    asked: Asked,
  ): WindowUsage[] {
    if (recorded !== undefined) {
      const difference = this.recollection.difference(subject, limit, now) + asked.difference;
      return [useUnder(limit, recorded, { ...asked, difference })];
    }
    this.#gaps.push({ kind: 'window', limit });
    const counted = this.recollection.counted(subject, limit, now);
    return counted === null ? [] : [useAfter(limit, Math.max(0, counted + asked.difference), asked)];
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
      usage: this.#messageUsage(left, size, selfMail, now),
      message: findingsUnder(this.decision, this.#policy, {
        recorded: acceptedKeys(this.decision),
        left: new Set(addresses.map(({ key }) => key)),
      }),
    };
    return this.#judged({ stage: 'message', facts }, withoutRules(this.#policy, lacking));
  }

  #messageUsage(left: readonly ReplayedRecipient[], size: number, selfMail: boolean, now: number): WindowUsage[] {
    const { messageUsage, declaredSize } = this.decision;
    const amounts = messageAmounts(left, size, selfMail);
    const included = wasGranted(messageUsage);
    const isFlood = (use: WindowUsage) => use.limit.rule === 'flood.recipient';
    const recorded = messageUsage.filter((use) => !isFlood(use));
    const ofAccount = this.#limits('account', now).flatMap((limit) => {
      const amount = amounts[limit.resource] ?? 0;
      if (amount === 0) return [];
      const covered = limit.resource !== 'self-bytes' && (limit.resource !== 'bytes' || (declaredSize ?? 0) >= size);
      const subject = subjectOf('account', this.account, '');
      return this.#use(subject, limit, recordedUse(recorded, limit), now, { amount, covered, included, difference: 0 });
    });
    const floods = [...this.#limits('flood-account', now), ...this.#limits('flood-everyone', now)];
    const stillOver = messageUsage.filter(
      (use) =>
        isFlood(use) && floods.some(({ perMs, count }) => use.limit.perMs === perMs && use.limit.count === count),
    );
    return [...ofAccount, ...stillOver];
  }

  #limits(scope: MailScope, now: number): readonly WindowLimit[] {
    return this.#policy.limitsOf(scope, this.decision.accountState, now);
  }

  #judged(stage: Omit<JudgedStage, 'judgement'>, policy = this.#policy): Judgement {
    const judgement = judge(stage.stage, stage.facts as FactsOf['recipient'] & FactsOf['message'], policy, this.#words);
    this.#stages.push({ ...stage, judgement } as JudgedStage);
    return judgement;
  }
}

/** Of those for whom the message was judged, in the order of the record. */
function acceptedKeys({ recipients }: Decision): readonly string[] {
  return recipients
    .filter((one) => one.verdict === 'pass' && !refusedByRelay(one))
    .map(({ address }) => addressOf(address)?.key ?? '');
}

/** Goes on to the message: passes now, and the relay did not refuse it then. */
export function goesOn(recipient: ReplayedRecipient): boolean {
  return passes(recipient) && !refusedByRelay(recipient.recorded);
}

/** What was refused without a rule (the store was away) is refused again. */
function passes({ recorded, judgement }: Pick<ReplayedRecipient, 'recorded' | 'judgement'>): boolean {
  return judgement === null || refusedWithoutRule(recorded) ? recorded.verdict === 'pass' : judgement.reply === null;
}

export function refusedWithoutRule({ verdict, objections }: RecipientDecision): boolean {
  return verdict !== 'pass' && heardOf(objections) === null;
}

export function refusedByRelay({ by, reply }: RecipientDecision): boolean {
  return by === 'relay' && !reply.startsWith('2');
}

/** What a message to these is charged with. */
export function messageAmounts(
  recipients: readonly { readonly exempt: boolean }[],
  size: number,
  selfMail: boolean,
): Amounts {
  const counted = recipients.filter(({ exempt }) => !exempt).length;
  return {
    messages: counted > 0 ? 1 : 0,
    recipients: counted,
    'exempt-recipients': recipients.length - counted,
    bytes: counted > 0 ? size : 0,
    'self-bytes': selfMail ? size : 0,
  };
}

/** By position; of those at one position all but the last were refused. Ones without facts come where they stand. */
function inOrder(recipients: readonly RecipientDecision[]): readonly RecipientDecision[] {
  const place = ({ facts, verdict }: RecipientDecision) =>
    (facts?.position ?? Number.MAX_SAFE_INTEGER / 2) * 2 + (verdict === 'pass' ? 1 : 0);
  return [...recipients].sort((one, other) => place(one) - place(other));
}

function addressOf(spelling: string): Address | null {
  const parsed = parseForwardPath(`<${spelling}>`);
  return parsed.ok ? parsed.path.address : null;
}

function windowKey({ resource, perMs }: WindowLimit): string {
  return `${resource} ${perMs}`;
}

/** Objections of stages of the whole transaction, as they were recorded. */
export function recordedAt(decision: Decision, stage: 'mail' | 'message'): readonly RecordedObjection[] {
  return decision.objections.filter((objection) => objection.stage === stage);
}

/**
 * Recorded decisions, one after the other as they were made, against another
 * policy: what would be refused, deferred or let through that was not, by rule
 * and account. Pure, and the same for the same decisions; memory is bounded by
 * rules, accounts and windows, not by decisions.
 */

import type { Decision } from '../ledger/decision.js';
import type { RuleId, Verdict } from '../policy/rule.js';
import type { AccountId, Instant, WindowLimit } from '../store/contract.js';
import type { Candidate } from './candidate.js';
import { type Charged, chargedAfter, chargedBefore } from './charged.js';
import { type Comparison, compare } from './difference.js';
import { type Gap, gapKey } from './gap.js';
import { History } from './history.js';
import { heardOf } from './outcome.js';
import { type MailScope, subjectOf } from './recollection.js';
import { type ReplayedTransaction, replayTransaction } from './transaction-replay.js';

/** `observe`: it would object, and the mail pass. */
export type Change = 'reject' | 'defer' | 'pass' | 'observe';

export const CHANGES: readonly Change[] = ['reject', 'defer', 'pass', 'observe'];

export interface Tally {
  /** Transactions with at least one such recipient. */
  readonly messages: number;
  readonly recipients: number;
}

export interface RuleDifference extends Tally {
  readonly rule: RuleId;
  readonly change: Change;
  readonly accounts: number;
  /** Those with most recipients first. */
  readonly topAccounts: readonly (Tally & { readonly account: AccountId })[];
  /** Ids of the first decisions. */
  readonly samples: readonly string[];
}

export interface SimulationResult {
  readonly decisions: number;
  readonly recipients: number;
  readonly from: Instant | null;
  readonly to: Instant | null;
  /** In the order of the catalogue's changes: by rule, then change. */
  readonly differences: readonly RuleDifference[];
  /** Decisions with at least one recipient that would fare otherwise. */
  readonly changedMessages: number;
  readonly gaps: readonly { readonly gap: Gap; readonly decisions: number }[];
  /** Windows that were forgotten for want of memory: counts may be too low. */
  readonly forgottenWindows: number;
}

const TOP_ACCOUNTS = 5;
const SAMPLES = 5;

interface Counter {
  messages: number;
  recipients: number;
}

interface Group extends Counter {
  readonly rule: RuleId;
  readonly change: Change;
  readonly byAccount: Map<AccountId, Counter>;
  readonly samples: string[];
}

const NO_ACCOUNT = '-';
const MAIL_SCOPES: readonly MailScope[] = ['account', 'flood-account', 'flood-everyone'];

export class Simulation {
  readonly #history = new History();
  readonly #groups = new Map<string, Group>();
  readonly #gaps = new Map<string, { readonly gap: Gap; decisions: number }>();
  #decisions = 0;
  #recipients = 0;
  #changedMessages = 0;
  #from: Instant | null = null;
  #to: Instant | null = null;

  constructor(private readonly candidate: Candidate) {}

  /**
   * Takes the next decision; they come oldest first.
   *
   * @returns how each of its recipients would fare
   */
  take(decision: Decision): readonly Comparison[] {
    const replayed = replayTransaction(decision, this.candidate, this.#history);
    if (replayed !== null) this.#charge(decision, replayed);
    this.#decisions += 1;
    this.#recipients += decision.recipients.length;
    this.#from ??= decision.at;
    this.#to = decision.at;
    if (replayed !== null) return this.#takeTransaction(decision, replayed);
    this.#takeSession(decision);
    return [];
  }

  result(): SimulationResult {
    const differences = [...this.#groups.values()].map(differenceOf);
    const order = ({ rule, change }: RuleDifference) => `${rule} ${CHANGES.indexOf(change)}`;
    return {
      decisions: this.#decisions,
      recipients: this.#recipients,
      from: this.#from,
      to: this.#to,
      differences: differences.sort((one, other) => (order(one) < order(other) ? -1 : 1)),
      changedMessages: this.#changedMessages,
      gaps: [...this.#gaps.values()],
      forgottenWindows: this.#history.forgotten,
    };
  }

  #takeTransaction(decision: Decision, replayed: ReplayedTransaction): readonly Comparison[] {
    const touched = new Set<Group>();
    const comparisons = compare(decision, replayed);
    for (const { before, after } of comparisons) {
      for (const rule of after.observed) {
        if (!before.observed.includes(rule) && before.rule !== rule) this.#count(decision, rule, 'observe', touched);
      }
      if (before.verdict === after.verdict) continue;
      const rule = after.verdict === 'pass' ? before.rule : after.rule;
      if (rule !== null) this.#count(decision, rule, after.verdict, touched);
    }
    this.#noteMessages(decision, touched);
    const kinds = new Set<string>();
    for (const gap of replayed.gaps) {
      if (!kinds.has(gapKey(gap))) this.#noteGap(gap);
      kinds.add(gapKey(gap));
    }
    return comparisons;
  }

  /** The record has what was objected to, and no facts: whether a rule still bites is all that can be told. */
  #takeSession(decision: Decision): void {
    const { account, objections, stage } = decision;
    const policy =
      account === null || stage === 'connect' || stage === 'auth'
        ? this.candidate.anonymous
        : this.candidate.policyOf(this.candidate.accounts.profileOf(account));
    const before = heardOf(objections);
    const now = objections.flatMap((objection) => {
      const mode = policy.settings.get(objection.rule)?.mode ?? 'off';
      return mode === 'off' ? [] : [{ ...objection, mode }];
    });
    const after = heardOf(now);
    this.#noteGap({ kind: 'session' });
    const [verdictBefore, verdictAfter]: readonly Verdict[] = [before?.verdict ?? 'pass', after?.verdict ?? 'pass'];
    const rule = verdictAfter === 'pass' ? before?.rule : after?.rule;
    if (verdictBefore === verdictAfter || verdictAfter === undefined || rule === undefined) return;
    const touched = new Set<Group>();
    this.#count(decision, rule, verdictAfter, touched);
    this.#noteMessages(decision, touched);
  }

  #count({ account }: Decision, rule: RuleId, change: Change, touched: Set<Group>): void {
    const key = `${rule} ${change}`;
    const group = this.#groups.get(key) ?? {
      rule,
      change,
      messages: 0,
      recipients: 0,
      byAccount: new Map(),
      samples: [],
    };
    this.#groups.set(key, group);
    group.recipients += 1;
    accountIn(group, account).recipients += 1;
    touched.add(group);
  }

  #noteMessages({ id, account }: Decision, touched: ReadonlySet<Group>): void {
    for (const group of touched) {
      group.messages += 1;
      accountIn(group, account).messages += 1;
      if (group.samples.length < SAMPLES) group.samples.push(id);
    }
    if ([...touched].some(({ change }) => change !== 'observe')) this.#changedMessages += 1;
  }

  #noteGap(gap: Gap): void {
    const known = this.#gaps.get(gapKey(gap)) ?? { gap, decisions: 0 };
    known.decisions += 1;
    this.#gaps.set(gapKey(gap), known);
  }

  /** What goes out and what went out, into the windows of the candidate's limits. */
  #charge(decision: Decision, { policy, account, ...replayed }: ReplayedTransaction): void {
    const before = chargedBefore(decision);
    const after = chargedAfter(decision, { policy, account, ...replayed });
    if (!this.#history.counts && isAlike(before, after)) return;
    const at = decision.messageAt ?? decision.at;
    for (const scope of MAIL_SCOPES) {
      const limits = policy.limitsOf(scope, decision.accountState, at);
      if (limits.length === 0) continue;
      if (scope === 'account') {
        const amountOf = (charged: Charged) => (resource: WindowLimit['resource']) => charged.amounts[resource] ?? 0;
        const subject = subjectOf(scope, account, '');
        this.#history.charge({ subject, limits, after: amountOf(after), before: amountOf(before) }, at);
        continue;
      }
      for (const key of new Set([...before.keys, ...after.keys])) {
        const amountOf = (charged: Charged) => () => (charged.keys.has(key) ? 1 : 0);
        const subject = subjectOf(scope, account, key);
        this.#history.charge({ subject, limits, after: amountOf(after), before: amountOf(before) }, at);
      }
    }
  }
}

function accountIn({ byAccount }: Group, account: AccountId | null): Counter {
  const id = account ?? NO_ACCOUNT;
  const known = byAccount.get(id) ?? { messages: 0, recipients: 0 };
  byAccount.set(id, known);
  return known;
}

function isAlike(one: Charged, other: Charged): boolean {
  const resources = ['messages', 'recipients', 'exempt-recipients', 'bytes', 'self-bytes'] as const;
  return (
    resources.every((resource) => (one.amounts[resource] ?? 0) === (other.amounts[resource] ?? 0)) &&
    one.keys.size === other.keys.size &&
    [...one.keys].every((key) => other.keys.has(key))
  );
}

function differenceOf({ rule, change, messages, recipients, byAccount, samples }: Group): RuleDifference {
  const topAccounts = [...byAccount]
    .map(([account, counter]) => ({ account, ...counter }))
    .sort((one, other) => other.recipients - one.recipients || (one.account < other.account ? -1 : 1))
    .slice(0, TOP_ACCOUNTS);
  return { rule, change, messages, recipients, accounts: byAccount.size, topAccounts, samples };
}

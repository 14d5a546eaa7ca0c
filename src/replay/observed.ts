/** What rules would have done, in observe mode or in any: counted over decisions, in bounded memory. Pure. */

import { objectionsOf } from '../ledger/codec.js';
import type { Decision } from '../ledger/decision.js';
import type { RecordedObjection, RuleId, Verdict } from '../policy/rule.js';
import type { AccountId, Instant } from '../store/contract.js';

export interface ObservedRule {
  readonly rule: RuleId;
  readonly verdict: Exclude<Verdict, 'pass'>;
  readonly messages: number;
  readonly recipients: number;
  readonly accounts: number;
  readonly topAccounts: readonly { readonly account: AccountId; readonly messages: number }[];
  /** Ids of decisions, or names of messages. */
  readonly samples: readonly string[];
}

export interface ObservedReport {
  readonly decisions: number;
  readonly accounts: number;
  readonly from: Instant | null;
  readonly to: Instant | null;
  /** Decisions that any of the rules objected to. */
  readonly messages: number;
  readonly rules: readonly ObservedRule[];
}

interface Group {
  readonly rule: RuleId;
  readonly verdict: Exclude<Verdict, 'pass'>;
  messages: number;
  recipients: number;
  readonly byAccount: Map<AccountId, number>;
  readonly samples: string[];
}

const TOP_ACCOUNTS = 5;
const SAMPLES = 3;
const NO_ACCOUNT = '-';

export class Observed {
  readonly #groups = new Map<string, Group>();
  readonly #accounts = new Set<AccountId>();
  #decisions = 0;
  #messages = 0;
  #from: Instant | null = null;
  #to: Instant | null = null;

  constructor(private readonly modes: readonly RecordedObjection['mode'][] = ['observe']) {}

  /** In any order. */
  take(decision: Decision, name = decision.id): void {
    const account = decision.account ?? NO_ACCOUNT;
    this.#decisions += 1;
    this.#accounts.add(account);
    this.#from = Math.min(this.#from ?? decision.at, decision.at);
    this.#to = Math.max(this.#to ?? decision.at, decision.at);
    const hit = new Set<Group>();
    for (const { rule, mode, verdict } of objectionsOf(decision)) {
      if (!this.modes.includes(mode)) continue;
      const group = this.#group(rule, verdict);
      group.recipients += 1;
      hit.add(group);
    }
    if (hit.size > 0) this.#messages += 1;
    for (const group of hit) {
      group.messages += 1;
      group.byAccount.set(account, (group.byAccount.get(account) ?? 0) + 1);
      if (group.samples.length < SAMPLES) group.samples.push(name);
    }
  }

  result(): ObservedReport {
    const rules = [...this.#groups.values()]
      .map(({ byAccount, ...group }) => ({ ...group, accounts: byAccount.size, topAccounts: topOf(byAccount) }))
      .sort((one, other) => other.messages - one.messages || (one.rule < other.rule ? -1 : 1));
    return {
      decisions: this.#decisions,
      accounts: this.#accounts.size,
      from: this.#from,
      to: this.#to,
      messages: this.#messages,
      rules,
    };
  }

  #group(rule: RuleId, verdict: Exclude<Verdict, 'pass'>): Group {
    const key = `${rule} ${verdict}`;
    const group = this.#groups.get(key) ?? {
      rule,
      verdict,
      messages: 0,
      recipients: 0,
      byAccount: new Map(),
      samples: [],
    };
    this.#groups.set(key, group);
    return group;
  }
}

function topOf(byAccount: ReadonlyMap<AccountId, number>) {
  return [...byAccount]
    .map(([account, messages]) => ({ account, messages }))
    .sort((one, other) => other.messages - one.messages || (one.account < other.account ? -1 : 1))
    .slice(0, TOP_ACCOUNTS);
}

/**
 * What applies to one account: the rules' own defaults, overridden by the
 * global settings, then its plan's, then its own. A parameter is replaced as a
 * whole (a list of rates by another list). The mode is the most lenient of the
 * global, the plan's, the account's, and the rule's own, for which the most
 * specific setting counts: one switch makes all of an account or of the
 * installation observed only, whatever its rules say.
 */

import type { AccountId, AccountState, Instant } from '../store/contract.js';
import type { WindowLimit } from '../store/window.js';
import { CATALOGUE } from './catalogue.js';
import type { MessageNeed } from './message-facts.js';
import type { LimitScope, Mode, Need, Rule, RuleId } from './rule.js';
import { type BulkParameters, bulkDeclaration } from './rules/bulk-declaration.js';
import { recipientRejections } from './rules/recipient-rejections.js';
import { type RevokedParameters, recipientRevoked } from './rules/recipient-revoked.js';
import { recipientSuppressed } from './rules/recipient-suppressed.js';

/** A rule's settings at one level: its mode and any of its parameters, as `ruleSettingsSchema` gives them. */
export type RuleOverride = { readonly mode?: Mode | undefined; readonly [parameter: string]: unknown };
export type RuleOverrides = { readonly [rule in RuleId]?: RuleOverride | undefined };

interface Level {
  readonly mode?: Mode | undefined;
  readonly rules?: RuleOverrides | undefined;
}

export interface PolicySettings {
  readonly mode: Mode;
  readonly rules: RuleOverrides;
  readonly plans: { readonly [plan: string]: Level };
  readonly accounts: { readonly [account: AccountId]: Level };
}

export interface RuleSetting {
  readonly mode: Mode;
  /** Parsed by the rule's schema; `parametersOf` gives them their type. */
  readonly parameters: unknown;
}

export interface EffectivePolicy {
  readonly settings: ReadonlyMap<RuleId, RuleSetting>;
  /** Facts that the rules which are not off want about each recipient. */
  readonly needs: ReadonlySet<Need>;
  /** What they want to know of the message itself. Empty: nobody looks at it. */
  readonly messageNeeds: ReadonlySet<MessageNeed>;
  /** What makes a message bulk (`bulk.declaration`). */
  readonly bulk: BulkParameters;
  /** Whether streaks are kept per account or over all (`recipient.rejections`). */
  readonly streakScope: 'account' | 'global';
  /** What a revocation is of, where its list or stream is known, and what names the streams (`recipient.revoked`). */
  readonly revocations: Pick<RevokedParameters, 'scope' | 'streams' | 'feedbackIdParts'>;
  /** Whether a suppression of `a@` also stops `a+tag@` (`recipient.suppressed`). */
  readonly matchSubaddress: boolean;
  /** Do `limitsOf` change with the account's state or the time? */
  readonly limitsVary: boolean;
  /** The windows to count in, those of observed rules not enforced. `state` null: not known, or no account. */
  limitsOf(scope: LimitScope, state: AccountState | null, now: Instant): readonly WindowLimit[];
  /** Null: no limit is on. */
  concurrencyOf(
    scope: 'client-sessions' | 'account-sessions',
  ): { readonly count: number; readonly enforced: boolean; readonly rule: RuleId } | null;
  parametersOf<P>(rule: Rule<P>): P;
}

export interface Policies {
  /** For clients whose account is not known. */
  readonly anonymous: EffectivePolicy;
  /** A plan that is not in the settings overrides nothing. The same object each time for accounts with the same overrides. */
  policyOf(account: AccountId, plan: string): EffectivePolicy;
}

export function resolvePolicies(settings: PolicySettings): Policies {
  /** By the levels of plan and account. */
  const known = new Map<Level | undefined, Map<Level | undefined, EffectivePolicy>>();
  const anonymous = effectivePolicy(settings.mode, settings.rules, []);
  return {
    anonymous,
    policyOf(account, plan) {
      const ofPlan = Object.hasOwn(settings.plans, plan) ? settings.plans[plan] : undefined;
      const ofAccount = Object.hasOwn(settings.accounts, account) ? settings.accounts[account] : undefined;
      if (ofPlan === undefined && ofAccount === undefined) return anonymous;
      const alike = known.get(ofPlan) ?? new Map<Level | undefined, EffectivePolicy>();
      const cached = alike.get(ofAccount);
      if (cached !== undefined) return cached;
      const levels = [ofPlan, ofAccount].filter((level) => level !== undefined);
      const policy = effectivePolicy(settings.mode, settings.rules, levels);
      known.set(ofPlan, alike.set(ofAccount, policy));
      return policy;
    },
  };
}

const LENIENCE: Readonly<Record<Mode, number>> = { off: 2, observe: 1, enforce: 0 };

function mostLenient(modes: readonly (Mode | undefined)[]): Mode {
  return modes.reduce<Mode>((so, mode) => (mode !== undefined && LENIENCE[mode] > LENIENCE[so] ? mode : so), 'enforce');
}

function effectivePolicy(mode: Mode, rules: RuleOverrides, levels: readonly Level[]): EffectivePolicy {
  const overall = mostLenient([mode, ...levels.map((level) => level.mode)]);
  const settings = new Map<RuleId, RuleSetting>();
  for (const rule of CATALOGUE) {
    const overrides = [rules, ...levels.map((level) => level.rules)].map((at) => at?.[rule.id]);
    settings.set(rule.id, resolveRule(rule, overall, overrides));
  }
  return fromSettings(settings);
}

function resolveRule(rule: Rule, overall: Mode, overrides: readonly (RuleOverride | undefined)[]): RuleSetting {
  const merged: Record<string, unknown> = { ...(rule.parameters.parse({}) as object) };
  let own: Mode = rule.defaultMode ?? 'enforce';
  for (const { mode, ...parameters } of overrides.filter((override) => override !== undefined)) {
    own = mode ?? own;
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) merged[name] = value;
  }
  return { mode: mostLenient([overall, own]), parameters: merged };
}

interface RuleInForce {
  readonly rule: Rule;
  readonly mode: Mode;
  readonly parameters: unknown;
}

function varies({ rule, parameters }: RuleInForce): boolean {
  return rule.limitsVary?.(parameters) ?? false;
}

/** Asked six times a message: what no state and no time can change is worked out once. `vary`: something can. */
function limitsIn(rules: readonly RuleInForce[], vary: boolean): EffectivePolicy['limitsOf'] {
  const limiting = rules
    .filter(({ rule }) => rule.limits !== undefined)
    .map((inForce) => ({ inForce, fixed: varies(inForce) ? null : new Map<LimitScope, readonly WindowLimit[]>() }));
  const known = new Map<LimitScope, readonly WindowLimit[]>();
  return (scope, state, now) => {
    const before = known.get(scope);
    if (before !== undefined) return before;
    const limits = limiting.flatMap(({ inForce, fixed }) => {
      const windows = fixed?.get(scope) ?? windowsIn(inForce, scope, state, now);
      fixed?.set(scope, windows);
      return windows;
    });
    if (!vary) known.set(scope, limits);
    return limits;
  };
}

function windowsIn(
  { rule, mode, parameters }: RuleInForce,
  scope: LimitScope,
  state: AccountState | null,
  now: Instant,
): readonly WindowLimit[] {
  return (rule.limits?.(parameters, state, now) ?? [])
    .filter((limit) => limit.scope === scope)
    .map(({ resource, perMs, count }) => ({ rule: rule.id, resource, perMs, count, enforced: mode === 'enforce' }));
}

function fromSettings(settings: ReadonlyMap<RuleId, RuleSetting>): EffectivePolicy {
  const on = CATALOGUE.flatMap((rule) => {
    const setting = settings.get(rule.id);
    return setting === undefined || setting.mode === 'off' ? [] : [{ rule, ...setting }];
  });
  const parametersOf = <P>(rule: Rule<P>): P => settings.get(rule.id)?.parameters as P;
  const limitsVary = on.some(varies);
  return {
    settings,
    needs: new Set(on.flatMap(({ rule }) => rule.needs)),
    messageNeeds: new Set(on.flatMap(({ rule, parameters }) => rule.messageNeeds?.(parameters) ?? [])),
    bulk: parametersOf(bulkDeclaration),
    streakScope: parametersOf(recipientRejections).scope,
    revocations: parametersOf(recipientRevoked),
    matchSubaddress: parametersOf(recipientSuppressed).matchSubaddress,
    parametersOf,
    limitsVary,
    limitsOf: limitsIn(on, limitsVary),
    concurrencyOf(scope) {
      for (const { rule, mode, parameters } of on) {
        const limit = rule.concurrency?.(parameters).find((candidate) => candidate.scope === scope);
        if (limit !== undefined) return { count: limit.count, enforced: mode === 'enforce', rule: rule.id };
      }
      return null;
    },
  };
}

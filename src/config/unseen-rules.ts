import { CATALOGUE } from '../policy/catalogue.js';
import { type EffectivePolicy, resolvePolicies } from '../policy/effective.js';
import type { Rule, RuleId, Stage } from '../policy/rule.js';
import type { Config } from './schema.js';

/**
 * Rules that are on, for anybody, and that a policy server cannot judge, or not
 * wholly: Postfix tells it of recipients and of a message's size, not of
 * connections, passwords and content.
 */
export function rulesUnseenByPolicyd(config: Config): readonly RuleId[] {
  const stages: readonly Stage[] =
    config.policyd.charge === 'recipient' ? ['mail', 'recipient'] : ['mail', 'recipient', 'message'];
  const policies = policiesOf(config);
  const isUnseen = (rule: Rule, policy: EffectivePolicy): boolean => {
    const setting = policy.settings.get(rule.id);
    if (setting === undefined || setting.mode === 'off') return false;
    const readsMessage = (rule.messageNeeds?.(setting.parameters) ?? []).length > 0;
    return readsMessage || stages.every((stage) => rule.judge[stage] === undefined);
  };
  return CATALOGUE.filter((rule) => policies.some((policy) => isUnseen(rule, policy))).map(({ id }) => id);
}

/** Everybody's, each plan's, and those of accounts with settings of their own. */
function policiesOf({ mode, rules, plans, accounts }: Config): readonly EffectivePolicy[] {
  const policies = resolvePolicies({ mode, rules, plans, accounts: accounts.list });
  const own = Object.entries(accounts.list).filter(
    ([, account]) => account.mode !== undefined || Object.keys(account.rules).length > 0,
  );
  return [
    policies.anonymous,
    ...Object.keys(plans).map((plan) => policies.policyOf('', plan)),
    ...own.map(([id, { plan }]) => policies.policyOf(id, plan)),
  ];
}

import { CATALOGUE } from '../policy/catalogue.js';
import { resolvePolicies } from '../policy/effective.js';
import type { Rule, RuleId, Stage } from '../policy/rule.js';
import type { Config } from './schema.js';

/**
 * Rules that are on, for anybody, and that a policy server cannot judge: Postfix
 * tells it of recipients and of a message's size, not of connections, passwords
 * and content.
 */
export function rulesUnseenByPolicyd(config: Config): readonly RuleId[] {
  const stages: readonly Stage[] =
    config.policyd.charge === 'recipient' ? ['mail', 'recipient'] : ['mail', 'recipient', 'message'];
  const isUnseen = ({ judge }: Rule) => stages.every((stage) => judge[stage] === undefined);
  return CATALOGUE.filter((rule) => isUnseen(rule) && isOnForAnybody(rule.id, config)).map(({ id }) => id);
}

function isOnForAnybody(rule: RuleId, { mode, rules, plans, accounts }: Config): boolean {
  const policies = resolvePolicies({ mode, rules, plans, accounts: accounts.list });
  const ofPlans = Object.keys(plans).map((plan) => policies.policyOf('', plan));
  // Those without settings of their own have their plan's.
  const withOwn = Object.entries(accounts.list).filter(([, own]) => rule in own.rules || own.mode !== undefined);
  const ofAccounts = withOwn.map(([id, { plan }]) => policies.policyOf(id, plan));
  return [policies.anonymous, ...ofPlans, ...ofAccounts].some(
    (policy) => (policy.settings.get(rule)?.mode ?? 'off') !== 'off',
  );
}

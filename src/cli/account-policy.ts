/** The policy that a config gives to an account, for commands that show it. */

import type { Config } from '../config/schema.js';
import { type EffectivePolicy, type Policies, resolvePolicies } from '../policy/effective.js';
import type { AccountId } from '../store/contract.js';

/** `policyOf` gives accounts without overrides this one too. */
export function installationPolicy(config: Config | null): EffectivePolicy {
  return policiesOf(config).anonymous;
}

export function policyOfAccount(
  config: Config,
  account: AccountId,
): { readonly plan: string; readonly policy: EffectivePolicy } {
  const plan = planOf(config, account);
  return { plan, policy: policiesOf(config).policyOf(account, plan) };
}

/** An account that no list names has the default plan. */
export function planOf(config: Config, account: AccountId): string {
  const { list } = config.accounts;
  return (Object.hasOwn(list, account) ? list[account]?.plan : undefined) ?? 'default';
}

/** Without a config: the rules' own defaults. */
function policiesOf(config: Config | null): Policies {
  return config === null
    ? resolvePolicies({ mode: 'enforce', rules: {}, plans: {}, accounts: {} })
    : resolvePolicies({ mode: config.mode, rules: config.rules, plans: config.plans, accounts: config.accounts.list });
}

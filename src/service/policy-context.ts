import { createAccounts } from '../account/accounts.js';
import type { Accounts } from '../account/contract.js';
import type { Config } from '../config/schema.js';
import { type PolicySettings, resolvePolicies } from '../policy/effective.js';
import { normaliseDomain } from '../smtp/address.js';
import type { PolicyContext } from '../transaction/context.js';
import { feedbackSettings } from './feedback-settings.js';
import { lookupsOf, wordsOf } from './lookups.js';

/** The policy of one config, ready to judge by. */
export function createPolicyContext(config: Config, accounts: Accounts): PolicyContext {
  const policies = resolvePolicies(policySettings(config));
  const ownDomains = new Set(config.accounts.ownDomains.map((domain) => normaliseDomain(domain) ?? domain));
  return {
    accounts,
    anonymous: policies.anonymous,
    policyOf: (profile) => policies.policyOf(profile.id, profile.plan),
    wordsFor: (profile, ref) => ({
      ref,
      policyUrl: config.replies.policyUrl ?? null,
      texts: config.replies.texts[profile?.language ?? 'en'] ?? config.replies.texts.en ?? null,
    }),
    lookups: lookupsOf(config),
    words: wordsOf(config),
    onStoreFailure: config.store.onFailure,
    outcomes: { presumeDeliveredAfterMs: config.outcomes.presumeDeliveredAfter, keepMs: config.outcomes.keep },
    feedback: feedbackSettings(config, policies),
    finality: config.relay.finality,
    isOwnDomain: (domain) => ownDomains.has(domain),
  };
}

/**
 * The policy of a config by which nobody logs in: to judge mail that is recorded
 * or supposed. Accounts by client address are known, passwords are not looked for.
 */
export function createPolicyToTry(config: Config): PolicyContext {
  const notAsked = () => Promise.reject(new Error('nobody logs in'));
  const identify = config.accounts.identify.filter(({ address }) => address !== undefined);
  const accounts = createAccounts({ ...config.accounts, identify }, { credentialOf: notAsked, relayLogin: notAsked });
  return createPolicyContext(config, accounts);
}

/** Why no policy can be made of a valid config (a users file that cannot be read); null: it can. */
export function policyProblem(config: Config): string | null {
  const notAsked = () => Promise.reject(new Error('only tried'));
  try {
    createPolicyContext(config, createAccounts(config.accounts, { credentialOf: notAsked, relayLogin: notAsked }));
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

export function policySettings(config: Config): PolicySettings {
  return { mode: config.mode, rules: config.rules, plans: config.plans, accounts: config.accounts.list };
}

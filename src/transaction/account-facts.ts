import type { AccountProfile } from '../account/contract.js';
import type { AccountFacts } from '../policy/rule.js';
import type { AccountState } from '../store/contract.js';

/** What the rules know of an account. */
export function accountFacts(profile: AccountProfile, state: AccountState): AccountFacts {
  return { id: profile.id, plan: profile.plan, senders: profile.senders, state };
}

/** What is assumed of an account whose state nobody could tell, or does not matter here. */
export function unknownState(account: string): AccountState {
  return { account, standing: 'good', changed: null, until: null, firstAcceptedAt: null };
}

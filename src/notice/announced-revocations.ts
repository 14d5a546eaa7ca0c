import type { IntakeParts } from '../feedback/intake.js';
import { NO_SUBSCRIPTIONS } from '../store/contract.js';
import type { Announcer } from './announcer.js';

/** What an intake does when a recipient revoked consent: the account is told. */
export function announcedRevocations(announcer: Announcer): IntakeParts['revoked'] {
  return async ({ source, vouched }, { account, key, message }) => {
    const subscriptions = vouched?.subscriptions ?? NO_SUBSCRIPTIONS;
    if (key !== null) await announcer.revoked(account, { address: key, subscriptions, source, fact: message });
  };
}

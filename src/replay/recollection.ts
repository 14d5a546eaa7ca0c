import type { LimitScope } from '../policy/rule.js';
import type { AccountId, AddressKey, Instant } from '../store/contract/values.js';
import type { WindowLimit } from '../store/contract.js';

/** The windows that mail is counted in. */
export type MailScope = Extract<LimitScope, 'account' | 'flood-account' | 'flood-everyone'>;

/** Whose window: of an account, or of messages to one address, by an account or by everyone. */
export function subjectOf(scope: MailScope, account: AccountId, key: AddressKey): string {
  if (scope === 'account') return `a ${account}`;
  // An account has no space in it.
  return scope === 'flood-account' ? `f ${account} ${key}` : `e ${key}`;
}

/** How windows would stand, had it been otherwise before. */
export interface Recollection {
  /** What would be in the window beyond what is recorded; negative if less. */
  difference(subject: string, limit: WindowLimit, now: Instant): number;
  /** What would be in a window of whose use there is no record; null: nobody counted. */
  counted(subject: string, limit: WindowLimit, now: Instant): number | null;
}

/** Everything before was as recorded. */
export const AS_RECORDED: Recollection = { difference: () => 0, counted: () => null };

/** Which recorded uses are whose: of the account's windows, of messages to the address by the account, by everyone. */

import type { RecordedRecipientFacts } from '../ledger/decision.js';
import type { WindowLimit, WindowUsage } from '../store/contract.js';
import type { MailScope } from './recollection.js';

export type ScopedUsage = Readonly<Record<MailScope, readonly WindowUsage[]>>;

/**
 * Decisions of Sluice 0.1 do not say where the flood windows of everyone begin:
 * those are known only where `limits` (by the account, by everyone) fit them.
 */
export function scopedUsage(
  { usage, flood }: Pick<RecordedRecipientFacts, 'usage' | 'flood'>,
  limits: Readonly<Record<'flood-account' | 'flood-everyone', readonly WindowLimit[]>>,
): ScopedUsage {
  if (flood !== null) {
    const everyone = usage.length - flood.everyone;
    const own = everyone - flood.account;
    return {
      account: usage.slice(0, own),
      'flood-account': usage.slice(own, everyone),
      'flood-everyone': usage.slice(everyone),
    };
  }
  const isFlood = (use: WindowUsage) => use.limit.rule === 'flood.recipient';
  const floods = usage.filter(isFlood);
  const own = limits['flood-account'].length;
  const expected = [...limits['flood-account'], ...limits['flood-everyone']];
  const fits =
    expected.length === floods.length && expected.every(({ perMs }, index) => floods[index]?.limit.perMs === perMs);
  return {
    account: usage.filter((use) => !isFlood(use)),
    'flood-account': fits ? floods.slice(0, own) : [],
    'flood-everyone': fits ? floods.slice(own) : [],
  };
}

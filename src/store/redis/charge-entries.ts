import type { AccountId, AddressKey, Charge, Instant, ReserveRequest } from '../contract.js';
import { type Amounts, slotAt, type WindowLimit } from '../window.js';
import type { Keys } from './keys.js';
import { windowArgument, windowsOf } from './window-codec.js';

/** One slot of one window, and what was charged to it. */
export type Entry = Charge['entries'][number];

/** Subjects of charges: whose windows they went to. */
const ACCOUNT = 'account';
const EVERYONE_TO = 'everyone>';
const ACCOUNT_TO = 'account>';

/** What `amounts` at that moment went to of the account's windows. */
export function accountEntries(limits: readonly WindowLimit[], amounts: Amounts, now: Instant): Entry[] {
  return windowsOf(limits)
    .map((window) => entryOf(ACCOUNT, window, now, amounts[window.resource] ?? 0))
    .filter(({ amount }) => amount > 0);
}

/** What one message at that moment went to of an address' windows. */
export function addressEntries(key: AddressKey, limits: ReserveRequest['floodLimits'], now: Instant): Entry[] {
  return [
    ...windowsOf(limits.everyone).map((window) => entryOf(`${EVERYONE_TO}${key}`, window, now, 1)),
    ...windowsOf(limits.account).map((window) => entryOf(`${ACCOUNT_TO}${key}`, window, now, 1)),
  ];
}

/** The key of the windows that a subject of charges names. */
export function windowsKey(keys: Keys, subject: string, account: AccountId): string {
  if (subject.startsWith(EVERYONE_TO)) return keys.everyoneFlood(subject.slice(EVERYONE_TO.length));
  if (subject.startsWith(ACCOUNT_TO)) return keys.accountFlood(subject.slice(ACCOUNT_TO.length), account);
  return keys.accountWindows(account);
}

/** As refund.lua reads them. */
export function refundArgument(entries: readonly Entry[]): string {
  return JSON.stringify(
    entries.map(({ resource, perMs, slot, amount }) => ({
      ...windowArgument({ resource: resource as WindowLimit['resource'], perMs }),
      charged: slot,
      amount,
    })),
  );
}

function entryOf(
  subject: string,
  { resource, perMs }: Pick<WindowLimit, 'resource' | 'perMs'>,
  now: Instant,
  amount: number,
): Entry {
  return { subject, resource, perMs, slot: slotAt(now, perMs), amount };
}

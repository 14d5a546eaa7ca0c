/** What an account's transactions ask of a store, in few words. */

import type {
  CommitAnswer,
  CommitRequest,
  Lease,
  RecipientRequest,
  ReserveAnswer,
  ReserveRequest,
  Store,
} from '../../../src/store/contract.js';
import type { WindowLimit } from '../../../src/store/window.js';

let transactions = 0;

/** A transaction that no other test has. */
export function newLease(account = 'acme'): Lease {
  transactions += 1;
  return { transaction: `t${process.pid}-${transactions}`, account };
}

export function limitOf(
  resource: WindowLimit['resource'],
  count: number,
  perMs: number,
  more: Partial<WindowLimit> = {},
): WindowLimit {
  return { rule: `volume.${resource}`, resource, perMs, count, enforced: true, ...more };
}

export function recipient(key: string, more: Partial<RecipientRequest> = {}): RecipientRequest {
  return { key, domain: key.slice(key.lastIndexOf('@') + 1), untaggedKey: null, resource: 'recipients', ...more };
}

/** So many different recipients. */
export function recipients(count: number, prefix = 'r'): RecipientRequest[] {
  return Array.from({ length: count }, (_, index) => recipient(`${prefix}${index}@example.net`));
}

export const NO_FLOOD: ReserveRequest['floodLimits'] = { account: [], everyone: [] };
export const NO_FACTS: ReserveRequest['facts'] = { suppression: false, revocation: false, rejections: false };
export const ALL_FACTS: ReserveRequest['facts'] = { suppression: true, revocation: true, rejections: true };

export function reserve(
  store: Store,
  lease: Lease,
  accountLimits: readonly WindowLimit[],
  request: Partial<ReserveRequest> = {},
): Promise<ReserveAnswer> {
  return store.reserve({
    lease,
    accountLimits,
    amounts: {},
    floodLimits: NO_FLOOD,
    recipients: [],
    unheld: {},
    ahead: 0,
    facts: NO_FACTS,
    ...request,
  });
}

export function commit(
  store: Store,
  lease: Lease,
  accountLimits: readonly WindowLimit[],
  request: Partial<CommitRequest> = {},
): Promise<CommitAnswer> {
  const nobody = { recipients: [], unmailed: [] };
  return store.commit({ lease, accountLimits, amounts: {}, floodLimits: NO_FLOOD, ...nobody, ...request });
}

/** A message to as many recipients as are granted; tells how many were accepted, and when. */
export async function send(
  store: Store,
  limits: readonly WindowLimit[],
  wanted: number,
  account = 'acme',
): Promise<{ readonly accepted: number; readonly now: number }> {
  const lease = newLease(account);
  const asked = recipients(wanted);
  const held = await reserve(store, lease, limits, { recipients: asked });
  const granted = asked.filter((_, index) => held.recipients[index]?.granted);
  if (granted.length === 0) return { accepted: 0, now: held.now };
  const done = await commit(store, lease, limits, {
    amounts: { recipients: granted.length },
    recipients: granted.map(({ key }) => key),
  });
  return { accepted: done.granted ? granted.length : 0, now: done.now };
}

/** The store's clock. */
export async function nowOf(store: Store): Promise<number> {
  const { now } = await reserve(store, newLease('clock'), []);
  return now;
}

export function grantedOf(answer: ReserveAnswer): boolean[] {
  return answer.recipients.map(({ granted }) => granted);
}

import type { AccountId, AddressKey, Instant, Revocation, Store } from '../store/contract.js';

/** A revocation that holds, of all mail of the account or of one list. */
export interface StandingRevocation {
  readonly at: Instant;
  readonly list: string | null;
}

type Of = (address: AddressKey, list: string | null) => StandingRevocation | null;

/**
 * Which revocations of these addresses hold now. Asking twice does not start the
 * 48 hours anew, and a consent may have lifted one: what the account is told must
 * be what its mail is judged by.
 */
export async function standingRevocations(
  store: Pick<Store, 'look' | 'listRevocationsOf'>,
  account: AccountId,
  addresses: readonly AddressKey[],
): Promise<Of> {
  const keys = [...new Set(addresses)];
  if (keys.length === 0) return () => null;
  const [sight, ofLists] = await Promise.all([
    store.look({
      account,
      accountLimits: [],
      floodLimits: { account: [], everyone: [] },
      recipients: keys.map((key) => ({ key, domain: '', untaggedKey: null, resource: 'recipients' })),
      facts: { suppression: false, revocation: true, rejections: false },
    }),
    store.listRevocationsOf(account, keys),
  ]);
  return (address, list) => {
    const index = keys.indexOf(address);
    const ofAll: Revocation | null = sight.recipients[index]?.revocation ?? null;
    const lists = ofLists[index] ?? [];
    const ofList = list === null ? undefined : lists.find((one) => one.list === list);
    // Who brought it may not have known of which list it was.
    const found = ofList ?? ofAll ?? lists.at(-1);
    return found === undefined ? null : { at: found.at, list: 'list' in found ? String(found.list) : null };
  };
}

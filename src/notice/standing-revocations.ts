import type { AccountId, AddressKey, Instant, Store } from '../store/contract.js';

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
    const lists = ofLists[index] ?? [];
    const ofList = lists.find((one) => one.list === list);
    if (ofList !== undefined) return ofList;
    const ofAll = sight.recipients[index]?.revocation ?? null;
    if (ofAll !== null) return { at: ofAll.at, list: null };
    // Who brought it may not have known of which list it was.
    return lists.at(-1) ?? null;
  };
}

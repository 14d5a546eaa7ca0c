import {
  type AccountId,
  type AddressKey,
  type Instant,
  NO_SUBSCRIPTIONS,
  type Store,
  type SubscriptionRevocation,
  type Subscriptions,
} from '../store/contract.js';

/** A revocation that holds, of all mail of the account or of one list or stream. */
export interface StandingRevocation extends Subscriptions {
  readonly at: Instant;
}

type Of = (address: AddressKey, named: Subscriptions) => StandingRevocation | null;

/**
 * Which revocations of these addresses hold now. Asking twice does not start the
 * 48 hours anew, and a consent may have lifted one: what the account is told must
 * be what its mail is judged by.
 */
export async function standingRevocations(
  store: Pick<Store, 'look' | 'subscriptionRevocationsOf'>,
  account: AccountId,
  addresses: readonly AddressKey[],
): Promise<Of> {
  const keys = [...new Set(addresses)];
  if (keys.length === 0) return () => null;
  const [sight, ofParts] = await Promise.all([
    store.look({
      account,
      accountLimits: [],
      floodLimits: { account: [], everyone: [] },
      recipients: keys.map((key) => ({ key, domain: '', untaggedKey: null, resource: 'recipients' })),
      facts: { suppression: false, revocation: true, rejections: false },
    }),
    store.subscriptionRevocationsOf(account, keys),
  ]);
  return (address, named) => {
    const index = keys.indexOf(address);
    const parts = ofParts[index] ?? [];
    const asked = parts.find(({ subscription: { kind, name } }) => named[kind] === name);
    if (asked !== undefined) return ofPart(asked);
    const ofAll = sight.recipients[index]?.revocation ?? null;
    if (ofAll !== null) return { at: ofAll.at, ...NO_SUBSCRIPTIONS };
    // Who brought it may not have known of which part it was.
    const latest = parts.at(-1);
    return latest === undefined ? null : ofPart(latest);
  };
}

function ofPart({ at, subscription: { kind, name } }: SubscriptionRevocation): StandingRevocation {
  return { at, ...NO_SUBSCRIPTIONS, [kind]: name };
}

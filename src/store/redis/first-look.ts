import type { AccountId, Instant, ReserveRequest } from '../contract.js';
import { type AddressHolds, type AddressPart, firstIsAmple, firstPart, isNothingKept } from './address-holds.js';
import type { Link } from './link.js';
import { answersTo, type OctetsReply, type ScriptCall } from './script-call.js';
import type { Elsewhere, SuppressionRecords } from './suppression-records.js';

/** What is known of so many is enough to remember: of others it is looked. */
const MOST_ACCOUNTS = 10_000;

interface Found {
  readonly now: Instant;
  /** How many of the keys there are. */
  readonly count: number;
}

/**
 * Looks whether anything at all is kept of a recipient. Of most recipients of
 * bulk mail nothing is, and that is found out for much less than their places
 * are asked for.
 */
export class FirstLook {
  /** Accounts of whose latest recipient something was kept: of the next, too, most likely, as with all who are on a list. */
  readonly #inVain = new Set<AccountId>();

  constructor(
    private readonly link: Link,
    private readonly addresses: AddressHolds,
    private readonly suppressions: SuppressionRecords,
  ) {}

  /** Whether no more is asked for than one recipient's own, of whom it is worth looking. */
  isDue({ lease, recipients, accountLimits, floodLimits }: ReserveRequest): boolean {
    if (recipients.length !== 1 || accountLimits.length > 0) return false;
    return firstIsAmple(floodLimits) && !this.#inVain.has(lease.account);
  }

  /** What the store said of a recipient of whom it was not looked first. */
  saw({ lease: { account } }: ReserveRequest, part: AddressPart, elsewhere: readonly Elsewhere[]): void {
    if (isNothingKept(part) && elsewhere.every(({ size }) => size === 0)) this.#inVain.delete(account);
    else this.#rememberInVain(account);
  }

  /** Of the first recipient; null where something is kept. */
  async at(request: ReserveRequest): Promise<{ readonly now: Instant; readonly part: AddressPart } | null> {
    const calls = this.#keyGroups(request).map(
      (keys): ScriptCall<Found> => ({ name: 'look-for-keys', keys, args: [this.link.clock()], read: foundIn }),
    );
    const found = answersTo(calls, await this.link.together('reserve', calls));
    const [first] = found;
    if (first !== undefined && found.every(({ count }) => count === 0)) {
      return { now: first.now, part: firstPart(request.floodLimits) };
    }
    this.#rememberInVain(request.lease.account);
    return null;
  }

  #rememberInVain(account: AccountId): void {
    if (this.#inVain.size >= MOST_ACCOUNTS) this.#inVain.clear();
    this.#inVain.add(account);
  }

  /** On a cluster those of one tag go in one call. */
  #keyGroups({ lease, recipients: [recipient], facts }: ReserveRequest): readonly (readonly string[])[] {
    if (recipient === undefined) throw new RangeError('nobody to look for');
    const own = this.addresses.keysOf(lease, recipient.key);
    const elsewhere = facts.suppression ? this.suppressions.keysElsewhere(recipient) : [];
    return this.link.isCluster ? [own, ...elsewhere.map((key) => [key])] : [[...own, ...elsewhere]];
  }
}

function foundIn(reply: OctetsReply): Found {
  const [now, count] = reply as readonly [number, number];
  return { now, count };
}

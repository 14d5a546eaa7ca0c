import type { Instant, Lease, ReserveRequest } from '../contract.js';
import { type AddressHolds, type AddressPart, firstIsAmple, firstPart } from './address-holds.js';
import type { Link } from './link.js';
import { answersTo, type OctetsReply, type ScriptCall } from './script-call.js';
import type { SuppressionRecords } from './suppression-records.js';

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
  /** Transactions with a recipient of whom something is: of the others, too, then, as with all who are on a list. */
  readonly #inVain = new WeakSet<Lease>();

  constructor(
    private readonly link: Link,
    private readonly addresses: AddressHolds,
    private readonly suppressions: SuppressionRecords,
  ) {}

  /** Whether no more is asked for than one recipient's own, of whom it is worth looking. */
  isDue({ lease, recipients, accountLimits, floodLimits }: ReserveRequest): boolean {
    if (recipients.length !== 1 || accountLimits.length > 0) return false;
    return firstIsAmple(floodLimits) && !this.#inVain.has(lease);
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
    this.#inVain.add(request.lease);
    return null;
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

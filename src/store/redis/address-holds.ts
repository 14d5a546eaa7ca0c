import type {
  AddressKey,
  Instant,
  Lease,
  RejectionStreak,
  ReserveRequest,
  Revocation,
  StoreTimes,
  Suppression,
} from '../contract.js';
import { type Amounts, isAmple, type WindowLimit, type WindowUsage } from '../window.js';
import { addressEntries } from './charge-entries.js';
import type { ChargedPart } from './charges.js';
import { groupByCall } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { readRevocation, readStreak, readSuppression } from './recipient-facts.js';
import type { Argument, OctetsReply, ScriptCall } from './script-call.js';
import { amountsArgument, firstUse, limitsArgument, Numbers, readUsage } from './window-codec.js';

interface Facts {
  readonly suppression: Suppression | null;
  readonly revocation: Revocation | null;
  readonly rejections: RejectionStreak | null;
}

/** What an address' own keys say. */
export interface AddressPart extends Facts {
  readonly granted: boolean;
  /** Whether places were taken and are kept: held, or charged. */
  readonly held: boolean;
  readonly usage: readonly WindowUsage[];
}

const NO_FACTS: Facts = { suppression: null, revocation: null, rejections: null };

/** What reserve-recipients.lua says of a place. */
const [DENIED, TAKEN, FIRST] = [0, 1, 3];

/** Texts of an address that something is known of: suppressions, revocation, streaks. */
const KNOWN_TEXTS = 5;

type FloodLimits = ReserveRequest['floodLimits'];

type AddressAsk = Pick<ReserveRequest, 'lease' | 'floodLimits' | 'facts'>;

/** Parts of addresses, in order. */
export interface AddressesAnswer {
  readonly now: Instant;
  readonly parts: readonly AddressPart[];
}

export type ChargedAddress = AddressPart & ChargedPart;

/** Holds in the windows of messages to one address, and what is known of it. */
export class AddressHolds {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly times: Pick<StoreTimes, 'reservationTtlMs'>,
  ) {}

  /** The calls that ask for places; their parts, one after the other, are those of `addresses`. */
  reserve(request: AddressAsk, addresses: readonly AddressKey[]): readonly ScriptCall<AddressesAnswer>[] {
    const args = this.#askArguments(request, 'held');
    return groupByCall(addresses, this.link.isCluster).map((group) => ({
      name: 'reserve-recipients',
      keys: this.#askedKeys(request.lease, group),
      args,
      read(reply) {
        const answer = new AddressAnswer(reply, request);
        return { now: answer.now, parts: group.map((key) => answer.next(key)) };
      },
    }));
  }

  /** All keys under which something may be kept of an address that is this account's business, in the order of reserve-recipients.lua. */
  keysOf(lease: Lease, key: AddressKey): readonly string[] {
    return [
      ...this.#windows(lease, key),
      this.keys.suppressions(key),
      this.keys.revocations(key),
      this.keys.streaks(key),
    ];
  }

  /** The same for one, charged at once. */
  charge(request: AddressAsk, key: AddressKey): ScriptCall<ChargedAddress> {
    return {
      name: 'reserve-recipients',
      keys: this.#askedKeys(request.lease, [key]),
      args: this.#askArguments(request, 'charged'),
      read(reply) {
        const answer = new AddressAnswer(reply, request);
        const part = answer.next(key);
        return { ...part, entries: part.granted ? addressEntries(key, request.floodLimits, answer.now) : [] };
      },
    };
  }

  /** One place in each window of `limits`, for each time that an address is named. */
  giveBackPlaces(verb: string, lease: Lease, limits: FloodLimits, addresses: readonly AddressKey[]): Promise<void> {
    const places = [placesIn(limits.everyone), placesIn(limits.account)].map((amounts) => [
      0,
      amountsArgument(amounts),
    ]);
    return this.#giveBack(verb, lease, addresses, places.flat());
  }

  /** All that the lease holds at the addresses. */
  giveBackAll(verb: string, lease: Lease, addresses: readonly AddressKey[]): Promise<void> {
    return this.#giveBack(verb, lease, addresses, [1, 1]);
  }

  async renew(lease: Lease, addresses: readonly AddressKey[]): Promise<void> {
    const calls = groupByCall(addresses, this.link.isCluster).map((group) => {
      const keys = group.flatMap((key) => this.#windows(lease, key));
      const transactions = keys.map(() => lease.transaction);
      return this.link.script('renew', 'renew-leases', keys, [
        this.link.clock(),
        this.times.reservationTtlMs,
        ...transactions,
      ]);
    });
    await Promise.all(calls);
  }

  #askedKeys(lease: Lease, addresses: readonly AddressKey[]): readonly string[] {
    const asked: string[] = [];
    for (const key of addresses) asked.push(...this.keysOf(lease, key));
    return asked;
  }

  #askArguments({ lease, floodLimits, facts }: AddressAsk, become: 'held' | 'charged'): readonly Argument[] {
    const { reservationTtlMs } = this.times;
    const first = become === 'charged' ? firstFits(floodLimits, (count) => count > 0) : firstIsAmple(floodLimits);
    const flags = [facts.suppression, facts.revocation, facts.rejections, become === 'charged', first];
    const digits = flags.map(Number).join('');
    const limits = [limitsArgument(floodLimits.account), limitsArgument(floodLimits.everyone)];
    return [this.link.clock(), lease.transaction, reservationTtlMs, lease.account, digits, ...limits];
  }

  async #giveBack(
    verb: string,
    lease: Lease,
    addresses: readonly AddressKey[],
    eachAddress: readonly Argument[],
  ): Promise<void> {
    const calls = groupByCall(addresses, this.link.isCluster).map((group) => {
      const keys = group.flatMap((key) => this.#windows(lease, key));
      const args = [this.link.clock(), lease.transaction, ...group.flatMap(() => eachAddress)];
      return this.link.script(verb, 'give-back', keys, args);
    });
    await Promise.all(calls);
  }

  #windows(lease: Lease, key: AddressKey): [string, string] {
    return [this.keys.everyoneFlood(key), this.keys.accountFlood(key, lease.account)];
  }
}

/** Reads what reserve-recipients.lua answers, address by address. */
class AddressAnswer {
  readonly now: Instant;
  readonly #numbers: Numbers;
  readonly #texts: readonly Buffer[];
  #read = 0;

  constructor(
    reply: OctetsReply,
    private readonly request: AddressAsk,
  ) {
    const parts = reply as [Buffer, ...Buffer[]];
    this.#numbers = Numbers.in(parts[0]);
    this.#texts = parts.slice(1);
    this.now = this.#numbers.next();
  }

  next(key: AddressKey): AddressPart {
    const { floodLimits, lease } = this.request;
    const numbers = this.#numbers;
    const place = numbers.next();
    if (place === FIRST) return firstPart(floodLimits);
    const usage = [...readUsage(numbers, floodLimits.account), ...readUsage(numbers, floodLimits.everyone)];
    // Spelled out: spread behind other members they take a slow path of V8's.
    const { suppression, revocation, rejections } =
      numbers.next() === 0 ? NO_FACTS : factsIn(this.#nextTexts(), key, lease, this.now);
    return { granted: place !== DENIED, held: place === TAKEN, usage, suppression, revocation, rejections };
  }

  #nextTexts(): readonly string[] {
    const texts = this.#texts.slice(this.#read, this.#read + KNOWN_TEXTS).map(String);
    this.#read += KNOWN_TEXTS;
    return texts;
  }
}

/** Of an address that nothing was asked about. */
export const NOTHING_KNOWN: AddressPart = { granted: true, held: false, usage: [], ...NO_FACTS };

/** Whether an address of which nothing is kept has ample room. */
export function firstIsAmple(limits: FloodLimits): boolean {
  return firstFits(limits, (count) => isAmple(1, count - 1));
}

/** Of an address of which nothing was kept. */
export function firstPart({ account, everyone }: FloodLimits): AddressPart {
  const usage = [...firstUse(account), ...firstUse(everyone)];
  return { granted: true, held: false, usage, suppression: null, revocation: null, rejections: null };
}

/** Whether a part is what `firstPart` says. */
export function isNothingKept({ granted, held, usage, suppression, revocation, rejections }: AddressPart): boolean {
  if (!granted || held || suppression !== null || revocation !== null || rejections !== null) return false;
  return usage.every(({ used }) => used === 1);
}

function firstFits({ account, everyone }: FloodLimits, fits: (count: number) => boolean): boolean {
  const isFit = ({ resource, count }: WindowLimit) => resource === 'messages' && fits(count);
  return account.every(isFit) && everyone.every(isFit);
}

export function isCounted(limits: FloodLimits): boolean {
  return limits.account.length + limits.everyone.length > 0;
}

/** Whether anything of the addresses' own keys is wanted. */
export function asksAddresses(limits: FloodLimits, facts: ReserveRequest['facts']): boolean {
  return isCounted(limits) || facts.suppression || facts.revocation || facts.rejections;
}

function placesIn(limits: readonly WindowLimit[]): Amounts {
  return Object.fromEntries(limits.map(({ resource }) => [resource, 1]));
}

function factsIn(texts: readonly string[], key: AddressKey, lease: Lease, now: Instant): Facts {
  const [ownSuppression = '', suppression = '', revocation = '', ownStreak = '', streak = ''] = texts;
  return {
    suppression:
      readSuppression(ownSuppression, key, lease.account, now) ?? readSuppression(suppression, key, null, now),
    revocation: readRevocation(revocation, key, lease.account),
    rejections: later(readStreak(ownStreak, key, lease.account, now), readStreak(streak, key, null, now)),
  };
}

/** Of the account's own streak and everyone's, the one with the latest rejection: only one scope is in use. */
function later(own: RejectionStreak | null, everyone: RejectionStreak | null): RejectionStreak | null {
  if (own === null || everyone === null) return own ?? everyone;
  return own.latestAt >= everyone.latestAt ? own : everyone;
}

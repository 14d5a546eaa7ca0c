import type {
  AddressKey,
  GiveBackRequest,
  Lease,
  RecipientRequest,
  ReserveAnswer,
  ReserveRequest,
  StoreTimes,
} from '../contract.js';
import type { Amounts, Resource, WindowUsage } from '../window.js';
import type { AccountHolds, AccountPart } from './account-holds.js';
import { type AddressHolds, type AddressPart, isCounted } from './address-holds.js';
import type { FloodHolds } from './flood-holds.js';
import type { SuppressionRecords } from './suppression-records.js';

interface Judged {
  readonly recipient: RecipientRequest;
  readonly account: AccountPart;
  readonly address: AddressPart;
}

/**
 * Holds, of an account and of its recipients' addresses in one round trip. They
 * live under different hash tags, so each part is granted on its own; what the
 * other part denied is given back before the caller hears of it, and any later
 * call of the lease travels behind that on the same connection.
 */
export class Reservation {
  constructor(
    private readonly accounts: AccountHolds,
    private readonly addresses: AddressHolds,
    private readonly suppressions: SuppressionRecords,
    private readonly floodHolds: FloodHolds,
    private readonly times: Pick<StoreTimes, 'reservationTtlMs'>,
  ) {}

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const { lease, recipients, facts } = request;
    const [account, addresses, suppressedElsewhere] = await this.#allOrNothing(request, [
      this.accounts.reserve(lease, request.accountLimits, request.amounts, recipients.map(resourceOf)),
      this.addresses.reserve(
        request,
        recipients.map(({ key }) => key),
      ),
      facts.suppression ? this.suppressions.elsewhere('reserve', lease.account, recipients) : null,
    ]);
    const { now } = account;
    const parts = recipients.map((recipient, index) => ({
      recipient,
      account: at(account.parts, index),
      address: at(addresses, index),
    }));
    const judged = await this.#agree(request, parts);
    await this.#rememberFlood(request, judged.filter(isGranted), now);
    return {
      now,
      recipients: judged.map((one) => ({
        ...one.address,
        granted: isGranted(one),
        usage: [...one.account.usage, ...one.address.usage],
        suppression: one.address.suppression ?? suppressedElsewhere?.(one.recipient, now) ?? null,
      })),
    };
  }

  async giveBack({ lease, amounts, recipients }: GiveBackRequest): Promise<void> {
    this.floodHolds.remove(lease, recipients);
    await Promise.all([
      this.accounts.giveBack('giveBack', lease, amounts),
      this.addresses.giveBackAll('giveBack', lease, recipients),
    ]);
  }

  async release(lease: Lease, recipients: readonly AddressKey[]): Promise<void> {
    this.floodHolds.forget(lease);
    await Promise.all([this.accounts.release(lease), this.addresses.giveBackAll('release', lease, recipients)]);
  }

  async renew(leases: readonly Lease[]): Promise<void> {
    await Promise.all([
      this.accounts.renew(leases),
      ...leases.map((lease) => this.addresses.renew('renew', lease, this.floodHolds.of(lease))),
    ]);
  }

  /** When one part fails, whatever the others hold by now goes back; the caller must not think of it any more. */
  async #allOrNothing<T extends readonly unknown[]>(
    { lease, amounts, recipients, floodLimits }: ReserveRequest,
    parts: { readonly [I in keyof T]: Promise<T[I]> | T[I] },
  ): Promise<T> {
    const settled = await Promise.allSettled(parts);
    const failed = settled.find((part) => part.status === 'rejected');
    if (failed === undefined)
      return settled.map((part) => (part as PromiseFulfilledResult<unknown>).value) as unknown as T;
    const keys = recipients.map(({ key }) => key);
    inBackground(this.accounts.giveBack('reserve', lease, add(amounts, countOf(recipients.map(resourceOf)))));
    if (isCounted(floodLimits)) inBackground(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
    throw failed.reason;
  }

  /** Gives back what only one part granted, and lets others of the batch have the places that come free by it. */
  async #agree(request: ReserveRequest, parts: readonly Judged[]): Promise<readonly Judged[]> {
    const { lease, floodLimits, amounts } = request;
    let judged = parts;
    const flooded = judged.filter((one) => one.account.granted && !one.address.granted);
    if (flooded.length > 0) {
      const nobody = !judged.some(isGranted);
      const back = add(countOf(flooded.map(({ recipient }) => recipient.resource)), nobody ? amounts : {});
      inBackground(this.accounts.giveBack('reserve', lease, back));
      judged = await this.#askAgain(request, withoutFlooded(judged, amounts), nobody ? amounts : {});
    }
    const crowdedOut = judged.filter((one) => one.address.granted && !one.account.granted);
    if (crowdedOut.length > 0 && isCounted(floodLimits)) {
      const keys = crowdedOut.map(({ recipient }) => recipient.key);
      inBackground(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
    }
    return judged.map((one) =>
      one.address.granted && !one.account.granted
        ? { ...one, address: { ...one.address, usage: one.address.usage.map((use) => less(use, 1)) } }
        : one,
    );
  }

  /** Rare: the account had no room for some only since flooded ones of the same batch stood before them. */
  async #askAgain(request: ReserveRequest, judged: readonly Judged[], amounts: Amounts): Promise<readonly Judged[]> {
    const again = judged.filter((one) => one.address.granted && !one.account.granted);
    if (again.length === 0) return judged;
    const resources = again.map(({ recipient }) => recipient.resource);
    const { parts } = await this.accounts.reserve(request.lease, request.accountLimits, amounts, resources);
    const answers = new Map(again.map((one, index) => [one, at(parts, index)]));
    return judged.map((one) => ({ ...one, account: answers.get(one) ?? one.account }));
  }

  async #rememberFlood({ lease, floodLimits }: ReserveRequest, granted: readonly Judged[], now: number): Promise<void> {
    if (!isCounted(floodLimits)) return;
    this.floodHolds.add(
      lease,
      granted.map(({ recipient }) => recipient.key),
      now,
    );
    // A reserve renews all of its lease, but need not write every hold each time.
    if (this.floodHolds.dueAfter(lease, now, this.times.reservationTtlMs / 4)) {
      await this.addresses.renew('reserve', lease, this.floodHolds.of(lease));
    }
  }
}

function isGranted({ account, address }: Judged): boolean {
  return account.granted && address.granted;
}

function resourceOf({ resource }: RecipientRequest): RecipientRequest['resource'] {
  return resource;
}

function countOf(resources: readonly Resource[]): Amounts {
  const counts: Partial<Record<Resource, number>> = {};
  for (const resource of resources) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
}

function add(one: Amounts, other: Amounts): Amounts {
  const sum: Partial<Record<Resource, number>> = { ...one };
  for (const [resource, amount] of Object.entries(other) as [Resource, number][]) {
    sum[resource] = (sum[resource] ?? 0) + amount;
  }
  return sum;
}

/** The account's usage as if the flooded recipients had never asked. */
function withoutFlooded(judged: readonly Judged[], amounts: Amounts): readonly Judged[] {
  const flooded: Resource[] = [];
  let amountsHeld = false;
  let amountsDue = false;
  return judged.map((one) => {
    if (one.account.granted && !one.address.granted) flooded.push(one.recipient.resource);
    amountsHeld ||= one.account.granted;
    amountsDue ||= isGranted(one);
    const surplus = add(countOf(flooded), amountsHeld && !amountsDue ? amounts : {});
    const usage = one.account.usage.map((use) => less(use, surplus[use.limit.resource] ?? 0));
    return { ...one, account: { ...one.account, usage } };
  });
}

function less(use: WindowUsage, amount: number): WindowUsage {
  return amount === 0 ? use : { ...use, used: Math.max(0, use.used - amount) };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no answer for recipient ${index} of ${list.length}`);
  return found;
}

/** Should it fail, the hold comes home by its expiry. */
function inBackground(work: Promise<unknown>): void {
  work.catch(() => {});
}

import type { GiveBackRequest, HeldLease, RecipientRequest, ReserveAnswer, ReserveRequest } from '../contract.js';
import type { Amounts, Resource, WindowUsage } from '../window.js';
import type { AccountAnswer, AccountHolds, AccountPart } from './account-holds.js';
import { type AddressHolds, type AddressPart, asksAddresses, isCounted, NOTHING_KNOWN } from './address-holds.js';
import { inOneList } from './groups.js';
import type { Link } from './link.js';
import { answersTo, answerTo, type ScriptCall } from './script-call.js';
import { closestElsewhere, type Elsewhere, type SuppressionRecords } from './suppression-records.js';

interface Judged {
  readonly recipient: RecipientRequest;
  readonly account: AccountPart;
  readonly address: AddressPart;
}

/**
 * Holds, of an account and of its recipients' addresses in one round trip. They
 * live under different hash tags, so each part is granted on its own; what the
 * other part denied is given back before the caller hears of it.
 */
export class Reservation {
  constructor(
    private readonly link: Link,
    private readonly accounts: AccountHolds,
    private readonly addresses: AddressHolds,
    private readonly suppressions: SuppressionRecords,
  ) {}

  async reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    const { lease, recipients } = request;
    const [account, addresses, elsewhere] = await this.#ask(request);
    const { now } = account;
    const parts = recipients.map((recipient, index) => ({
      recipient,
      account: at(account.parts, index),
      address: addresses[index] ?? NOTHING_KNOWN,
    }));
    const judged = await this.#agree(request, parts);
    return {
      now,
      recipients: judged.map((one) => ({
        granted: isGranted(one),
        usage: [...one.account.usage, ...one.address.usage],
        suppression: one.address.suppression ?? closestElsewhere(elsewhere, lease.account, one.recipient, now),
        revocation: one.address.revocation,
        rejections: one.address.rejections,
      })),
    };
  }

  async giveBack({ lease, amounts, recipients }: GiveBackRequest): Promise<void> {
    await Promise.all([
      this.accounts.giveBack('giveBack', lease, amounts),
      this.addresses.giveBackAll('giveBack', lease, recipients),
    ]);
  }

  async release({ lease, recipients }: HeldLease): Promise<void> {
    await Promise.all([this.accounts.release(lease), this.addresses.giveBackAll('release', lease, recipients)]);
  }

  async renew(held: readonly HeldLease[]): Promise<void> {
    await Promise.all(
      held.flatMap(({ lease, recipients }) => [this.accounts.renew(lease), this.addresses.renew(lease, recipients)]),
    );
  }

  #askAccount(
    { lease, accountLimits: limits, amounts, recipients }: ReserveRequest,
    isFlooded: (index: number) => boolean,
  ): ScriptCall<AccountAnswer> {
    const wanted = recipients.map(({ resource }, index) => ({ resource, flooded: isFlooded(index) }));
    return this.accounts.reserve({ lease, limits, amounts, wanted });
  }

  /** When one part fails, whatever the others hold by now goes back; the caller must not think of it any more. */
  async #ask(request: ReserveRequest): Promise<readonly [AccountAnswer, readonly AddressPart[], readonly Elsewhere[]]> {
    const { lease, recipients, facts, floodLimits } = request;
    const keys = recipients.map(({ key }) => key);
    const account = this.#askAccount(request, () => false);
    const addresses = asksAddresses(floodLimits, facts) ? this.addresses.reserve(request, keys) : [];
    const elsewhere = facts.suppression ? this.suppressions.elsewhere(lease.account, recipients) : [];
    const settled = await this.link.together('reserve', [account, ...addresses, ...elsewhere]);
    try {
      return [
        answerTo(account, settled[0]),
        inOneList(answersTo(addresses, settled.slice(1))),
        answersTo(elsewhere, settled.slice(1 + addresses.length)),
      ];
    } catch (error) {
      this.#giveAllBack(request);
      throw error;
    }
  }

  #giveAllBack({ lease, amounts, recipients, floodLimits }: ReserveRequest): void {
    const keys = recipients.map(({ key }) => key);
    void orByExpiry(this.accounts.giveBack('reserve', lease, add(countOf(recipients), amounts)));
    if (isCounted(floodLimits)) void orByExpiry(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
  }

  /** Makes one answer of both parts, so that who is denied by one holds nothing of the other. */
  async #agree(request: ReserveRequest, parts: readonly Judged[]): Promise<readonly Judged[]> {
    const { lease, floodLimits } = request;
    const judged = parts.every((one) => one.address.granted) ? parts : await this.#withoutFlooded(request, parts);
    const crowdedOut = judged.filter((one) => one.address.granted && !one.account.granted);
    if (crowdedOut.length === 0 || !isCounted(floodLimits)) return judged;
    const keys = crowdedOut.map(({ recipient }) => recipient.key);
    // Another connection must not see them any more once the caller knows.
    await orByExpiry(this.addresses.giveBackPlaces('reserve', lease, floodLimits, keys));
    return judged.map((one) =>
      crowdedOut.includes(one)
        ? { ...one, address: { ...one.address, usage: one.address.usage.map(withoutOwnPlace) } }
        : one,
    );
  }

  /**
   * Some addresses are flooded: the account is asked anew, as if these had never
   * taken a place before others of the batch. One more round trip, for an abuser.
   */
  async #withoutFlooded(request: ReserveRequest, parts: readonly Judged[]): Promise<readonly Judged[]> {
    const held = parts.filter((one) => one.account.granted).map(({ recipient }) => recipient);
    const back = held.length > 0 ? add(countOf(held), request.amounts) : {};
    const account = this.#askAccount(request, (index) => !at(parts, index).address.granted);
    const [, [settled]] = await Promise.all([
      this.accounts.giveBack('reserve', request.lease, back),
      this.link.together('reserve', [account]),
    ]);
    const again = answerTo(account, settled);
    return parts.map((one, index) => ({ ...one, account: at(again.parts, index) }));
  }
}

function isGranted({ account, address }: Judged): boolean {
  return account.granted && address.granted;
}

/** Places that recipients take, by resource. */
function countOf(recipients: readonly RecipientRequest[]): Amounts {
  const counts: Partial<Record<Resource, number>> = {};
  for (const { resource } of recipients) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
}

function add(one: Amounts, other: Amounts): Amounts {
  const sum: Partial<Record<Resource, number>> = { ...one };
  for (const [resource, amount] of Object.entries(other) as [Resource, number][]) {
    sum[resource] = (sum[resource] ?? 0) + amount;
  }
  return sum;
}

function withoutOwnPlace(use: WindowUsage): WindowUsage {
  return { ...use, used: Math.max(0, use.used - 1) };
}

function at<T>(list: readonly T[], index: number): T {
  const found = list[index];
  if (found === undefined) throw new RangeError(`no answer for recipient ${index} of ${list.length}`);
  return found;
}

/** Should it fail, the hold comes home by its expiry. */
async function orByExpiry(work: Promise<unknown>): Promise<void> {
  await work.catch(() => {});
}

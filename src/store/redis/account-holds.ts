import type { AddressKey, Instant, Lease, StoreTimes } from '../contract.js';
import type { Amounts, Resource, WindowLimit, WindowUsage } from '../window.js';
import type { Keys } from './keys.js';
import type { Link, RedisReply } from './link.js';
import type { ScriptCall } from './script-call.js';
import { amountsArgument, limitsArgument, limitsOn, Numbers, numberOf, readUsage } from './window-codec.js';

export interface AccountPart {
  readonly granted: boolean;
  readonly usage: readonly WindowUsage[];
}

export interface AccountAsk {
  readonly lease: Lease;
  readonly limits: readonly WindowLimit[];
  readonly amounts: Amounts;
  readonly wanted: readonly { readonly resource: Resource; readonly flooded: boolean }[];
  readonly addresses: readonly AddressKey[];
}

export interface AccountAnswer {
  readonly now: Instant;
  readonly parts: readonly AccountPart[];
  /** Addresses whose holds are due to be renewed. */
  readonly due: readonly AddressKey[];
}

/** Holds in an account's own windows. */
export class AccountHolds {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly times: Pick<StoreTimes, 'reservationTtlMs'>,
  ) {}

  /**
   * Asks for one place for each of `wanted`, in order, and the amounts once if any is
   * granted. `flooded` are judged and hold nothing. `addresses` are remembered
   * as held elsewhere.
   */
  reserve({ lease, limits: all, amounts, wanted, addresses }: AccountAsk): ScriptCall<AccountAnswer> {
    // Windows of what is not asked for can neither refuse nor hold: they are not read.
    const limits = limitsOn(
      all,
      (resource) => (amounts[resource] ?? 0) > 0 || wanted.some((one) => one.resource === resource),
    );
    const args = [
      ...[this.link.clock(), lease.transaction, this.times.reservationTtlMs],
      ...[limitsArgument(limits), amountsArgument(amounts)],
      wanted.map(({ resource, flooded }) => `${numberOf(resource)}${flooded ? 0 : 1}`).join(''),
      ...[addresses.length, ...addresses],
    ];
    return {
      name: 'reserve-account',
      keys: [this.keys.accountWindows(lease.account), this.keys.heldAddresses(lease)],
      args,
      read(reply) {
        const [packed, due] = reply as [Buffer, readonly Buffer[]];
        const numbers = Numbers.in(packed);
        const now = numbers.next();
        const parts = wanted.map(() => ({ granted: numbers.next() === 1, usage: readUsage(numbers, limits) }));
        return { now, parts, due: due.map(String) };
      },
    };
  }

  /** `addresses` are no longer held. */
  async giveBack(verb: string, lease: Lease, amounts: Amounts, addresses: readonly AddressKey[]): Promise<void> {
    const key = this.keys.accountWindows(lease.account);
    const args = [this.link.clock(), lease.transaction, 0, amountsArgument(amounts)];
    await Promise.all([
      this.link.script(verb, 'give-back', [key], args),
      addresses.length > 0 ? this.link.command(verb, 'HDEL', this.keys.heldAddresses(lease), ...addresses) : null,
    ]);
  }

  /** Gives the addresses at which the lease held places, to be released too. */
  async release(lease: Lease): Promise<readonly AddressKey[]> {
    const windows = this.keys.accountWindows(lease.account);
    const held = this.keys.heldAddresses(lease);
    const [addresses] = await Promise.all([
      this.link.command('release', 'HKEYS', held),
      this.link.command('release', 'DEL', held),
      this.link.script('release', 'give-back', [windows], [this.link.clock(), lease.transaction, 1]),
    ]);
    return addressesIn(addresses);
  }

  /** Gives the addresses at which the lease holds places, to be renewed too. */
  async renew(lease: Lease): Promise<readonly AddressKey[]> {
    const windows = this.keys.accountWindows(lease.account);
    const held = this.keys.heldAddresses(lease);
    const ttl = this.times.reservationTtlMs;
    const [addresses] = await Promise.all([
      this.link.command('renew', 'HKEYS', held),
      this.link.command('renew', 'PEXPIRE', held, ttl),
      this.link.script('renew', 'renew-leases', [windows], [this.link.clock(), ttl, lease.transaction]),
    ]);
    return addressesIn(addresses);
  }
}

/** Without the field that says when they were renewed. */
function addressesIn(fields: RedisReply): readonly AddressKey[] {
  return (fields as readonly AddressKey[]).filter((field) => field !== '');
}

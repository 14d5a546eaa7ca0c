import type { Instant, Lease, StoreTimes } from '../contract.js';
import type { Amounts, Resource, WindowLimit, WindowUsage } from '../window.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { Argument, ScriptCall } from './script-call.js';
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
}

export interface AccountAnswer {
  readonly now: Instant;
  readonly parts: readonly AccountPart[];
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
   * granted. `flooded` are judged and hold nothing.
   */
  reserve({ lease, limits: all, amounts, wanted }: AccountAsk): ScriptCall<AccountAnswer> {
    // Windows of what is not asked for can neither refuse nor hold: they are not read.
    const limits = limitsOn(
      all,
      (resource) => (amounts[resource] ?? 0) > 0 || wanted.some((one) => one.resource === resource),
    );
    const args = [
      ...[this.link.clock(), lease.transaction, this.times.reservationTtlMs],
      ...[limitsArgument(limits), amountsArgument(amounts)],
      wanted.map(({ resource, flooded }) => `${numberOf(resource)}${flooded ? 0 : 1}`).join(''),
    ];
    return {
      name: 'reserve-account',
      keys: [this.keys.accountWindows(lease.account)],
      args,
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        const now = numbers.next();
        const parts = wanted.map(() => ({ granted: numbers.next() === 1, usage: readUsage(numbers, limits) }));
        return { now, parts };
      },
    };
  }

  async giveBack(verb: string, lease: Lease, amounts: Amounts): Promise<void> {
    await this.#giveBack(verb, lease, [0, amountsArgument(amounts)]);
  }

  async release(lease: Lease): Promise<void> {
    await this.#giveBack('release', lease, [1]);
  }

  async renew(lease: Lease): Promise<void> {
    const args = [this.link.clock(), this.times.reservationTtlMs, lease.transaction];
    await this.link.script('renew', 'renew-leases', [this.keys.accountWindows(lease.account)], args);
  }

  #giveBack(verb: string, lease: Lease, what: readonly Argument[]): Promise<unknown> {
    const args = [this.link.clock(), lease.transaction, ...what];
    return this.link.script(verb, 'give-back', [this.keys.accountWindows(lease.account)], args);
  }
}

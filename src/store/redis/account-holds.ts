import type { Instant, Lease, StoreTimes } from '../contract.js';
import type { Amounts, Resource, WindowLimit, WindowUsage } from '../window.js';
import type { Keys } from './keys.js';
import type { Link, RedisReply } from './link.js';
import { amountArguments, codeOf, limitArguments, readUsage } from './window-codec.js';

export interface AccountPart {
  readonly granted: boolean;
  readonly usage: readonly WindowUsage[];
}

/** Holds in an account's own windows. */
export class AccountHolds {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly times: Pick<StoreTimes, 'reservationTtlMs'>,
  ) {}

  /** One place in each of `wanted`, in order, and the amounts once if any is granted. */
  async reserve(
    lease: Lease,
    limits: readonly WindowLimit[],
    amounts: Amounts,
    wanted: readonly Resource[],
  ): Promise<{ readonly now: Instant; readonly parts: readonly AccountPart[] }> {
    const args = [
      ...[this.link.clock(), lease.transaction, this.times.reservationTtlMs],
      ...limitArguments(limits),
      ...amountArguments(amounts),
      ...[wanted.length, ...wanted.map(codeOf)],
    ];
    const reply = await this.link.script('reserve', 'reserve-account', [this.keys.accountWindows(lease.account)], args);
    const [now, answers] = reply as [Instant, readonly [number, RedisReply][]];
    const parts = answers.map(([granted, usage]) => ({ granted: granted === 1, usage: readUsage(usage, limits) }));
    return { now, parts };
  }

  async giveBack(verb: string, lease: Lease, amounts: Amounts): Promise<void> {
    const key = this.keys.accountWindows(lease.account);
    const args = [this.link.clock(), lease.transaction, 0, ...amountArguments(amounts)];
    await this.link.script(verb, 'give-back', [key], args);
  }

  async release(lease: Lease): Promise<void> {
    const key = this.keys.accountWindows(lease.account);
    await this.link.script('release', 'give-back', [key], [this.link.clock(), lease.transaction, 1]);
  }

  async renew(leases: readonly Lease[]): Promise<void> {
    const renewals = leases.map(({ account, transaction }) =>
      this.link.script(
        'renew',
        'renew-leases',
        [this.keys.accountWindows(account)],
        [this.link.clock(), this.times.reservationTtlMs, transaction],
      ),
    );
    await Promise.all(renewals);
  }
}

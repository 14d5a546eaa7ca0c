import type { Instant, Lease, StoreTimes } from '../contract.js';
import type { Amounts, Resource, WindowLimit, WindowUsage } from '../window.js';
import { uncounted } from './amounts.js';
import { accountEntries } from './charge-entries.js';
import type { ChargedPart } from './charges.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { Argument, ScriptCall } from './script-call.js';
import {
  amountsArgument,
  limitsArgument,
  limitsOn,
  Numbers,
  numberOf,
  readAmounts,
  readUsage,
} from './window-codec.js';

export interface AccountPart {
  readonly granted: boolean;
  readonly usage: readonly WindowUsage[];
}

export interface AccountAsk {
  readonly lease: Lease;
  readonly limits: readonly WindowLimit[];
  readonly amounts: Amounts;
  readonly unheld: Amounts;
  readonly ahead: number;
  readonly wanted: readonly { readonly resource: Resource; readonly flooded: boolean }[];
}

export interface AccountAnswer {
  readonly now: Instant;
  readonly parts: readonly AccountPart[];
  readonly held: boolean;
  readonly unheld: Amounts;
  readonly ahead: number;
}

/** One recipient that is charged for at once. */
export interface AccountChargeAsk extends Pick<AccountAsk, 'lease' | 'limits' | 'amounts'> {
  readonly resource: Resource;
}

export interface ChargedAccount extends ChargedPart {
  readonly now: Instant;
  /** It was the account's first message, as far as its own windows go. */
  readonly first: boolean;
}

/** Places in an account's own windows. */
export class AccountHolds {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly times: Pick<StoreTimes, 'reservationTtlMs'>,
  ) {}

  /**
   * Asks for one place for each of `wanted`, in order, and the amounts once if any is
   * granted. `flooded` are judged and take nothing.
   */
  reserve({ lease, limits: all, amounts, unheld, ahead, wanted }: AccountAsk): ScriptCall<AccountAnswer> {
    const limits = limitsOf(
      all,
      amounts,
      (resource) => wanted.some((one) => one.resource === resource) || (ahead > 0 && resource === 'recipients'),
    );
    const digits = wanted.map(({ resource, flooded }) => `${numberOf(resource)}${flooded ? 0 : 1}`).join('');
    return {
      name: 'reserve-account',
      keys: [this.keys.accountWindows(lease.account)],
      args: this.#arguments({ lease, limits, amounts, unheld, ahead }, digits),
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        const now = numbers.next();
        const parts = wanted.map(() => readPart(numbers, limits));
        const places = numbers.next();
        const held = numbers.next() === 1;
        const rest = { ...uncounted(unheld, limits), ...readAmounts(numbers) };
        return { now, parts, held, unheld: rest, ahead: places };
      },
    };
  }

  /** The same for one, charged at once. */
  charge({ lease, limits: all, amounts, resource }: AccountChargeAsk): ScriptCall<ChargedAccount> {
    const limits = limitsOf(all, amounts, (other) => other === resource);
    return {
      name: 'reserve-account',
      keys: [this.keys.accountWindows(lease.account), this.keys.accountState(lease.account)],
      args: this.#arguments({ lease, limits, amounts, unheld: {}, ahead: 0 }, `${numberOf(resource)}1`),
      read(reply) {
        const numbers = Numbers.in(reply as Buffer);
        const now = numbers.next();
        const part = readPart(numbers, limits);
        // Nothing is held, promised, or looked at ahead.
        numbers.next();
        numbers.next();
        readAmounts(numbers);
        const first = numbers.next() === 1;
        const charged = { ...amounts, [resource]: (amounts[resource] ?? 0) + 1 };
        return { ...part, now, first, entries: part.granted ? accountEntries(limits, charged, now) : [] };
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

  #arguments(
    { lease, limits, amounts, unheld, ahead }: Omit<AccountAsk, 'wanted'>,
    wanted: string,
  ): readonly Argument[] {
    const { reservationTtlMs } = this.times;
    const packed = [limitsArgument(limits), amountsArgument(amounts), amountsArgument(unheld)];
    return [this.link.clock(), lease.transaction, reservationTtlMs, ...packed, ahead, wanted];
  }
}

/** Windows of what is not asked for can neither refuse nor be filled: they are not read. */
function limitsOf(
  limits: readonly WindowLimit[],
  amounts: Amounts,
  isWanted: (resource: Resource) => boolean,
): readonly WindowLimit[] {
  return limitsOn(limits, (resource) => (amounts[resource] ?? 0) > 0 || isWanted(resource));
}

function readPart(numbers: Numbers, limits: readonly WindowLimit[]): AccountPart {
  return { granted: numbers.next() === 1, usage: readUsage(numbers, limits) };
}

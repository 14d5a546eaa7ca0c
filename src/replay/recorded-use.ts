/** A limit's use as it would have been, from the use that is recorded of its window. */

import type { WindowLimit, WindowUsage } from '../store/contract.js';

export interface Asked {
  readonly amount: number;
  /** It was held already, so that there is nothing left to refuse. */
  readonly covered: boolean;
  /** The recorded use has the amount in it. */
  readonly included: boolean;
  /** What would be in the window beyond what is recorded. */
  readonly difference: number;
}

/** The recorded use of the limit's window, whatever its count was then. */
export function recordedUse(usage: readonly WindowUsage[], limit: WindowLimit): WindowUsage | undefined {
  const alike = usage.filter((use) => use.limit.resource === limit.resource && use.limit.perMs === limit.perMs);
  // Of two rules with one window, the one with the same count says it as it was.
  return alike.find((use) => use.limit.count === limit.count) ?? alike[0];
}

export function useUnder(limit: WindowLimit, recorded: WindowUsage, asked: Asked): WindowUsage {
  const { amount, included, difference } = asked;
  if (difference === 0 && recorded.limit.count === limit.count) {
    const { used, over, freesUpInMs } = recorded;
    return { limit, used, over, freesUpInMs };
  }
  const before = Math.max(0, recorded.used - (included ? amount : 0) + difference);
  return useAfter(limit, before, asked);
}

/** When there would be room again is not known: the record has sums, not the parts of windows. */
export function useAfter(
  limit: WindowLimit,
  before: number,
  { amount, covered }: Pick<Asked, 'amount' | 'covered'>,
): WindowUsage {
  const over = !covered && amount > 0 && before + amount > limit.count;
  return { limit, used: over ? before : before + amount, over, freesUpInMs: null };
}

/** Had the recipient or message got all that it asked for? */
export function wasGranted(usage: readonly WindowUsage[]): boolean {
  return !usage.some(({ over, limit }) => over && limit.enforced);
}

/** Turning a hold into a charge: what exceeds the hold is judged first. */

import type { Charge, CommitAnswer, CommitRequest } from './contract/limits.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from './subjects.js';
import type { WindowLimit, WindowUsage } from './window.js';
import type { Held, WindowView } from './window-view.js';

/** One subject's limits, and how much of each resource the message takes. */
interface Part {
  readonly subject: string;
  readonly limits: readonly WindowLimit[];
  readonly amountOf: (resource: WindowLimit['resource']) => number;
  /** Tells its limits even when they are not over. */
  readonly told: boolean;
}

/**
 * `held` is what the ended lease had held, and `view` no longer counts it: so
 * nothing is to be undone when the message is refused.
 */
export function commitMessage(
  request: CommitRequest,
  held: readonly Held[],
  view: WindowView,
): Omit<CommitAnswer, 'state'> {
  const parts = partsOf(request);
  const judged = parts.flatMap((part) => part.limits.flatMap((limit) => judge(part, limit, held, view)));
  const granted = judged.every(({ usage }) => !(usage.over && usage.limit.enforced));
  const entries: Charge['entries'][number][] = [];
  if (granted)
    for (const { subject, limits, amountOf } of parts) entries.push(...view.charge(subject, limits, amountOf));
  return {
    now: view.now,
    granted,
    usage: judged
      .filter(({ part, usage }) => part.told || usage.over)
      .map(({ part, usage }) => ({ ...usage, used: view.used(part.subject, usage.limit) })),
    charge: granted ? { lease: request.lease, entries } : null,
  };
}

function judge(
  part: Part,
  limit: WindowLimit,
  held: readonly Held[],
  view: WindowView,
): { part: Part; usage: WindowUsage }[] {
  const amount = part.amountOf(limit.resource);
  if (amount <= 0) return [];
  const own = held.find(({ subject, resource }) => subject === part.subject && resource === limit.resource);
  const covered = own !== undefined && own.amount >= amount;
  if (covered && !part.told) return [];
  return [{ part, usage: view.usage(part.subject, limit, covered ? 0 : amount) }];
}

function partsOf({ lease, accountLimits, amounts, floodLimits, recipients }: CommitRequest): Part[] {
  const times = new Map<string, number>();
  for (const key of recipients) times.set(key, (times.get(key) ?? 0) + 1);
  const ofMessage: Part = {
    subject: ofAccount(lease.account),
    limits: accountLimits,
    amountOf: (resource) => amounts[resource] ?? 0,
    told: true,
  };
  const ofRecipients = [...times].flatMap(([key, count]): Part[] => [
    { subject: ofAccountTo(lease.account, key), limits: floodLimits.account, amountOf: () => count, told: false },
    { subject: ofEveryoneTo(key), limits: floodLimits.everyone, amountOf: () => count, told: false },
  ]);
  return [ofMessage, ...ofRecipients];
}

import type { Amounts, Resource, WindowLimit } from '../window.js';

type Counts = Partial<Record<Resource, number>>;

/** Places that recipients take, by resource. */
export function countOf(recipients: readonly { readonly resource: Resource }[]): Amounts {
  const counts: Counts = {};
  for (const { resource } of recipients) counts[resource] = (counts[resource] ?? 0) + 1;
  return counts;
}

export function sum(one: Amounts, other: Amounts): Amounts {
  const sums: Counts = { ...one };
  for (const [resource, amount] of Object.entries(other) as [Resource, number][]) {
    sums[resource] = (sums[resource] ?? 0) + amount;
  }
  return sums;
}

/** Those that none of the limits counts. */
export function uncounted(amounts: Amounts, limits: readonly WindowLimit[]): Amounts {
  const rest: Counts = {};
  for (const [resource, amount] of Object.entries(amounts) as [Resource, number][]) {
    if (limits.every((limit) => limit.resource !== resource)) rest[resource] = amount;
  }
  return rest;
}

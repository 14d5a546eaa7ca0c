import type { Amounts, Resource, WindowLimit, WindowUsage } from '../window.js';
import type { Argument, RedisReply } from './link.js';

/** One letter each, for the sake of memory; docs/redis-keys.md lists them. */
const CODES: Readonly<Record<Resource, string>> = {
  messages: 'm',
  recipients: 'r',
  bytes: 'b',
  'self-bytes': 's',
  'exempt-recipients': 'x',
  sessions: 'n',
  failures: 'f',
};

export function codeOf(resource: Resource): string {
  return CODES[resource];
}

/** As includes/arguments.lua reads them. */
export function limitArguments(limits: readonly WindowLimit[]): Argument[] {
  const args: Argument[] = [limits.length];
  for (const limit of limits) {
    args.push(CODES[limit.resource], limit.perMs, limit.count, limit.enforced ? 1 : 0);
  }
  return args;
}

export function amountArguments(amounts: Amounts): Argument[] {
  const asked = (Object.entries(amounts) as [Resource, number][]).filter(([, amount]) => amount > 0);
  return [asked.length, ...asked.flatMap(([resource, amount]) => [CODES[resource], amount])];
}

const USAGE_FIELDS = 4;

/** Usage as scripts give it: index of the limit from 1, used, 1 if over, ms until it frees up or -1. */
export function readUsage(reply: RedisReply, limits: readonly WindowLimit[]): WindowUsage[] {
  const flat = reply as readonly number[];
  const usage: WindowUsage[] = [];
  for (let i = 0; i < flat.length; i += USAGE_FIELDS) {
    const [index = 0, used = 0, over, freesUpInMs = -1] = flat.slice(i, i + USAGE_FIELDS);
    const limit = limits[index - 1];
    if (limit === undefined) throw new RangeError(`usage of limit ${index} of ${limits.length}`);
    usage.push({ limit, used, over: over === 1, freesUpInMs: freesUpInMs < 0 ? null : freesUpInMs });
  }
  return usage;
}

/** Each (resource, per) once: limits alike share one window. */
export function windowsOf(limits: readonly WindowLimit[]): readonly Pick<WindowLimit, 'resource' | 'perMs'>[] {
  return [...new Map(limits.map(({ resource, perMs }) => [`${resource}:${perMs}`, { resource, perMs }])).values()];
}

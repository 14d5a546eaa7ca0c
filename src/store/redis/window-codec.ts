import { type Amounts, type Resource, slotWidth, type WindowLimit, type WindowUsage } from '../window.js';
import type { RedisReply } from './link.js';

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

/** What scripts need of a window, as includes/arguments.lua says. */
export function windowArgument({ resource, perMs }: Pick<WindowLimit, 'resource' | 'perMs'>) {
  const code = CODES[resource];
  return { resource: code, per: perMs, field: `${code}:${perMs}`, width: slotWidth(perMs) };
}

/** Limits are the same objects from message to message: each is written once. */
const written = new WeakMap<WindowLimit, string>();

function writeLimit(limit: WindowLimit): string {
  const known = written.get(limit);
  if (known !== undefined) return known;
  const { count, enforced } = limit;
  const text = JSON.stringify({ ...windowArgument(limit), count, enforced });
  written.set(limit, text);
  return text;
}

export function limitsArgument(limits: readonly WindowLimit[]): string {
  return `[${limits.map(writeLimit).join(',')}]`;
}

export function amountsArgument(amounts: Amounts): string {
  const asked = (Object.entries(amounts) as [Resource, number][]).filter(([, amount]) => amount > 0);
  return `{${asked.map(([resource, amount]) => `"${CODES[resource]}":${amount}`).join(',')}}`;
}

/** Usage as includes/room.lua gives it: for each limit its index from 1, negative if it is over, and what follows. */
export function readUsage(reply: RedisReply, limits: readonly WindowLimit[]): WindowUsage[] {
  const flat = reply as readonly number[];
  const usage: WindowUsage[] = [];
  for (let at = 0; at < flat.length; ) {
    const index = flat[at] ?? 0;
    const used = flat[at + 1] ?? 0;
    const over = index < 0;
    const limit = limits[Math.abs(index) - 1];
    if (limit === undefined) throw new RangeError(`usage of limit ${index} of ${limits.length}`);
    const freesUpInMs = over ? (flat[at + 2] ?? -1) : -1;
    usage.push({ limit, used, over, freesUpInMs: freesUpInMs < 0 ? null : freesUpInMs });
    at += over ? 3 : 2;
  }
  return usage;
}

/** Each (resource, per) once: limits alike share one window. */
export function windowsOf(limits: readonly WindowLimit[]): readonly Pick<WindowLimit, 'resource' | 'perMs'>[] {
  return [...new Map(limits.map(({ resource, perMs }) => [`${resource}:${perMs}`, { resource, perMs }])).values()];
}

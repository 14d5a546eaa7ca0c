import { type Amounts, type Resource, slotWidth, type WindowLimit, type WindowUsage } from '../window.js';
import { OCTETS_OF_NUMBER, Packed, packNumbers } from './packed.js';

/** What scripts call a resource: its place here, from 1. It is stored: only ever to be added to. */
const RESOURCES: readonly Resource[] = [
  'messages',
  'recipients',
  'bytes',
  'self-bytes',
  'exempt-recipients',
  'sessions',
  'failures',
];

const NUMBERS = new Map(RESOURCES.map((resource, index) => [resource, index + 1]));

export function numberOf(resource: Resource): number {
  return NUMBERS.get(resource) ?? 0;
}

/** What refund.lua needs of a window. */
export function windowArgument({ resource, perMs }: Pick<WindowLimit, 'resource' | 'perMs'>) {
  return { resource: numberOf(resource), per: perMs, width: slotWidth(perMs) };
}

/** Limits are the same objects from message to message: each is written once. */
const written = new WeakMap<WindowLimit, string>();

function writeLimit(limit: WindowLimit): string {
  const known = written.get(limit);
  if (known !== undefined) return known;
  const { resource, perMs, count, enforced } = limit;
  const text = octet(numberOf(resource)) + packNumbers([perMs, slotWidth(perMs), count]) + octet(enforced ? 1 : 0);
  written.set(limit, text);
  return text;
}

const lists = new WeakMap<readonly WindowLimit[], Packed>();

/** As includes/limits.lua reads them. */
export function limitsArgument(limits: readonly WindowLimit[]): Packed {
  const known = lists.get(limits);
  if (known !== undefined) return known;
  const packed = new Packed(limits.map(writeLimit).join(''));
  lists.set(limits, packed);
  return packed;
}

const parts = new WeakMap<readonly WindowLimit[], Map<number, readonly WindowLimit[]>>();

/** Those limits whose resource is asked for: the same list each time, so that what is known of it is found again. */
export function limitsOn(
  limits: readonly WindowLimit[],
  isAskedFor: (resource: Resource) => boolean,
): readonly WindowLimit[] {
  let asked = 0;
  for (const [resource, number] of NUMBERS) if (isAskedFor(resource)) asked |= 1 << number;
  const known = parts.get(limits) ?? new Map<number, readonly WindowLimit[]>();
  parts.set(limits, known);
  const part = known.get(asked) ?? limits.filter(({ resource }) => isAskedFor(resource));
  known.set(asked, part);
  return part;
}

export function amountsArgument(amounts: Amounts): Packed {
  let text = '';
  for (const [resource, number] of NUMBERS) {
    const amount = amounts[resource] ?? 0;
    if (amount > 0) text += octet(number) + packNumbers([amount]);
  }
  return new Packed(text);
}

/** Reads the numbers of a script's answer one after the other, as they are asked for: a list of them is needed by nobody. */
export class Numbers {
  #at = 0;

  private constructor(private readonly octets: Buffer) {}

  /** Those that a script packed. */
  static in(octets: Buffer): Numbers {
    return new Numbers(octets);
  }

  /** Throws RangeError when there are no more. */
  next(): number {
    const number = this.octets.readDoubleLE(this.#at);
    this.#at += OCTETS_OF_NUMBER;
    return number;
  }
}

/** Amounts as reserve-account.lua gives them: of each its resource and how much; 0 ends them. */
export function readAmounts(numbers: Numbers): Amounts {
  const amounts: Partial<Record<Resource, number>> = {};
  for (let number = numbers.next(); number !== 0; number = numbers.next()) {
    const resource = RESOURCES[number - 1];
    if (resource === undefined) throw new RangeError(`resource ${number} of ${RESOURCES.length}`);
    amounts[resource] = numbers.next();
  }
  return amounts;
}

/** Usage as includes/room.lua gives it: for each limit its index from 1, negative if it is over, and what follows; 0 ends it. */
export function readUsage(numbers: Numbers, limits: readonly WindowLimit[]): WindowUsage[] {
  const usage: WindowUsage[] = [];
  for (let index = numbers.next(); index !== 0; index = numbers.next()) {
    const used = numbers.next();
    const over = index < 0;
    const limit = limits[Math.abs(index) - 1];
    if (limit === undefined) throw new RangeError(`usage of limit ${index} of ${limits.length}`);
    const freesUpInMs = over ? numbers.next() : -1;
    usage.push({ limit, used, over, freesUpInMs: freesUpInMs < 0 ? null : freesUpInMs });
  }
  return usage;
}

const first = new WeakMap<readonly WindowLimit[], readonly WindowUsage[]>();

/** Of limits of which nothing was used, after one was granted. */
export function firstUse(limits: readonly WindowLimit[]): readonly WindowUsage[] {
  const known = first.get(limits);
  if (known !== undefined) return known;
  const usage = limits.map((limit) => ({ limit, used: 1, over: false, freesUpInMs: null }));
  first.set(limits, usage);
  return usage;
}

export type Window = Pick<WindowLimit, 'resource' | 'perMs'>;

const windows = new WeakMap<readonly WindowLimit[], readonly Window[]>();

/** Each (resource, per) once: limits alike share one window. */
export function windowsOf(limits: readonly WindowLimit[]): readonly Window[] {
  const known = windows.get(limits);
  if (known !== undefined) return known;
  const distinct = limits.filter(
    (limit, index) =>
      limits.findIndex(({ resource, perMs }) => resource === limit.resource && perMs === limit.perMs) === index,
  );
  windows.set(limits, distinct);
  return distinct;
}

function octet(number: number): string {
  return String.fromCharCode(number);
}

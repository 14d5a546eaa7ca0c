/**
 * How a rolling window counts, the same in every store.
 *
 * A window of length `per` is kept as sub-intervals ("slots") of per/64, by the
 * store's clock: slot n covers [n·w, (n+1)·w), w = ceil(per/64). A charge goes to
 * the slot of its time. A slot counts wholly until all of it has left the
 * window, (n+1)·w ≤ now − per. So in no rolling interval of length `per` is more
 * than `count` ever charged, and the error is on the safe side by at most one
 * slot. Besides, everything that is held (reserved, not yet charged) counts.
 *
 * A window's history belongs to (subject, resource, per), never to the count:
 * changing a threshold keeps it, and two limits with the same resource and per
 * share it, an amount being charged once.
 */

export const SLOTS_PER_WINDOW = 64;

/** So many times what a transaction asks for must be left beside it, or it is held. */
export const AMPLE = 64;

/**
 * Whether what a transaction asks for need not be held: as many others like it
 * would have to be open at the same time to use the room up before it is charged,
 * and then the charge is denied.
 *
 * @param left of the limit beside what is asked for
 */
export function isAmple(asked: number, left: number): boolean {
  return asked === 0 || asked * AMPLE <= left;
}

/**
 * How many times so much may be asked for at once while room is ample (`isAmple`) for all of it.
 *
 * @param left of the limit before anything is asked for
 */
export function ampleTimes(each: number, left: number): number {
  return Math.floor(left / (each * (AMPLE + 1)));
}

/** What is counted. `exempt-recipients`: those that the volume rules let pass (bounces, postmaster). */
export type Resource =
  | 'messages'
  | 'recipients'
  | 'bytes'
  | 'self-bytes'
  | 'exempt-recipients'
  | 'sessions'
  | 'failures';

export type Amounts = Partial<Readonly<Record<Resource, number>>>;

export interface WindowLimit {
  /** Whose limit it is (a rule id); several rules may limit one resource. */
  readonly rule: string;
  readonly resource: Resource;
  /** Length of the window, ms. */
  readonly perMs: number;
  /** At most so many in any interval of that length. 0: none at all. */
  readonly count: number;
  /** False: counted and reported, but never a reason to refuse (observe mode). */
  readonly enforced: boolean;
}

export interface WindowUsage {
  readonly limit: WindowLimit;
  /** Charged and held by now, not counting what was refused. For a granted request its own amount is in it. */
  readonly used: number;
  /** Asked for and did not fit (enforced or not). */
  readonly over: boolean;
  /**
   * When at least the asked amount will fit, if nothing else comes: ms from now,
   * from the slots' expiry. Null when not over, or when no wait can help (more
   * is asked for than `count`, or holds that may yet come home are in the way).
   */
  readonly freesUpInMs: number | null;
}

/** Width of a slot, ms. */
export function slotWidth(perMs: number): number {
  return Math.ceil(perMs / SLOTS_PER_WINDOW);
}

/** The slot that a charge at `now` goes to. */
export function slotAt(now: number, perMs: number): number {
  return Math.floor(now / slotWidth(perMs));
}

/** The oldest slot that still counts at `now`: slots before it have wholly left the window. */
export function oldestSlot(now: number, perMs: number): number {
  return Math.floor((now - perMs) / slotWidth(perMs));
}

/** When a slot has wholly left the window. */
export function slotLeavesAt(slot: number, perMs: number): number {
  return (slot + 1) * slotWidth(perMs) + perMs;
}

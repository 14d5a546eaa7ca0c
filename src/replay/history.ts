import type { Instant, WindowLimit } from '../store/contract.js';
import type { Recollection } from './recollection.js';
import { WindowTally } from './window-tally.js';

/** What a message charges to one subject: as it is judged now, and as it was. */
export interface Charge {
  readonly subject: string;
  readonly limits: readonly WindowLimit[];
  readonly after: (resource: WindowLimit['resource']) => number;
  readonly before: (resource: WindowLimit['resource']) => number;
}

/** Beyond so many windows the ones longest untouched are forgotten: some 100 MB. */
const MOST_TALLIES = 200_000;

/**
 * How windows would stand under another policy: the differences to what was
 * charged then, and for windows of whose use there is no record, everything,
 * from the first time on that one of the kind is asked for.
 */
export class History implements Recollection {
  readonly #differences = new Tallies();
  readonly #counted = new Tallies();
  /** Since when windows of a kind are counted anew. */
  readonly #countedSince = new Map<string, Instant>();

  difference(subject: string, limit: WindowLimit, now: Instant): number {
    return this.#differences.used(subject, limit, now);
  }

  counted(subject: string, limit: WindowLimit, now: Instant): number {
    const kind = kindOf(subject, limit);
    if (!this.#countedSince.has(kind)) this.#countedSince.set(kind, now);
    return this.#counted.used(subject, limit, now);
  }

  charge({ subject, limits, after, before }: Charge, at: Instant): void {
    const seen = new Set<string>();
    for (const limit of limits) {
      const window = windowOf(subject, limit);
      if (seen.has(window)) continue;
      seen.add(window);
      const amount = after(limit.resource);
      const difference = amount - before(limit.resource);
      if (difference !== 0) this.#differences.charge(subject, limit, difference, at);
      if (amount !== 0 && this.#countedSince.has(kindOf(subject, limit))) {
        this.#counted.charge(subject, limit, amount, at);
      }
    }
  }

  /** Windows that were forgotten for want of room. */
  get forgotten(): number {
    return this.#differences.forgotten + this.#counted.forgotten;
  }

  /** Is any window counted anew? If not, only differences need be told. */
  get counts(): boolean {
    return this.#countedSince.size > 0;
  }
}

class Tallies {
  /** In the order of their last charge. */
  readonly #tallies = new Map<string, WindowTally>();
  forgotten = 0;

  used(subject: string, limit: WindowLimit, now: Instant): number {
    if (this.#tallies.size === 0) return 0;
    return this.#tallies.get(windowOf(subject, limit))?.used(now) ?? 0;
  }

  charge(subject: string, limit: WindowLimit, amount: number, at: Instant): void {
    const window = windowOf(subject, limit);
    const tally = this.#tallies.get(window) ?? new WindowTally(limit.perMs);
    tally.charge(amount, at);
    this.#tallies.delete(window);
    this.#tallies.set(window, tally);
    if (this.#tallies.size <= MOST_TALLIES) return;
    const [oldest = ''] = this.#tallies.keys();
    this.#tallies.delete(oldest);
    this.forgotten += 1;
  }
}

function windowOf(subject: string, { resource, perMs }: WindowLimit): string {
  return `${resource} ${perMs} ${subject}`;
}

/** The first letter of a subject is its scope (`subjectOf`). */
function kindOf(subject: string, { resource, perMs }: WindowLimit): string {
  return `${subject[0]} ${resource} ${perMs}`;
}

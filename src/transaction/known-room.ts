import type { AccountId, Amounts, Instant, WindowLimit, WindowUsage } from '../store/contract.js';
import { ampleTimes } from '../store/window.js';

/** Other processes use the same room. */
const KNOWN_FOR_MS = 1_000;
/** As many as may be known at a time: an account that is not is asked about. */
const MOST_ACCOUNTS = 10_000;

interface Told {
  readonly usage: readonly WindowUsage[];
  readonly at: Instant;
}

/** Room of which it need not be asked. */
export interface AmpleRoom {
  /** Of the limits on what is asked for, as they stand before it. */
  readonly usage: readonly WindowUsage[];
  /** For so many recipients. */
  readonly places: number;
  readonly at: Instant;
}

/**
 * What the charge for a message said of its account's limits. Who sends one
 * message after the other and is nowhere near a limit need not ask again at RCPT
 * whether there is room: the charge judges it anyway.
 */
export class KnownRoom {
  readonly #told = new Map<AccountId, Told>();

  /** What the store said when an account was charged. */
  heard(account: AccountId, usage: readonly WindowUsage[], at: Instant): void {
    if (this.#told.size >= MOST_ACCOUNTS) this.#told.clear();
    this.#told.set(account, { usage, at });
  }

  /** It was not charged, or the charge was taken back. */
  forget(account: AccountId): void {
    this.#told.delete(account);
  }

  /**
   * @param amounts asked for beside recipients
   * @returns null where some limit on what is asked for has no ample room (`isAmple`), or none is known to
   */
  of(account: AccountId, limits: readonly WindowLimit[], amounts: Amounts, now: Instant): AmpleRoom | null {
    const told = this.#told.get(account);
    if (told === undefined || now < told.at || now - told.at > KNOWN_FOR_MS) return null;
    const usage: WindowUsage[] = [];
    let places = Number.POSITIVE_INFINITY;
    for (const limit of limits) {
      const perRecipient = limit.resource === 'recipients';
      const asked = perRecipient ? 1 : (amounts[limit.resource] ?? 0);
      if (asked === 0) continue;
      // By identity: after a reload, or where limits depend on the account's state, they are others.
      const known = told.usage.find((one) => one.limit === limit);
      if (known === undefined) return null;
      usage.push(known);
      const fits = ampleTimes(asked, limit.count - known.used);
      if (fits < 1) return null;
      if (perRecipient) places = Math.min(places, fits);
    }
    return { usage, places, at: told.at };
  }
}

/** Whether a limit was ever exceeded, and whether what the store counts is what the relay took. */

import type { ClientEntry, FaultEntry, RelayEntry } from './books.js';

export interface TightLimit {
  readonly resource: 'recipients' | 'messages';
  readonly count: number;
  readonly perMs: number;
}

interface Charged {
  /** Before this it was not charged: the client had not ended its message. */
  readonly notBefore: number;
  /** After this it was not charged: the relay had it. */
  readonly notAfter: number;
  readonly amount: number;
}

/**
 * The most that any rolling interval of the limit's length certainly held. A
 * message is charged between its client's final dot and the relay's acceptance;
 * only those that are wholly within an interval are counted to it, so a finding
 * is a proof, however slow the way between was.
 */
export function mostWithin(limit: TightLimit, client: readonly ClientEntry[], relay: readonly RelayEntry[]): number {
  const dots = new Map(client.map((entry) => [entry.key, entry.dotAt]));
  const charged: Charged[] = [];
  for (const entry of relay) {
    const notBefore = dots.get(entry.key);
    if (entry.code !== 250 || notBefore === undefined || notBefore === null) continue;
    charged.push({
      notBefore,
      notAfter: entry.at,
      amount: limit.resource === 'messages' ? 1 : entry.recipients.length,
    });
  }
  charged.sort((one, other) => one.notBefore - other.notBefore);
  let most = 0;
  charged.forEach((first, index) => {
    const end = first.notBefore + limit.perMs;
    let sum = 0;
    for (let at = index; at < charged.length; at += 1) {
      const each = charged[at];
      if (each === undefined || each.notBefore > end) break;
      if (each.notAfter <= end) sum += each.amount;
    }
    most = Math.max(most, sum);
  });
  return most;
}

export interface Account {
  readonly account: string;
  /** What the store counts in a window that began before the run. */
  readonly charged: number;
  readonly atRelay: number;
  /** Charged for, and certainly not at the relay: decisions that say `unknown`. */
  readonly unknown: number;
  /**
   * Perhaps charged for: Sluice was killed after the final dot came, or the store was away
   * just when a charge was made or taken back.
   */
  readonly perhaps: number;
  /** Null: it adds up. */
  readonly problem: string | null;
}

export interface CountedBooks {
  readonly client: readonly ClientEntry[];
  readonly relay: readonly RelayEntry[];
  readonly endings: ReadonlyMap<string, string>;
  readonly faults: readonly FaultEntry[];
}

const AFTERMATH_MS = 8_000;

export function balance(
  account: string,
  resource: TightLimit['resource'],
  charged: number,
  books: CountedBooks,
): Account {
  const amountOf = (recipients: readonly string[]) => (resource === 'messages' ? 1 : recipients.length);
  const mine = new Map(books.client.filter((entry) => entry.account === account).map((entry) => [entry.key, entry]));
  let atRelay = 0;
  const there = new Set<string>();
  for (const entry of books.relay) {
    if (entry.code !== 250 || !mine.has(entry.key)) continue;
    atRelay += amountOf(entry.recipients);
    there.add(entry.key);
  }
  let unknown = 0;
  let perhaps = 0;
  for (const entry of mine.values()) {
    if (entry.dotAt === null || there.has(entry.key)) continue;
    const ending = books.endings.get(entry.key) ?? null;
    if (ending === 'unknown') unknown += amountOf(entry.accepted);
    else if (ending === null || storeWasAway(entry, books.faults)) perhaps += amountOf(entry.accepted);
  }
  const rest = charged - atRelay - unknown;
  const problem = rest < 0 ? `${-rest} too few` : rest > perhaps ? `${rest - perhaps} too many` : null;
  return { account, charged, atRelay, unknown, perhaps, problem };
}

/** A charge, or its return, may have been made although Sluice never heard so. */
function storeWasAway(entry: ClientEntry, faults: readonly FaultEntry[]): boolean {
  // The store may be late on a busy machine, without any fault of ours.
  if (entry.heard?.startsWith('451 4.3.0')) return true;
  return faults.some(
    ({ kind, from, to }) =>
      /redis|disk|killed|paused/.test(kind) &&
      from <= entry.endedAt + AFTERMATH_MS &&
      to + AFTERMATH_MS >= entry.startedAt,
  );
}

/** Who sends in a fault run, what each is allowed, and at what pace. */

import type { TightLimit } from './limits.js';

/** Times in ms. */
export interface Pace {
  /** Of each `everyMs` it begins attempts in the first `forMs` only. */
  readonly everyMs: number;
  readonly forMs: number;
  /** How often it waits between the first recipient and the next, from 0 to 1, and how long at most. */
  readonly lingers: number;
  readonly lingerMs: number;
}

export interface Sender {
  readonly account: string;
  /** Each account has a loopback address of its own, by which Sluice knows it. */
  readonly address: string;
  /** Beside those that are never reached. */
  readonly limits: readonly TightLimit[];
  /** Null: one attempt after the other. */
  readonly pace: Pace | null;
}

/** Hit all the time. */
const TIGHT: readonly TightLimit[] = [
  { resource: 'recipients', count: 40, perMs: 5_000 },
  { resource: 'messages', count: 18, perMs: 3_000 },
  // So many that at first nothing of it is held, and so few that it is reached.
  { resource: 'recipients', count: 100, perMs: 20_000 },
];

/** Empty at the beginning of each burst, and full within it while others have recipients that were promised room. */
const EDGE: readonly TightLimit[] = [{ resource: 'recipients', count: 150, perMs: 3_000 }];
const BURSTS: Pace = { everyMs: 8_000, forMs: 4_500, lingers: 0.5, lingerMs: 2_500 };

export const SENDERS: readonly Sender[] = [
  { account: 'loose-1', address: '127.0.1.1', limits: [], pace: null },
  { account: 'loose-2', address: '127.0.1.2', limits: [], pace: null },
  { account: 'tight-1', address: '127.0.1.3', limits: TIGHT, pace: null },
  { account: 'tight-2', address: '127.0.1.4', limits: TIGHT, pace: null },
  { account: 'edge', address: '127.0.1.5', limits: EDGE, pace: BURSTS },
];

/** Of eight clients: a quarter share the tight accounts, a quarter the one at the edge. */
const SHARES = ['loose-1', 'loose-2', 'loose-1', 'loose-2', 'edge', 'edge', 'tight-1', 'tight-2'];

export function senderOf(client: number): Sender {
  const account = SHARES[client % SHARES.length];
  return SENDERS.find((sender) => sender.account === account) as Sender;
}

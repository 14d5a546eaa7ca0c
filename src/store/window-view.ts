import type { Charge } from './contract/limits.js';
import type { WindowLimit, WindowUsage } from './window.js';

/** How much of what is held, by subject and resource. */
export interface Held {
  readonly subject: string;
  readonly resource: string;
  readonly amount: number;
}

/** Windows at one moment, as one call reads and changes them. */
export interface WindowView {
  readonly now: number;
  /** Charged and held. */
  used(subject: string, limit: WindowLimit): number;
  /** The use as it is, judged as if so much more were asked for. */
  usage(subject: string, limit: WindowLimit, asked: number): WindowUsage;
  /** Counts a hold that the caller writes. */
  hold(subject: string, resource: string, amount: number): void;
  /** Charges each different window of `limits` once, and tells which slots. */
  charge(
    subject: string,
    limits: readonly WindowLimit[],
    amountOf: (resource: WindowLimit['resource']) => number,
  ): Charge['entries'];
}

/** Charges and holds as they are kept, and what one call sees of them. */

import type { WindowContent } from '../contract.js';
import { oldestSlot, slotAt, slotLeavesAt, type WindowLimit, type WindowUsage } from '../window.js';
import type { WindowView } from '../window-view.js';
import type { Database, Statement } from './database.js';

/** One window's history: whose, of what, how long. */
export interface WindowKey {
  readonly subject: string;
  readonly resource: string;
  readonly perMs: number;
}

export class Windows {
  readonly #sumOfSlots: Statement<[string, string, number, number], { total: number | null }>;
  readonly #slots: Statement<[string, string, number, number], { slot: number; amount: number }>;
  readonly #add: Statement<[string, string, number, number, number, number], never>;
  readonly #subtract: Statement<[number, string, string, number, number], never>;
  readonly #dropEmpty: Statement<[string, string, number, number], never>;
  readonly #sumOfHolds: Statement<[string, string, number], { total: number | null }>;

  constructor(database: Database) {
    this.#sumOfSlots = database.prepare(
      'SELECT SUM(amount) AS total FROM slots WHERE subject = ? AND resource = ? AND per_ms = ? AND slot >= ?',
    );
    this.#slots = database.prepare(
      'SELECT slot, amount FROM slots WHERE subject = ? AND resource = ? AND per_ms = ? AND slot >= ? ORDER BY slot',
    );
    this.#add = database.prepare(
      `INSERT INTO slots (subject, resource, per_ms, slot, amount, leaves_at) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET amount = amount + excluded.amount`,
    );
    this.#subtract = database.prepare(
      `UPDATE slots SET amount = MAX(0, amount - ?)
       WHERE subject = ? AND resource = ? AND per_ms = ? AND slot = ?`,
    );
    this.#dropEmpty = database.prepare(
      'DELETE FROM slots WHERE subject = ? AND resource = ? AND per_ms = ? AND slot = ? AND amount = 0',
    );
    this.#sumOfHolds = database.prepare(
      `SELECT SUM(amount) AS total FROM holds JOIN leases USING (lease)
       WHERE subject = ? AND resource = ? AND expires_at > ?`,
    );
  }

  at(now: number): StoredWindowView {
    return new StoredWindowView(this, now);
  }

  charged({ subject, resource, perMs }: WindowKey, now: number): number {
    return this.#sumOfSlots.get(subject, resource, perMs, oldestSlot(now, perMs))?.total ?? 0;
  }

  held(subject: string, resource: string, now: number): number {
    return this.#sumOfHolds.get(subject, resource, now)?.total ?? 0;
  }

  content(subject: string, { resource, perMs }: WindowLimit, now: number): WindowContent {
    const slots = this.#slots.all(subject, resource, perMs, oldestSlot(now, perMs));
    return {
      resource,
      perMs,
      held: this.held(subject, resource, now),
      slots: slots.filter(({ amount }) => amount > 0).map(({ slot, amount }) => [slot, amount]),
    };
  }

  /** The use of each as it is, judged as if one more were asked for. */
  usage(subject: string, limits: readonly WindowLimit[], now: number): WindowUsage[] {
    const view = this.at(now);
    return limits.map((limit) => view.usage(subject, limit, 1));
  }

  /** When so much of what is charged will have left, ms since the epoch; null if so much is not charged. */
  leftAt({ subject, resource, perMs }: WindowKey, amount: number, now: number): number | null {
    let left = 0;
    for (const slot of this.#slots.all(subject, resource, perMs, oldestSlot(now, perMs))) {
      left += slot.amount;
      if (left >= amount) return slotLeavesAt(slot.slot, perMs);
    }
    return null;
  }

  /** Charges now, and tells the slot. */
  charge({ subject, resource, perMs }: WindowKey, amount: number, now: number): number {
    const slot = slotAt(now, perMs);
    this.#add.run(subject, resource, perMs, slot, amount, slotLeavesAt(slot, perMs));
    return slot;
  }

  refund({ subject, resource, perMs }: WindowKey, slot: number, amount: number): void {
    this.#subtract.run(amount, subject, resource, perMs, slot);
    this.#dropEmpty.run(subject, resource, perMs, slot);
  }
}

/** The windows at one moment, as one call reads and changes them; each is read from the file once. */
export class StoredWindowView implements WindowView {
  readonly #windows: Windows;
  readonly now: number;
  readonly #charged = new Map<string, number>();
  readonly #held = new Map<string, number>();

  constructor(windows: Windows, now: number) {
    this.#windows = windows;
    this.now = now;
  }

  /** Charged and held. */
  used(subject: string, { resource, perMs }: WindowLimit): number {
    return this.#chargedOf({ subject, resource, perMs }) + this.#heldOf(subject, resource);
  }

  /** Whether so much more has no room. */
  isOver(subject: string, limit: WindowLimit, asked: number): boolean {
    return asked > 0 && this.used(subject, limit) + asked > limit.count;
  }

  /** The use as it is, judged as if so much more were asked for. */
  usage(subject: string, limit: WindowLimit, asked: number): WindowUsage {
    const over = this.isOver(subject, limit, asked);
    return {
      limit,
      used: this.used(subject, limit),
      over,
      freesUpInMs: over ? this.#freesUpInMs(subject, limit, asked) : null,
    };
  }

  /** Counts a hold that the caller writes. */
  hold(subject: string, resource: string, amount: number): void {
    this.#held.set(holdId(subject, resource), this.#heldOf(subject, resource) + amount);
  }

  /** Charges each different window of `limits` once, and tells which slots. */
  charge(subject: string, limits: readonly WindowLimit[], amountOf: (resource: WindowLimit['resource']) => number) {
    const entries = new Map<string, WindowKey & { readonly slot: number; readonly amount: number }>();
    for (const { resource, perMs } of limits) {
      const key = { subject, resource, perMs };
      const amount = amountOf(resource);
      if (amount <= 0 || entries.has(windowId(key))) continue;
      const known = this.#charged.get(windowId(key));
      if (known !== undefined) this.#charged.set(windowId(key), known + amount);
      entries.set(windowId(key), { ...key, slot: this.#windows.charge(key, amount, this.now), amount });
    }
    return [...entries.values()];
  }

  #freesUpInMs(subject: string, limit: WindowLimit, asked: number): number | null {
    const { resource, perMs, count } = limit;
    const tooMany = this.used(subject, limit) + asked - count;
    const leftAt = this.#windows.leftAt({ subject, resource, perMs }, tooMany, this.now);
    return leftAt === null ? null : leftAt - this.now;
  }

  #chargedOf(key: WindowKey): number {
    const id = windowId(key);
    const known = this.#charged.get(id) ?? this.#windows.charged(key, this.now);
    this.#charged.set(id, known);
    return known;
  }

  #heldOf(subject: string, resource: string): number {
    const id = holdId(subject, resource);
    const known = this.#held.get(id) ?? this.#windows.held(subject, resource, this.now);
    this.#held.set(id, known);
    return known;
  }
}

function windowId({ subject, resource, perMs }: WindowKey): string {
  return `${perMs} ${resource} ${subject}`;
}

function holdId(subject: string, resource: string): string {
  return `${resource} ${subject}`;
}

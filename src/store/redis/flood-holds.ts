import type { AddressKey, Instant, Lease } from '../contract.js';

interface FloodHold {
  readonly keys: Set<AddressKey>;
  renewedAt: Instant;
}

/**
 * Which addresses this process holds places at, for each open transaction. They
 * live under the addresses' own hash tags, where a lease alone does not lead.
 */
export class FloodHolds {
  readonly #holds = new Map<string, FloodHold>();

  add(lease: Lease, keys: readonly AddressKey[], now: Instant): void {
    if (keys.length === 0) return;
    const hold = this.#holds.get(lease.transaction) ?? { keys: new Set(), renewedAt: now };
    for (const key of keys) hold.keys.add(key);
    this.#holds.set(lease.transaction, hold);
  }

  remove(lease: Lease, keys: readonly AddressKey[]): void {
    const hold = this.#holds.get(lease.transaction);
    for (const key of keys) hold?.keys.delete(key);
    if (hold?.keys.size === 0) this.forget(lease);
  }

  forget(lease: Lease): void {
    this.#holds.delete(lease.transaction);
  }

  of(lease: Lease): readonly AddressKey[] {
    return [...(this.#holds.get(lease.transaction)?.keys ?? [])];
  }

  /** True, once, when the lease's holds were last renewed `ageMs` ago or more. */
  dueAfter(lease: Lease, now: Instant, ageMs: number): boolean {
    const hold = this.#holds.get(lease.transaction);
    if (hold === undefined || now - hold.renewedAt < ageMs) return false;
    hold.renewedAt = now;
    return true;
  }
}

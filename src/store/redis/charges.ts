import type { Charge, Lease } from '../contract.js';
import type { WindowUsage } from '../window.js';
import { type Entry, refundArgument, windowsKey } from './charge-entries.js';
import { groupByCall, inOneList } from './groups.js';
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import { answerTo, type OctetsReply, type ScriptCall } from './script-call.js';

/** What one call charged, the account or some addresses, or that it was denied. */
export interface ChargedPart {
  readonly granted: boolean;
  readonly usage: readonly WindowUsage[];
  /** Empty when it was denied. */
  readonly entries: readonly Entry[];
}

/** What all parts come to; `usage` in their order. */
export interface Agreed {
  /** Null when one of them was denied. */
  readonly charge: Charge | null;
  readonly usage: readonly (readonly WindowUsage[])[];
}

/**
 * Account and addresses are charged in one round trip under their own hash tags.
 * When one part is denied the others' charges are taken back before the answer,
 * so that for a moment too much is counted and never too little.
 */
export class Charges {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
  ) {}

  /** All parts, or none. `amountOf`: what a part took of the resource of one of its limits. */
  async agree(
    lease: Lease,
    parts: readonly ChargedPart[],
    amountOf: (part: number, use: WindowUsage) => number,
  ): Promise<Agreed> {
    const charge = { lease, entries: inOneList(parts.map(({ entries }) => entries)) };
    if (parts.every(({ granted }) => granted)) return { charge, usage: parts.map(({ usage }) => usage) };
    await this.refund(charge);
    return {
      charge: null,
      usage: parts.map(({ granted, usage }, part) =>
        // It was charged for what another part then denied.
        granted ? usage.map((use) => ({ ...use, used: Math.max(0, use.used - amountOf(part, use)) })) : usage,
      ),
    };
  }

  /**
   * Throws what one of the calls of a charge failed with, those beside them too,
   * after what the others charged was given back. What the failed one may have
   * charged counts too much until it leaves the window.
   *
   * @param settled begins with what became of `calls`
   */
  assertAnswered(
    lease: Lease,
    calls: readonly ScriptCall<ChargedPart>[],
    settled: readonly PromiseSettledResult<OctetsReply>[],
  ): void {
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed === undefined) return;
    const entries = calls.flatMap((call, index) =>
      settled[index]?.status === 'fulfilled' ? answerTo(call, settled[index]).entries : [],
    );
    this.refund({ lease, entries }).catch(() => {});
    throw failed.reason;
  }

  async refund({ lease, entries }: Charge): Promise<void> {
    const bySubject = new Map<string, Entry[]>();
    for (const entry of entries) bySubject.set(entry.subject, [...(bySubject.get(entry.subject) ?? []), entry]);
    const calls = groupByCall([...bySubject], this.link.isCluster).map((group) =>
      this.link.script(
        'refund',
        'refund',
        group.map(([subject]) => windowsKey(this.keys, subject, lease.account)),
        [this.link.clock(), ...group.map(([, charged]) => refundArgument(charged))],
      ),
    );
    await Promise.all(calls);
  }
}

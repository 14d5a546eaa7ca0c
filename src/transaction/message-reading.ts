import type { Lookups, Scan, ScanEnvelope, SpamVerdict, VirusVerdict } from '../lookup/contract.js';
import type { Inspector } from '../message/inspection.js';
import { createInspector } from '../message/inspector.js';
import type { EffectivePolicy } from '../policy/engine.js';
import { wishOf } from '../policy/findings-of.js';
import type { MessageFindings } from '../policy/message-facts.js';
import { type FindingSources, type GatherInputs, gatherFindings } from './gather-findings.js';

/** Takes a message as it comes by: octets with dots unstuffed, cut anywhere. */
export interface OctetSink {
  /** The promise, if there is one, is for back-pressure and never rejects. The octets must not change afterwards. */
  feed(octets: Buffer): Promise<void> | undefined;
}

/** One message being read, by the inspection and by the scanners at once. */
export class MessageReading implements OctetSink {
  readonly #inspector: Inspector;
  readonly #virus: Scan<VirusVerdict> | null;
  readonly #spam: Scan<SpamVerdict> | null;
  #over = false;

  private constructor(rules: EffectivePolicy, lookups: Lookups, envelope: ScanEnvelope) {
    const scans = rules.messageNeeds.has('scans');
    this.#inspector = createInspector(wishOf(rules.messageNeeds, lookups.patterns !== null));
    this.#virus = scans ? (lookups.virus?.(envelope) ?? null) : null;
    this.#spam = scans ? (lookups.spam?.(envelope) ?? null) : null;
  }

  /** Null when no rule asks for anything: then nothing is looked at and nothing is paid. */
  static begin(rules: EffectivePolicy, lookups: Lookups, envelope: ScanEnvelope): MessageReading | null {
    return rules.messageNeeds.size === 0 ? null : new MessageReading(rules, lookups, envelope);
  }

  feed(octets: Buffer): Promise<void> | undefined {
    if (this.#over) return undefined;
    this.#inspector.feed(octets);
    const [one, other] = [this.#virus?.write(octets), this.#spam?.write(octets)];
    if (one === undefined || other === undefined) return one ?? other;
    return Promise.all([one, other]).then(() => undefined);
  }

  /** The message is whole: what is to be known of it. */
  async findings(
    inputs: Omit<GatherInputs, 'inspection' | 'scanned'>,
    sources: FindingSources,
  ): Promise<MessageFindings> {
    this.#over = true;
    const [virus, spam] = await Promise.all([this.#virus?.end() ?? null, this.#spam?.end() ?? null]);
    return gatherFindings(
      { ...inputs, inspection: this.#inspector.end(inputs.words), scanned: { virus, spam } },
      sources,
    );
  }

  /** There will be no verdict. */
  abandon(): void {
    this.#over = true;
    this.#virus?.abort();
    this.#spam?.abort();
  }
}

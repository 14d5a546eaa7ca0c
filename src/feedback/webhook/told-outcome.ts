import { parseAddress } from '../../smtp/path.js';
import type { OutcomeReport, ReportedKind, ReportSource } from '../../store/contract.js';
import { classify } from '../fault/classify.js';
import { FAULT_OF, type FaultClass } from '../outcome.js';

/** What a provider's event says, in our words. */
export interface ToldOutcome {
  readonly kind: ReportedKind;
  readonly recipient: string;
  readonly queueIds: readonly string[];
  readonly messageId: string | null;
  readonly envid: string | null;
  /** Enhanced status code (RFC 3463), where the provider tells. */
  readonly status: string | null;
  readonly diagnostic: string;
  /** The provider's own classification, where it has one that is clear. */
  readonly class: FaultClass | null;
  /** Ms since the epoch; null when it does not tell. */
  readonly at: number | null;
}

/** Reads one provider's request body, parsed from JSON; what is no final outcome is left out. Never throws. */
export type WebhookReader = (body: unknown) => readonly ToldOutcome[];

/** Ready for the store; null when it names no address. */
export function reportOf(told: ToldOutcome, source: ReportSource): OutcomeReport | null {
  const address = parseAddress(told.recipient);
  if (address === null) return null;
  const failed = told.kind === 'rejected';
  const found = told.class ?? (failed ? classify(told.diagnostic, told.status, 'failed') : 'none');
  return {
    source,
    kind: told.kind,
    recipients: [address.key],
    message: { id: null, queueIds: told.queueIds, envid: told.envid, messageId: told.messageId },
    vouched: null,
    fault: FAULT_OF[found],
    reason: found,
    status: told.diagnostic === '' ? (told.status ?? told.kind) : told.diagnostic,
    at: told.at,
    ifUnmatched: 'list',
  };
}

/** With angle brackets, as header fields have it; null for anything but a text. */
export function bracketed(messageId: unknown): string | null {
  if (typeof messageId !== 'string' || messageId === '') return null;
  return messageId.startsWith('<') ? messageId : `<${messageId}>`;
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** Seconds since the epoch, or a date as text; null when it is neither. */
export function instant(value: unknown): number | null {
  const ms = typeof value === 'number' ? value * 1000 : typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) ? Math.round(ms) : null;
}

/** A field of what may be an object; undefined otherwise. */
export function field(value: unknown, ...names: readonly string[]): unknown {
  let at: unknown = value;
  for (const name of names) {
    if (typeof at !== 'object' || at === null || !Object.hasOwn(at, name)) return undefined;
    at = (at as Readonly<Record<string, unknown>>)[name];
  }
  return at;
}

export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

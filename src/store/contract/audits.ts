import type { Consent } from './consents.js';
import type { AccountId, AddressKey, Instant, Page } from './values.js';

/** AUP "E-Mail Requirements", bullet 3: evidence is produced "within 72 hours of receipt of the request". */
export const AUDIT_ANSWER_MS = 72 * 3_600_000;

/**
 * `request`: the desk asks for the evidence of recipients that it names.
 * `sample`: of recipients drawn at random. `probe`: whether somebody answers
 * mail to a complaint address (bullet 6).
 */
export const AUDIT_KINDS = ['request', 'sample', 'probe'] as const;
export type AuditKind = (typeof AUDIT_KINDS)[number];

/**
 * `open`: the clock runs. `answered`: in time, for every address. `missed`: the
 * clock ran out before that. `violation`, `closed`: what the desk decided.
 */
export const AUDIT_STATES = ['open', 'answered', 'missed', 'violation', 'closed'] as const;
export type AuditState = (typeof AUDIT_STATES)[number];

/** Addresses of one case at most. */
export const MOST_AUDITED = 1_000;

/** The consent as it was produced; what the ledger says later changes nothing of it. */
export type ProducedConsent = Pick<Consent, 'source' | 'evidence'> & {
  /** When it was given; null: the answer does not say. */
  readonly at: Instant | null;
};

export interface AuditAnswer {
  readonly at: Instant;
  /** Who brought it: a name, `account` for the signed link, `mail` for a reply to a probe. */
  readonly by: string;
  /** Null: an answer to a probe, which proves nothing but that somebody answers. */
  readonly consent: ProducedConsent | null;
  /** At most 200 octets. */
  readonly note: string;
}

export interface AuditedAddress {
  readonly key: AddressKey;
  /** Null: nothing so far. */
  readonly answer: AuditAnswer | null;
  /** The test mail to it came back: nobody there can have read it. Absent: not that we heard. */
  readonly bounced?: AuditBounce;
}

export interface AuditBounce {
  readonly at: Instant;
  /** What the other side said, at most 200 octets. */
  readonly note: string;
}

/** How a sample was drawn: whoever draws again from the same decisions gets the same addresses. */
export interface AuditSample {
  readonly seed: string;
  readonly since: Instant;
  readonly until: Instant;
  /** Distinct recipients that it was drawn from. */
  readonly outOf: number;
}

export interface AuditVerdict {
  readonly result: 'violation' | 'satisfied';
  readonly at: Instant;
  readonly by: string;
  readonly note: string;
}

export interface AuditCase {
  readonly id: string;
  readonly account: AccountId;
  readonly kind: AuditKind;
  readonly addresses: readonly AuditedAddress[];
  /** Null unless `kind` is `sample`. */
  readonly sample: AuditSample | null;
  readonly openedAt: Instant;
  readonly by: string;
  readonly note: string;
  /** When the clock runs out. */
  readonly dueAt: Instant;
  /** What the desk decided; null while it has not. */
  readonly verdict: AuditVerdict | null;
  /** At `readAt`. */
  readonly state: AuditState;
  /** When this was read, by the store's clock. */
  readonly readAt: Instant;
}

export type NewAudit = Pick<AuditCase, 'id' | 'account' | 'kind' | 'sample' | 'by' | 'note'> & {
  /** Distinct, 1 to MOST_AUDITED. */
  readonly keys: readonly AddressKey[];
};

export type NewAuditAnswer = Pick<AuditAnswer, 'by' | 'consent' | 'note'> & { readonly key: AddressKey };

export type NewAuditBounce = Pick<AuditBounce, 'note'> & { readonly key: AddressKey };

export interface AuditQuery {
  readonly account?: AccountId;
  /** Those that nobody decided about yet. */
  readonly undecided?: true;
  readonly cursor?: string;
  readonly limit: number;
}

export interface AuditStore {
  /** Starts the clock. With an id that is there already nothing is changed, and that case is given. */
  openAudit(audit: NewAudit): Promise<AuditCase>;
  auditOf(id: string): Promise<AuditCase | null>;
  /**
   * Adds answers to a case; addresses that it does not ask about are passed over.
   * A later answer replaces an earlier one, but not one in time by one that is
   * late. A case that the desk has decided about takes none. Null: no such case.
   */
  answerAudit(id: string, answers: readonly NewAuditAnswer[]): Promise<AuditCase | null>;
  /**
   * Notes beside addresses of a case that mail to them came back, the first time.
   * It answers nothing: somebody may still. Null: no such case.
   */
  noteAuditBounces(id: string, bounces: readonly NewAuditBounce[]): Promise<AuditCase | null>;
  /** The desk decides, and may decide anew. Null: no such case. */
  closeAudit(id: string, verdict: Omit<AuditVerdict, 'at'>): Promise<AuditCase | null>;
  /** By account and time of opening. */
  audits(query: AuditQuery): Promise<Page<AuditCase>>;
}

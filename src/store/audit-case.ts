import {
  AUDIT_ANSWER_MS,
  type AuditCase,
  type AuditedAddress,
  type AuditState,
  type AuditVerdict,
  type Instant,
  type NewAudit,
  type NewAuditAnswer,
  type NewAuditBounce,
} from './contract.js';
import { firstOctets } from './first-octets.js';

/** A case as it is kept: what its state is depends on when it is looked at. */
export type KeptAudit = Omit<AuditCase, 'state' | 'readAt'>;

const MAX_NOTE_OCTETS = 200;

export function openedAudit({ keys, ...audit }: NewAudit, now: Instant): KeptAudit {
  return {
    ...audit,
    note: firstOctets(audit.note, MAX_NOTE_OCTETS),
    addresses: keys.map((key) => ({ key, answer: null })),
    openedAt: now,
    dueAt: now + AUDIT_ANSWER_MS,
    verdict: null,
  };
}

/** What is kept, and what it is now. */
export function auditAt(kept: KeptAudit, now: Instant): AuditCase {
  return { ...kept, state: stateAt(kept, now), readAt: now };
}

export function answeredAudit(kept: KeptAudit, answers: readonly NewAuditAnswer[], now: Instant): KeptAudit {
  if (kept.verdict !== null) return kept;
  const byKey = new Map(answers.map((answer) => [answer.key, answer]));
  const isLate = now > kept.dueAt;
  return {
    ...kept,
    addresses: kept.addresses.map((address) => {
      const { key, answer } = address;
      const found = byKey.get(key);
      if (found === undefined || (isLate && answer !== null && answer.at <= kept.dueAt)) return address;
      const { by, consent, note } = found;
      return { ...address, answer: { at: now, by, consent, note: firstOctets(note, MAX_NOTE_OCTETS) } };
    }),
  };
}

export function bouncedAudit(kept: KeptAudit, bounces: readonly NewAuditBounce[], now: Instant): KeptAudit {
  const byKey = new Map(bounces.map((bounce) => [bounce.key, bounce]));
  return {
    ...kept,
    addresses: kept.addresses.map((address) => {
      const found = byKey.get(address.key);
      if (found === undefined || address.bounced !== undefined) return address;
      return { ...address, bounced: { at: now, note: firstOctets(found.note, MAX_NOTE_OCTETS) } };
    }),
  };
}

export function decidedAudit(kept: KeptAudit, verdict: Omit<AuditVerdict, 'at'>, now: Instant): KeptAudit {
  return { ...kept, verdict: { ...verdict, note: firstOctets(verdict.note, MAX_NOTE_OCTETS), at: now } };
}

function stateAt({ verdict, addresses, dueAt }: KeptAudit, now: Instant): AuditState {
  if (verdict !== null) return verdict.result === 'violation' ? 'violation' : 'closed';
  if (addresses.every((address) => isInTime(address, dueAt))) return 'answered';
  return now > dueAt ? 'missed' : 'open';
}

function isInTime({ answer }: AuditedAddress, dueAt: Instant): boolean {
  return answer !== null && answer.at <= dueAt;
}

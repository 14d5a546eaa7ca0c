import { randomBytes } from 'node:crypto';
import type { Instant } from '../store/contract.js';

const AUDIT_ID = /^audit\.[0-9a-v]{14}$/;

/** Sorts by time; letters and digits that a signed address may have (`smtp/bounce-address.ts`). */
export function newAuditId(now: Instant): string {
  const time = now.toString(32).padStart(9, '0').slice(-9);
  const chance = (randomBytes(4).readUInt32BE() >>> 7).toString(32).padStart(5, '0');
  return `audit.${time}${chance}`;
}

export function isAuditId(text: string): boolean {
  return AUDIT_ID.test(text);
}

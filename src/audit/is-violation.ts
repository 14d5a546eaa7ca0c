import type { AuditCase } from '../store/contract.js';

/**
 * What was not produced in time breaks the policy by that alone (AUP "E-Mail
 * Requirements", bullets 3 and 6), until the desk decides otherwise.
 */
export function isViolation({ state }: Pick<AuditCase, 'state'>): boolean {
  return state === 'missed' || state === 'violation';
}

import { newAuditId } from '../audit/audit-id.js';
import { type AuditCase, MOST_AUDITED, type NewAudit } from '../store/contract.js';
import { type OpeningOptions, showAudit } from './audit-options.js';
import { EXIT, Failure } from './exit-codes.js';
import type { OpenStore } from './open-store.js';
import { json } from './terminal/output.js';

/** Opens a case and shows it. */
export async function openCase(
  { store }: OpenStore,
  asked: Pick<NewAudit, 'account' | 'kind' | 'keys' | 'sample'>,
  { note, by, json: asJson }: OpeningOptions,
): Promise<AuditCase> {
  if (asked.keys.length > MOST_AUDITED) throw new Failure(EXIT.usage, `at most ${MOST_AUDITED} addresses in a case`);
  const audit = await store.openAudit({ ...asked, id: newAuditId(Date.now()), by, note });
  if (asJson) json({ audit });
  else showAudit(audit);
  return audit;
}

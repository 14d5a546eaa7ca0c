import { newAuditId } from '../audit/audit-id.js';
import type { Config } from '../config/schema.js';
import { answerLink } from '../feedback/evidence/answer-link.js';
import { announcerOf } from '../service/notice-settings.js';
import { type AuditCase, MOST_AUDITED, type NewAudit } from '../store/contract.js';
import { type OpeningOptions, showAudit } from './audit-options.js';
import { EXIT, Failure } from './exit-codes.js';
import type { OpenStore } from './open-store.js';
import { json, line, note as remark } from './terminal/output.js';

/** Where the account answers; null: the config has no such links. */
export function linkOf({ feedback }: Config, { id, kind }: AuditCase): string | null {
  const evidence = feedback?.http?.evidence;
  return evidence === undefined || kind === 'probe' ? null : answerLink(id, evidence);
}

/** Opens a case and shows it. */
export async function openCase(
  { store, config }: OpenStore,
  asked: Pick<NewAudit, 'account' | 'kind' | 'keys' | 'sample'>,
  { note, by, json: asJson }: OpeningOptions,
): Promise<AuditCase> {
  if (asked.keys.length > MOST_AUDITED) throw new Failure(EXIT.usage, `at most ${MOST_AUDITED} addresses in a case`);
  const audit = await store.openAudit({ ...asked, id: newAuditId(Date.now()), by, note });
  const announcer = announcerOf(config, store);
  if (audit.kind === 'probe') await announcer.probe(audit);
  const told = audit.kind === 'probe' ? false : await announcer.audit(audit, 'opened');
  const answerUrl = linkOf(config, audit);
  if (asJson) {
    json({ audit, told, answerUrl });
    return audit;
  }
  showAudit(audit);
  if (answerUrl !== null) line(`link:      ${answerUrl}`);
  if (!told && audit.kind !== 'probe') remark(`${audit.account} has no notice address in the config: tell it yourself`);
  return audit;
}

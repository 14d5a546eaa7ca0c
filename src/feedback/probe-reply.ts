import type { AuditCase, Store } from '../store/contract.js';
import type { Report, ReportKind } from './outcome.js';

/** Nobody need have read the mail for these. */
const BY_MACHINE: readonly ReportKind[] = ['dsn', 'bounce', 'delay', 'success', 'receipt', 'auto-reply', 'challenge'];

/**
 * A mail came to the signed reply address of a test of a complaint address. A
 * person's answer answers the case; the policy asks for responses, and an
 * automatic one is none. Null: it changed nothing.
 */
export async function takeProbeReply(
  store: Pick<Store, 'auditOf' | 'answerAudit'>,
  id: string,
  { kind, evidence }: Report,
): Promise<AuditCase | null> {
  if (BY_MACHINE.includes(kind)) return null;
  const audit = await store.auditOf(id);
  if (audit === null || audit.kind !== 'probe') return null;
  const note = [evidence.sentFrom, evidence.subject].filter((part) => part !== null).join(': ');
  const answers = audit.addresses.map(({ key }) => ({ key, by: 'mail', consent: null, note }));
  return store.answerAudit(id, answers);
}

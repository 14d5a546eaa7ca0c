import type { AuditCase, NewAuditBounce, Store } from '../store/contract.js';
import { recipientsOf } from './log-report.js';
import type { Report, ReportKind } from './outcome.js';

/** Nobody need have read the mail for these. */
const BY_MACHINE: readonly ReportKind[] = ['dsn', 'bounce', 'delay', 'success', 'receipt', 'auto-reply', 'challenge'];

/**
 * A mail came to the signed reply address of a test of a complaint address. A
 * person's answer answers the case; the policy asks for responses, and an
 * automatic one is none. That the test came back is noted in the case. Null: it
 * changed nothing.
 */
export async function takeProbeReply(
  store: Pick<Store, 'auditOf' | 'answerAudit' | 'noteAuditBounces'>,
  id: string,
  report: Report,
): Promise<AuditCase | null> {
  const { kind, evidence } = report;
  const isBounce = kind === 'dsn' || kind === 'bounce';
  if (BY_MACHINE.includes(kind) && !isBounce) return null;
  const audit = await store.auditOf(id);
  if (audit === null || audit.kind !== 'probe') return null;
  if (isBounce) {
    const bounces = bouncesOf(report, audit);
    return bounces.length === 0 ? null : store.noteAuditBounces(id, bounces);
  }
  const note = [evidence.sentFrom, evidence.subject].filter((part) => part !== null).join(': ');
  const answers = audit.addresses.map(({ key }) => ({ key, by: 'mail', consent: null, note }));
  return store.answerAudit(id, answers);
}

/** The address may have been forwarded: of a test of one address a failure is that one's, whatever it is called. */
function bouncesOf({ outcomes }: Report, { addresses }: AuditCase): readonly NewAuditBounce[] {
  return outcomes
    .filter(({ action, permanent }) => action === 'failed' && permanent)
    .flatMap((outcome) => {
      const named = recipientsOf(outcome);
      const note = outcome.diagnostic ?? outcome.status ?? '';
      return addresses
        .filter(({ key }) => addresses.length === 1 || named.includes(key))
        .map(({ key }) => ({ key, note }));
    });
}

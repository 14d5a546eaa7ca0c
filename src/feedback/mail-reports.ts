import { parseAddress } from '../smtp/path.js';
import type { AddressKey, OutcomeReport, ReportSource } from '../store/contract.js';
import { kindOf, recipientsOf } from './log-report.js';
import { FAULT_OF, type Report, type ReportedOutcome } from './outcome.js';

/**
 * What a report that came by mail says, ready for the store; empty: nothing that
 * counts (delays, auto-replies, receipts …).
 *
 * @param transaction named by a signed address that the report was sent to
 */
export function mailReports(report: Report, transaction: string | null): OutcomeReport[] {
  const { messageId, envid, queueId } = report.message;
  const message = { id: transaction, queueIds: queueId === null ? [] : [queueId], envid, messageId };
  return report.outcomes.flatMap((outcome) => {
    const kind = kindIn(report, outcome);
    if (kind === null) return [];
    const recipients = kind === 'revoked' ? revoker(report, outcome, transaction) : recipientsOf(outcome);
    return [
      {
        source: SOURCE_OF[kind],
        kind,
        recipients,
        message,
        vouched: null,
        fault: FAULT_OF[outcome.class],
        reason: report.evidence.feedbackType ?? outcome.class,
        status: outcome.diagnostic ?? outcome.status ?? report.kind,
        at: null,
        ifUnmatched: 'list',
      },
    ];
  });
}

const SOURCE_OF: Readonly<Record<OutcomeReport['kind'], ReportSource>> = {
  delivered: 'dsn',
  rejected: 'dsn',
  complained: 'complaint',
  'not-spam': 'complaint',
  revoked: 'remove-mail',
};

function kindIn(report: Report, outcome: ReportedOutcome): OutcomeReport['kind'] | null {
  if (report.kind === 'not-spam') return 'not-spam';
  if (report.kind === 'complaint') return report.evidence.feedbackType === 'opt-out' ? 'revoked' : kindOf(outcome);
  if (report.kind === 'revocation') return 'revoked';
  return report.kind === 'dsn' || report.kind === 'bounce' || report.kind === 'success' ? kindOf(outcome) : null;
}

/** Nobody revokes another's consent: the mail must come from the recipient, or be sent to a signed address, or be a provider's report. */
function revoker({ kind, evidence }: Report, outcome: ReportedOutcome, transaction: string | null): AddressKey[] {
  const named = recipientsOf(outcome);
  if (kind === 'complaint' || transaction !== null) return named;
  const from = evidence.sentFrom === null ? null : parseAddress(evidence.sentFrom);
  return from === null ? [] : [from.key];
}

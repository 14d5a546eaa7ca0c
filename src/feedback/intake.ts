import { isAuditId } from '../audit/audit-id.js';
import type { AccountId, OutcomeReport, ReportAnswer, ReportPolicy, Store } from '../store/contract.js';
import { logReport } from './log-report.js';
import { mailReports } from './mail-reports.js';
import type { Report } from './outcome.js';
import { takeProbeReply } from './probe-reply.js';
import type { LogOutcome } from './relay-log/relay-log.js';

export interface IntakeParts {
  readonly store: Pick<Store, 'report' | 'auditOf' | 'answerAudit' | 'noteAuditBounces'>;
  readonly policyOf: (account: AccountId) => ReportPolicy;
  /**
   * A recipient revoked consent. Before the report is answered, and again when it is told
   * again: whoever told it tries again if we die in between, and the account is told.
   */
  readonly revoked: (report: OutcomeReport, about: KnownReport) => Promise<void>;
  /** Hears of every report that the store was told, for log and metrics. */
  readonly told: (report: OutcomeReport, answer: ReportAnswer) => void;
}

/** A report whose message was found. */
export type KnownReport = Exclude<ReportAnswer, { readonly result: 'unmatched' }>;

/** What is taken in by all sources alike: reports in, the store told. Rejects with StoreUnavailable. */
export class Intake {
  constructor(private readonly parts: IntakeParts) {}

  async report(report: OutcomeReport): Promise<ReportAnswer> {
    const answer = await this.parts.store.report(report, this.parts.policyOf);
    if (report.kind === 'revoked' && answer.result !== 'unmatched') await this.parts.revoked(report, answer);
    this.parts.told(report, answer);
    return answer;
  }

  /** Null: nothing that counts. */
  async logged(outcome: LogOutcome, now: number): Promise<{ report: OutcomeReport; answer: ReportAnswer } | null> {
    const report = logReport(outcome, now);
    return report === null ? null : { report, answer: await this.report(report) };
  }

  /** A report that came by mail; the answers, one for each recipient that it is about. */
  async mailed(report: Report, transaction: string | null): Promise<ReportAnswer[]> {
    // The signed address is that of a test of a complaint address, and not of a message.
    if (transaction !== null && isAuditId(transaction)) {
      await takeProbeReply(this.parts.store, transaction, report);
      return [];
    }
    const answers: ReportAnswer[] = [];
    for (const one of mailReports(report, transaction)) answers.push(await this.report(one));
    return answers;
  }
}

import type { AccountId, OutcomeReport, ReportAnswer, ReportPolicy, Store } from '../store/contract.js';
import { logReport } from './log-report.js';
import { mailReports } from './mail-reports.js';
import type { Report } from './outcome.js';
import type { LogOutcome } from './relay-log/relay-log.js';

export interface IntakeParts {
  readonly store: Pick<Store, 'report'>;
  readonly policyOf: (account: AccountId) => ReportPolicy;
  /** Hears of every report that the store was told, for log and metrics. */
  readonly told: (report: OutcomeReport, answer: ReportAnswer) => void;
}

/** What is taken in by all sources alike: reports in, the store told. Rejects with StoreUnavailable. */
export class Intake {
  constructor(private readonly parts: IntakeParts) {}

  async report(report: OutcomeReport): Promise<ReportAnswer> {
    const answer = await this.parts.store.report(report, this.parts.policyOf);
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
    const answers: ReportAnswer[] = [];
    for (const one of mailReports(report, transaction)) answers.push(await this.report(one));
    return answers;
  }
}

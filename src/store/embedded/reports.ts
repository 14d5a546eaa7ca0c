import {
  type AccountId,
  type CountedOutcome,
  MOST_UNMATCHED,
  NO_SUBSCRIPTIONS,
  type OutcomeQuery,
  type OutcomeReport,
  type Page,
  type ReportAnswer,
  type ReportPolicy,
  type ReportSource,
  type Subscriptions,
  type UnmatchedReport,
} from '../contract.js';
import { firstOctets } from '../first-octets.js';
import {
  factField,
  REPORT_RANK,
  reportedAt,
  reputationCounts,
  revokedSubscription,
  streakKind,
} from '../report-effects.js';
import { meantBy, namesIn } from '../reported-message.js';
import type { Database, SqlValue, Statement } from './database.js';
import type { Outcomes } from './outcomes.js';
import type { PassedMessages } from './passed-messages.js';
import type { Reputations } from './reputation.js';
import type { Revocations } from './revocations.js';
import type { Suppressions } from './suppressions.js';

type Row = Omit<CountedOutcome, 'key'> & { readonly seq: number; readonly key: string };

/** Whom a report is about. */
interface Subject {
  readonly account: AccountId;
  readonly message: string;
  readonly key: string | null;
  /** The message's, or those that the reporter names. */
  readonly subscriptions: Subscriptions;
}

export interface TouchedByReports {
  readonly messages: PassedMessages;
  readonly outcomes: Outcomes;
  readonly suppressions: Suppressions;
  readonly revocations: Revocations;
  readonly reputations: Reputations;
}

const MAX_STATUS_OCTETS = 200;
const COLUMNS = 'seq, at, account, key, message, kind, fault, reason, status, source';

/** Reports: matched, counted once, and what they change. */
export class Reports {
  readonly #database: Database;
  readonly #known: Statement<[string, string, number], { rank: number }>;
  readonly #remember: Statement<[string, string, number, number], never>;
  readonly #log: Statement<[number, string, string, string, string, string, string, string, string], { seq: number }>;
  readonly #trimLog: Statement<[number], never>;
  readonly #countUnmatched: Statement<[string], never>;
  readonly #listUnmatched: Statement<[number, string, string], never>;
  readonly #trimUnmatched: Statement<[string, string, number], never>;
  readonly #counts: Statement<[], { source: ReportSource; count: number }>;
  readonly #unmatched: Statement<[string | null, number], { at: number; source: ReportSource; body: string }>;
  readonly #pages = new Map<string, Statement<SqlValue[], Row>>();

  constructor(
    database: Database,
    private readonly touched: TouchedByReports,
  ) {
    this.#database = database;
    this.#known = database.prepare('SELECT rank FROM facts WHERE message = ? AND field = ? AND expires_at > ?');
    this.#remember = database.prepare(
      'INSERT OR REPLACE INTO facts (message, field, rank, expires_at) VALUES (?, ?, ?, ?)',
    );
    this.#log = database.prepare(
      `INSERT INTO counted_outcomes (at, account, key, message, kind, fault, reason, status, source)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq`,
    );
    this.#trimLog = database.prepare('DELETE FROM counted_outcomes WHERE seq <= ?');
    this.#countUnmatched = database.prepare(
      `INSERT INTO unmatched_counts (source, count) VALUES (?, 1) ON CONFLICT DO UPDATE SET count = count + 1`,
    );
    this.#listUnmatched = database.prepare('INSERT INTO unmatched_reports (at, source, body) VALUES (?, ?, ?)');
    this.#trimUnmatched = database.prepare(
      `DELETE FROM unmatched_reports WHERE source = ? AND seq <=
         (SELECT seq FROM unmatched_reports WHERE source = ? ORDER BY seq DESC LIMIT 1 OFFSET ?)`,
    );
    this.#counts = database.prepare('SELECT source, count FROM unmatched_counts');
    this.#unmatched = database.prepare(
      `SELECT at, source, body FROM unmatched_reports WHERE ?1 IS NULL OR source = ?1 ORDER BY seq DESC LIMIT ?2`,
    );
  }

  report(report: OutcomeReport, policyOf: (account: AccountId) => ReportPolicy, now: number): ReportAnswer {
    const subject = this.#subjectOf(report, policyOf, now);
    if (subject === null) {
      if (report.ifUnmatched === 'list') this.#list(report, now);
      return { result: 'unmatched' };
    }
    const { account, message, key } = subject;
    const policy = policyOf(account);
    const field = factField(report.kind, key);
    const known = this.#known.get(message, field, now)?.rank ?? 0;
    // Only that very complaint can be taken back.
    const isNews = known < REPORT_RANK[report.kind] && (report.kind !== 'not-spam' || known > 0);
    if (!isNews) return { result: 'known', account, key, message };
    this.#remember.run(message, field, REPORT_RANK[report.kind], now + policy.reportWindowMs);
    this.#takeIn(report, subject, policy, now);
    return { result: 'counted', account, key, message };
  }

  page({ account, key, message, kind, cursor, limit }: OutcomeQuery): Page<CountedOutcome> {
    const asked = Object.entries({ account, key, message, kind }).filter(([, value]) => value !== undefined);
    const conditions = [...asked.map(([name]) => `${name} = ?`), ...(cursor === undefined ? [] : ['seq < ?'])];
    const values = [...asked.map(([, value]) => value ?? ''), ...(cursor === undefined ? [] : [Number(cursor)])];
    const rows = this.#page(conditions.length === 0 ? 'TRUE' : conditions.join(' AND ')).all(...values, limit + 1);
    const page = rows.slice(0, limit);
    return {
      items: page.map(({ seq, ...row }) => ({ ...row, key: row.key === '' ? null : row.key })),
      next: rows.length > limit ? String(page.at(-1)?.seq ?? '') : null,
    };
  }

  unmatched(source: ReportSource | undefined, limit: number) {
    const counts = Object.fromEntries(this.#counts.all().map((row) => [row.source, row.count]));
    const rows = this.#unmatched.all(source ?? null, limit);
    const items = rows.map(
      (row): UnmatchedReport => ({
        ...(JSON.parse(row.body) as Omit<UnmatchedReport, 'at' | 'source'>),
        at: row.at,
        source: row.source,
      }),
    );
    return { counts, items };
  }

  #subjectOf(report: OutcomeReport, policyOf: (account: AccountId) => ReportPolicy, now: number): Subject | null {
    const { vouched, recipients, message: named } = report;
    if (vouched !== null) return { subscriptions: NO_SUBSCRIPTIONS, ...vouched, key: recipients[0] ?? null };
    const { messages } = this.touched;
    const at = reportedAt(report.at, now);
    const names = namesIn(named);
    const byId = named.id === null ? null : messages.of(named.id, now);
    const attempts = [...(byId === null ? [] : [[byId]]), ...names.map((name) => messages.named(name, now))];
    for (const candidates of attempts) {
      const meant = meantBy(report, candidates, at);
      if (meant === null) continue;
      const { message, key } = meant;
      const { reportWindowMs } = policyOf(message.account);
      for (const id of named.queueIds.slice(1)) messages.addName(`queue:${id}`, message, reportWindowMs);
      const { id, account, list = null, stream = null } = message;
      return { account, message: id, key, subscriptions: { list, stream } };
    }
    return null;
  }

  #takeIn(
    report: OutcomeReport,
    { account, message, key, subscriptions }: Subject,
    policy: ReportPolicy,
    now: number,
  ): void {
    const { kind, fault, reason, source } = report;
    const { outcomes, suppressions, revocations, reputations } = this.touched;
    const at = reportedAt(report.at, now);
    const status = firstOctets(report.status, MAX_STATUS_OCTETS);
    const streak = streakKind(report);
    if (key !== null) {
      if (streak !== null) outcomes.record({ account, key, message, kind: streak, status, at }, policy, now);
      if (kind === 'complained' && policy.complaints !== 'nobody') {
        const whose = policy.complaints === 'everyone' ? null : account;
        suppressions.put(
          { key, account: whose, reason: 'complained', at, by: source, note: message, expiresAt: null },
          now,
        );
      }
      if (kind === 'revoked') revocations.put({ key, account, at, source }, revokedSubscription(policy, subscriptions));
    }
    reputations.add(account, reputationCounts(report), at, now);
    const seq = this.#log.get(at, account, key ?? '', message, kind, fault, reason, status, source)?.seq ?? 0;
    this.#trimLog.run(seq - policy.keptOutcomes);
  }

  #list({ source, kind, recipients, message, status, at }: OutcomeReport, now: number): void {
    const body = { kind, recipients, message, status: firstOctets(status, MAX_STATUS_OCTETS) };
    this.#countUnmatched.run(source);
    this.#listUnmatched.run(reportedAt(at, now), source, JSON.stringify(body));
    this.#trimUnmatched.run(source, source, MOST_UNMATCHED);
  }

  #page(condition: string): Statement<SqlValue[], Row> {
    const prepared =
      this.#pages.get(condition) ??
      this.#database.prepare<SqlValue[], Row>(
        `SELECT ${COLUMNS} FROM counted_outcomes WHERE ${condition} ORDER BY seq DESC LIMIT ?`,
      );
    this.#pages.set(condition, prepared);
    return prepared;
  }
}

import {
  type AccountId,
  type CountedOutcome,
  type Instant,
  MOST_UNMATCHED,
  NO_SUBSCRIPTIONS,
  type OutcomeQuery,
  type OutcomeReport,
  type Page,
  REPORT_SOURCES,
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
import type { Keys } from './keys.js';
import type { Link } from './link.js';
import type { PassedMessages } from './passed-messages.js';
import type { RecipientHistory } from './recipient-history.js';
import type { Reputations } from './reputations.js';
import type { SuppressionRecords } from './suppression-records.js';

/** Whom a report is about. */
interface Subject {
  readonly account: AccountId;
  readonly message: string;
  readonly key: string | null;
  /** The message's, or those that the reporter names. */
  readonly subscriptions: Subscriptions;
}

export interface TouchedByReports {
  readonly passedMessages: PassedMessages;
  readonly reputations: Reputations;
  readonly suppressionRecords: SuppressionRecords;
  readonly history: RecipientHistory;
}

const VERB = 'report';
const MAX_STATUS_OCTETS = 200;
/** Entries read at once while others' outcomes are passed over. */
const ENTRIES_AT_ONCE = 500;

/**
 * Reports: matched, counted once, and what they change. The message's facts, the
 * address and the account are in different slots of a cluster, so that no script
 * can do it all: the fact is claimed, each change is made in a way that can be
 * repeated, and then the fact is settled. Only the list of outcomes comes after
 * that: a process that dies just then leaves one line out of it.
 */
export class Reports {
  constructor(
    private readonly link: Link,
    private readonly keys: Keys,
    private readonly touched: TouchedByReports,
  ) {}

  async report(report: OutcomeReport, policyOf: (account: AccountId) => ReportPolicy): Promise<ReportAnswer> {
    const now = await this.link.now(VERB);
    const at = reportedAt(report.at, now);
    const subject = await this.#subjectOf(report, policyOf, at, now);
    if (subject === null) {
      if (report.ifUnmatched === 'list') await this.#list(report, at);
      return { result: 'unmatched' };
    }
    const { account, message, key } = subject;
    const policy = policyOf(account);
    const facts = this.keys.messageFacts(message);
    const field = factField(report.kind, key);
    const rank = REPORT_RANK[report.kind];
    // Only that very complaint can be taken back.
    const least = report.kind === 'not-spam' ? 1 : 0;
    const claimed = await this.link.script(VERB, 'claim-report', [facts], [field, rank, least, policy.reportWindowMs]);
    if (claimed !== 1) return { result: 'known', account, key, message };
    await this.#takeIn(report, subject, policy, at);
    // Of several that tell it at once one settles it, and lists it.
    const settled = await this.link.script(VERB, 'settle-report', [facts], [field, rank]);
    if (settled !== 1) return { result: 'known', account, key, message };
    await this.#listCounted(report, subject, policy, at);
    return { result: 'counted', account, key, message };
  }

  async outcomes(query: OutcomeQuery): Promise<Page<CountedOutcome>> {
    const items: CountedOutcome[] = [];
    let last = query.cursor;
    for (;;) {
      const from = last === undefined ? '+' : `(${last}`;
      const entries = (await this.link.command(
        'outcomes',
        'XREVRANGE',
        this.keys.countedOutcomes,
        from,
        '-',
        'COUNT',
        ENTRIES_AT_ONCE,
      )) as [string, string[]][];
      for (const [id, [, body = '{}']] of entries) {
        const outcome = JSON.parse(body) as CountedOutcome;
        if (!isAskedFor(outcome, query)) {
          last = id;
          continue;
        }
        if (items.length === query.limit) return { items, next: last ?? null };
        items.push(outcome);
        last = id;
      }
      if (entries.length < ENTRIES_AT_ONCE) return { items, next: null };
    }
  }

  async unmatched({ source, limit }: { readonly source?: ReportSource; readonly limit: number }) {
    const sources = source === undefined ? REPORT_SOURCES : [source];
    const counted = await Promise.all(
      REPORT_SOURCES.map(async (name) => {
        const count = await this.link.command('unmatched', 'GET', this.keys.unmatchedCount(name));
        return [name, Number(count ?? 0)] as const;
      }),
    );
    const lists = await Promise.all(
      sources.map((name) => this.link.command('unmatched', 'LRANGE', this.keys.unmatchedReports(name), 0, limit - 1)),
    );
    const items = (lists as string[][]).flat().map((text) => JSON.parse(text) as UnmatchedReport);
    return {
      counts: Object.fromEntries(counted.filter(([, count]) => count > 0)),
      items: items.sort((one, other) => other.at - one.at).slice(0, limit),
    };
  }

  async #subjectOf(
    report: OutcomeReport,
    policyOf: (account: AccountId) => ReportPolicy,
    at: Instant,
    now: Instant,
  ): Promise<Subject | null> {
    const { vouched, recipients, message: named } = report;
    if (vouched !== null) return { subscriptions: NO_SUBSCRIPTIONS, ...vouched, key: recipients[0] ?? null };
    const { passedMessages } = this.touched;
    const byId =
      named.id === null ? [] : [passedMessages.of(VERB, named.id, now).then((found) => (found ? [found] : []))];
    const byName = namesIn(named).map((name) => passedMessages.named(VERB, name, now));
    for (const candidates of await Promise.all([...byId, ...byName])) {
      const meant = meantBy(report, candidates, at);
      if (meant === null) continue;
      const { message, key } = meant;
      const { reportWindowMs } = policyOf(message.account);
      const names = named.queueIds.slice(1).map((id) => `queue:${id}`);
      await Promise.all(names.map((name) => passedMessages.addName(VERB, name, message, reportWindowMs)));
      const { id, account, list = null, stream = null } = message;
      return { account, message: id, key, subscriptions: { list, stream } };
    }
    return null;
  }

  async #takeIn(report: OutcomeReport, subject: Subject, policy: ReportPolicy, at: Instant): Promise<void> {
    const { account, message, key } = subject;
    const fact = `${report.kind} ${message} ${key ?? ''}`;
    await Promise.all([
      ...(key === null ? [] : this.#changes(report, { ...subject, key }, policy, at)),
      this.touched.reputations.add(account, fact, reputationCounts(report), at),
    ]);
  }

  async #listCounted(
    report: OutcomeReport,
    { account, message, key }: Subject,
    { keptOutcomes }: ReportPolicy,
    at: Instant,
  ): Promise<void> {
    const { kind, fault, reason, source } = report;
    const status = firstOctets(report.status, MAX_STATUS_OCTETS);
    const outcome: CountedOutcome = { at, account, key, message, kind, fault, reason, status, source };
    const bounds = ['MAXLEN', '~', keptOutcomes];
    await this.link.command(VERB, 'XADD', this.keys.countedOutcomes, ...bounds, '*', 'o', JSON.stringify(outcome));
  }

  #changes(
    { kind, fault, source, status }: OutcomeReport,
    { account, message, key, subscriptions }: Subject & { readonly key: string },
    policy: ReportPolicy,
    at: Instant,
  ): Promise<void>[] {
    const { history, suppressionRecords } = this.touched;
    const streak = streakKind({ kind, fault });
    if (streak !== null) return [history.recordOutcome({ account, key, message, kind: streak, status, at }, policy)];
    if (kind === 'revoked') {
      const subscription = revokedSubscription(policy, subscriptions);
      return [history.revoke({ key, account, at, source, subscription })];
    }
    if (kind !== 'complained' || policy.complaints === 'nobody') return [];
    const whose = policy.complaints === 'everyone' ? null : account;
    const suppression = {
      key,
      account: whose,
      reason: 'complained',
      at,
      by: source,
      note: message,
      expiresAt: null,
    } as const;
    return [suppressionRecords.suppress([suppression])];
  }

  async #list({ source, kind, recipients, message, status }: OutcomeReport, at: Instant): Promise<void> {
    const listed: UnmatchedReport = {
      at,
      source,
      kind,
      recipients,
      message,
      status: firstOctets(status, MAX_STATUS_OCTETS),
    };
    const keys = [this.keys.unmatchedReports(source), this.keys.unmatchedCount(source)];
    await this.link.script(VERB, 'list-unmatched', keys, [JSON.stringify(listed), MOST_UNMATCHED]);
  }
}

function isAskedFor(outcome: CountedOutcome, { account, key, message, kind }: OutcomeQuery): boolean {
  if (account !== undefined && outcome.account !== account) return false;
  if (key !== undefined && outcome.key !== key) return false;
  return (message === undefined || outcome.message === message) && (kind === undefined || outcome.kind === kind);
}

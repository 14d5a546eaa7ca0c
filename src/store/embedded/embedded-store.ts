/**
 * The store in one SQLite file, for one machine: its worker processes share the
 * file, and the machine's clock is the store's.
 */

import { chargeRecipient } from '../charging-recipients.js';
import { commitMessage } from '../committing.js';
import type {
  AccountId,
  AccountState,
  AddressKey,
  AuditCase,
  AuditQuery,
  AuditVerdict,
  Campaign,
  CampaignAnswer,
  CampaignDecision,
  CampaignQuery,
  CampaignSighting,
  Charge,
  CommitAnswer,
  CommitRequest,
  Consent,
  ConsentQuery,
  CountedOutcome,
  Credential,
  DecisionBounds,
  DecisionPage,
  DecisionQuery,
  DomainCheck,
  DomainRegistration,
  GiveBackRequest,
  HeldLease,
  LookRequest,
  MeterSubject,
  NewAudit,
  NewAuditAnswer,
  NewAuditBounce,
  NewConsent,
  NewNotice,
  NewRevocation,
  NewSuppression,
  NoticeQueue,
  NoticeTurn,
  Outcome,
  OutcomePolicy,
  OutcomeQuery,
  OutcomeReport,
  Page,
  PassedMessage,
  QueuedNotice,
  RecipientChargeAnswer,
  RecipientChargeRequest,
  RecipientRequest,
  RegisteredDomain,
  RejectionStreak,
  RememberedMessage,
  ReportAnswer,
  ReportPolicy,
  ReportSource,
  Reputation,
  ReputationLevel,
  ReputationMeasure,
  ReserveAnswer,
  ReserveRequest,
  SessionAnswer,
  SessionRequest,
  Sight,
  StandingChange,
  Store,
  StoredDecision,
  StoreTimes,
  SubscriptionRevocation,
  Suppression,
  SuppressionQuery,
} from '../contract.js';
import { Reserving } from '../reserving.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from '../subjects.js';
import type { WindowLimit, WindowUsage } from '../window.js';
import { Accounts } from './accounts.js';
import { Audits } from './audits.js';
import { Campaigns } from './campaigns.js';
import { Consents } from './consents.js';
import { Database } from './database.js';
import { Decisions } from './decisions.js';
import { Domains } from './domains.js';
import { Followers } from './followers.js';
import { Leases } from './leases.js';
import { Notices } from './notices.js';
import { Outcomes } from './outcomes.js';
import { PassedMessages } from './passed-messages.js';
import { Reports } from './reports.js';
import { Reputations } from './reputation.js';
import { Revocations } from './revocations.js';
import { Sessions } from './sessions.js';
import { Suppressions } from './suppressions.js';
import { Sweep } from './sweep.js';
import { Windows } from './windows.js';

export interface EmbeddedStoreOptions {
  /** The file, created with its owner's rights only if it does not exist; its folder must. */
  readonly path: string;
  readonly times: StoreTimes;
  /** Milliseconds since the epoch; default `Date.now`. */
  readonly clock?: () => number;
}

/** @throws StoreUnavailable (verb `open`), SchemaTooNew */
export async function openEmbeddedStore({ path, times, clock }: EmbeddedStoreOptions): Promise<Store> {
  return new EmbeddedStore(await Database.open(path, times.callTimeoutMs), times, clock ?? Date.now);
}

class EmbeddedStore implements Store {
  readonly #database: Database;
  readonly #clock: () => number;
  readonly #windows: Windows;
  readonly #leases: Leases;
  readonly #sessions: Sessions;
  readonly #accounts: Accounts;
  readonly #suppressions: Suppressions;
  readonly #revocations: Revocations;
  readonly #outcomes: Outcomes;
  readonly #messages: PassedMessages;
  readonly #reputations: Reputations;
  readonly #reports: Reports;
  readonly #followers: Followers;
  readonly #campaigns: Campaigns;
  readonly #domains: Domains;
  readonly #consents: Consents;
  readonly #audits: Audits;
  readonly #notices: Notices;
  readonly #decisions: Decisions;
  readonly #sweep: Sweep;

  constructor(database: Database, times: StoreTimes, clock: () => number) {
    this.#database = database;
    this.#clock = clock;
    this.#windows = new Windows(database);
    this.#leases = new Leases(database, times.reservationTtlMs);
    this.#sessions = new Sessions(database, this.#windows, times.sessionTtlMs);
    this.#accounts = new Accounts(database);
    this.#suppressions = new Suppressions(database);
    this.#revocations = new Revocations(database);
    this.#outcomes = new Outcomes(database);
    this.#messages = new PassedMessages(database);
    this.#reputations = new Reputations(database);
    this.#reports = new Reports(database, {
      messages: this.#messages,
      outcomes: this.#outcomes,
      suppressions: this.#suppressions,
      revocations: this.#revocations,
      reputations: this.#reputations,
    });
    this.#followers = new Followers(database);
    this.#campaigns = new Campaigns(database);
    this.#domains = new Domains(database);
    this.#consents = new Consents(database);
    this.#audits = new Audits(database);
    this.#notices = new Notices(database);
    this.#decisions = new Decisions(database);
    this.#sweep = new Sweep(database);
  }

  // --- limits

  reserve(request: ReserveRequest): Promise<ReserveAnswer> {
    return this.#write('reserve', (now) => {
      const { lease, recipients } = request;
      const had = this.#leases.holdsOf(lease.transaction, now);
      const reserving = new Reserving(request, this.#windows.at(now), had);
      const asked = { account: lease.account, facts: request.facts };
      const answers = recipients.map((one) => ({ ...reserving.grant(one), ...this.#factsOf(one, asked, now) }));
      const ofAccount = reserving.ofAccount();
      if (reserving.holds.length > 0) this.#leases.extend(lease.transaction, now);
      else if (had.length > 0) this.#leases.renew(lease.transaction, now);
      for (const hold of reserving.holds) this.#leases.hold(lease.transaction, hold);
      return { now, recipients: answers, ...ofAccount };
    });
  }

  renew(held: readonly HeldLease[]): Promise<void> {
    return this.#write('renew', (now) => {
      for (const { lease } of held) this.#leases.renew(lease.transaction, now);
    });
  }

  giveBack({ lease, amounts, recipients }: GiveBackRequest): Promise<void> {
    return this.#write('giveBack', () => {
      const subject = ofAccount(lease.account);
      for (const [resource, amount] of Object.entries(amounts)) {
        this.#leases.take(lease.transaction, { subject, resource, amount: amount ?? 0 });
      }
      for (const key of recipients) {
        this.#leases.takeAll(lease.transaction, ofAccountTo(lease.account, key));
        this.#leases.takeAll(lease.transaction, ofEveryoneTo(key));
      }
    });
  }

  commit(request: CommitRequest): Promise<CommitAnswer> {
    return this.#write('commit', (now) => {
      const held = this.#leases.end(request.lease.transaction, now);
      const answer = commitMessage(request, held, this.#windows.at(now));
      const { account } = request.lease;
      if (!answer.granted) return { ...answer, state: null };
      this.#accounts.accepted(account, now);
      return { ...answer, state: this.#accounts.stateOf(account, now) };
    });
  }

  chargeRecipient(request: RecipientChargeRequest): Promise<RecipientChargeAnswer> {
    return this.#write('chargeRecipient', (now) => {
      const { recipient, lease, facts } = request;
      const { room, charge } = chargeRecipient(request, this.#windows.at(now));
      if (charge !== null) this.#accounts.accepted(lease.account, now);
      const known = this.#factsOf(recipient, { account: lease.account, facts }, now);
      return { now, recipient: { ...room, ...known }, charge };
    });
  }

  refund(charge: Charge): Promise<void> {
    return this.#write('refund', () => {
      for (const { slot, amount, ...window } of charge.entries) this.#windows.refund(window, slot, amount);
    });
  }

  release({ lease }: HeldLease): Promise<void> {
    return this.#write('release', (now) => {
      this.#leases.end(lease.transaction, now);
    });
  }

  usage(account: AccountId, limits: readonly WindowLimit[]): Promise<readonly WindowUsage[]> {
    return this.#read('usage', (now) => this.#readWindows(ofAccount(account), limits, now));
  }

  charge(subject: MeterSubject, limits: readonly WindowLimit[], amount: number): Promise<readonly WindowUsage[]> {
    return this.#write('charge', (now) => {
      const view = this.#windows.at(now);
      const usage = limits.map((limit) => view.usage(subject, limit, amount));
      view.charge(subject, limits, () => amount);
      return usage.map((use) => ({ ...use, used: view.used(subject, use.limit) }));
    });
  }

  meters(
    asked: readonly { readonly subject: MeterSubject; readonly limits: readonly WindowLimit[] }[],
  ): Promise<readonly (readonly WindowUsage[])[]> {
    return this.#read('meters', (now) => asked.map(({ subject, limits }) => this.#readWindows(subject, limits, now)));
  }

  openSession(request: SessionRequest): Promise<SessionAnswer> {
    return this.#write('openSession', (now) => this.#sessions.open(request, now));
  }

  renewSessions(sessions: readonly Pick<SessionRequest, 'session' | 'subject'>[]): Promise<void> {
    return this.#write('renewSessions', (now) => {
      for (const session of sessions) this.#sessions.renew(session, now);
    });
  }

  closeSession(session: Pick<SessionRequest, 'session' | 'subject'>): Promise<void> {
    return this.#write('closeSession', () => this.#sessions.close(session));
  }

  // --- accounts

  stateOf(account: AccountId): Promise<AccountState> {
    return this.#read('stateOf', (now) => this.#accounts.stateOf(account, now));
  }

  changeStanding(change: StandingChange): Promise<AccountState> {
    return this.#write('changeStanding', (now) => {
      this.#accounts.changeStanding(change, now);
      return this.#accounts.stateOf(change.account, now);
    });
  }

  accounts(query: { readonly cursor?: string; readonly limit: number }): Promise<Page<AccountState>> {
    return this.#read('accounts', (now) => this.#accounts.page(query, now));
  }

  credentialOf(username: string): Promise<Credential | null> {
    return this.#read('credentialOf', () => this.#accounts.credentialOf(username));
  }

  setCredential(credential: Credential): Promise<void> {
    return this.#write('setCredential', () => this.#accounts.setCredential(credential));
  }

  removeCredential(username: string): Promise<boolean> {
    return this.#write('removeCredential', () => this.#accounts.removeCredential(username));
  }

  // --- recipients

  suppress(suppressions: readonly NewSuppression[]): Promise<void> {
    return this.#write('suppress', (now) => {
      for (const suppression of suppressions) this.#suppressions.put(suppression, now);
    });
  }

  unsuppress(key: AddressKey, account: AccountId | null): Promise<boolean> {
    return this.#write('unsuppress', (now) => this.#suppressions.remove(key, account, now));
  }

  suppressionsOf(request: Pick<RecipientRequest, 'key' | 'domain' | 'untaggedKey'>): Promise<readonly Suppression[]> {
    return this.#read('suppressionsOf', (now) => this.#suppressions.all(request, now));
  }

  suppressions(query: SuppressionQuery): Promise<Page<Suppression>> {
    return this.#read('suppressions', (now) => this.#suppressions.page(query, now));
  }

  revoke({ subscription, ...revocation }: NewRevocation): Promise<void> {
    return this.#write('revoke', (now) =>
      this.#revocations.put({ ...revocation, at: revocation.at ?? now }, subscription ?? null),
    );
  }

  subscriptionRevocationsOf(
    account: AccountId,
    keys: readonly AddressKey[],
  ): Promise<readonly (readonly SubscriptionRevocation[])[]> {
    return this.#read('subscriptionRevocationsOf', () => keys.map((key) => this.#revocations.ofParts(key, account)));
  }

  liftRevocation(key: AddressKey, account: AccountId): Promise<boolean> {
    return this.#write('liftRevocation', () => this.#revocations.remove(key, account));
  }

  recordOutcome(outcome: Outcome, policy: OutcomePolicy): Promise<void> {
    return this.#write('recordOutcome', (now) => this.#outcomes.record(outcome, policy, now));
  }

  rejectionsOf(key: AddressKey): Promise<readonly RejectionStreak[]> {
    return this.#read('rejectionsOf', (now) => this.#outcomes.all(key, now));
  }

  forgetRejections(key: AddressKey, account: AccountId | null): Promise<boolean> {
    return this.#write('forgetRejections', (now) => this.#outcomes.forget(key, account, now));
  }

  // --- what became of mail

  rememberPassed(message: PassedMessage, windowMs: number): Promise<void> {
    return this.#write('rememberPassed', (now) => {
      this.#messages.put(message, windowMs, now);
      this.#reputations.add(message.account, { mailed: message.recipients.length }, now, now);
    });
  }

  passedMessage(id: string): Promise<RememberedMessage | null> {
    return this.#read('passedMessage', (now) => this.#messages.of(id, now));
  }

  report(report: OutcomeReport, policyOf: (account: AccountId) => ReportPolicy): Promise<ReportAnswer> {
    return this.#write('report', (now) => this.#reports.report(report, policyOf, now));
  }

  outcomes(query: OutcomeQuery): Promise<Page<CountedOutcome>> {
    return this.#read('outcomes', () => this.#reports.page(query));
  }

  unmatched({ source, limit }: { readonly source?: ReportSource; readonly limit: number }) {
    return this.#read('unmatched', () => this.#reports.unmatched(source, limit));
  }

  reputationOf(account: AccountId): Promise<Reputation> {
    return this.#read('reputationOf', (now) => this.#reputations.of(account, now));
  }

  setReputationLevel(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): Promise<void> {
    return this.#write('setReputationLevel', () => this.#reputations.setLevel(account, measure, level));
  }

  takeTurn(source: string, holder: string, ttlMs: number): Promise<{ readonly position: string | null } | null> {
    return this.#write('takeTurn', (now) => this.#followers.take(source, holder, ttlMs, now));
  }

  keepPosition(source: string, holder: string, position: string): Promise<boolean> {
    return this.#write('keepPosition', () => this.#followers.keep(source, holder, position));
  }

  endTurn(source: string, holder: string): Promise<void> {
    return this.#write('endTurn', () => this.#followers.end(source, holder));
  }

  // --- consents

  recordConsents(consents: readonly NewConsent[]): Promise<void> {
    return this.#write('recordConsents', (now) => {
      for (const consent of consents) this.#consents.put({ ...consent, at: consent.at ?? now });
    });
  }

  withdrawConsent(key: AddressKey, account: AccountId): Promise<boolean> {
    return this.#write('withdrawConsent', () => this.#consents.remove(key, account));
  }

  consentsOf(account: AccountId, keys: readonly AddressKey[]): Promise<readonly (Consent | null)[]> {
    return this.#read('consentsOf', () => this.#consents.of(account, keys));
  }

  consents(query: ConsentQuery): Promise<Page<Consent>> {
    return this.#read('consents', () => this.#consents.list(query));
  }

  // --- audits

  openAudit(audit: NewAudit): Promise<AuditCase> {
    return this.#write('openAudit', (now) => this.#audits.open(audit, now));
  }

  auditOf(id: string): Promise<AuditCase | null> {
    return this.#read('auditOf', (now) => this.#audits.of(id, now));
  }

  answerAudit(id: string, answers: readonly NewAuditAnswer[]): Promise<AuditCase | null> {
    return this.#write('answerAudit', (now) => this.#audits.answer(id, answers, now));
  }

  noteAuditBounces(id: string, bounces: readonly NewAuditBounce[]): Promise<AuditCase | null> {
    return this.#write('noteAuditBounces', (now) => this.#audits.noteBounces(id, bounces, now));
  }

  closeAudit(id: string, verdict: Omit<AuditVerdict, 'at'>): Promise<AuditCase | null> {
    return this.#write('closeAudit', (now) => this.#audits.close(id, verdict, now));
  }

  audits(query: AuditQuery): Promise<Page<AuditCase>> {
    return this.#read('audits', (now) => this.#audits.page(query, now));
  }

  // --- notices

  queueNotices(notices: readonly NewNotice[]): Promise<{ readonly queued: number; readonly dropped: number }> {
    return this.#write('queueNotices', (now) => this.#notices.queue(notices, now));
  }

  takeNotices(query: { readonly limit: number; readonly ttlMs: number }): Promise<NoticeTurn | null> {
    return this.#write('takeNotices', (now) => this.#notices.take(query, now));
  }

  settleNotices(queue: NoticeQueue, told: readonly string[], againAfterMs: number): Promise<void> {
    return this.#write('settleNotices', (now) => this.#notices.settle(queue, told, againAfterMs, now));
  }

  waitingNotices(query: { readonly account?: AccountId; readonly limit: number }): Promise<readonly QueuedNotice[]> {
    return this.#read('waitingNotices', () => this.#notices.waiting(query));
  }

  // --- campaigns and domains

  sightCampaign(sighting: CampaignSighting): Promise<CampaignAnswer> {
    return this.#write('sightCampaign', (now) => this.#campaigns.sight(sighting, now));
  }

  decideCampaign(decision: CampaignDecision): Promise<Campaign | null> {
    return this.#write('decideCampaign', (now) => this.#campaigns.decide(decision, now));
  }

  campaigns(query: CampaignQuery): Promise<Page<Campaign>> {
    return this.#read('campaigns', (now) => this.#campaigns.page(query, now));
  }

  registerDomain(registration: DomainRegistration): Promise<RegisteredDomain> {
    return this.#write('registerDomain', (now) => this.#domains.register(registration, now));
  }

  removeDomain(account: AccountId, domain: string): Promise<boolean> {
    return this.#write('removeDomain', () => this.#domains.remove(account, domain));
  }

  registeredDomain(account: AccountId, domains: readonly string[]): Promise<RegisteredDomain | null> {
    return this.#read('registeredDomain', () => this.#domains.first(account, domains));
  }

  registeredDomains(query: {
    readonly account?: AccountId;
    readonly cursor?: string;
    readonly limit: number;
  }): Promise<Page<RegisteredDomain>> {
    return this.#read('registeredDomains', () => this.#domains.page(query));
  }

  recordDomainCheck(
    account: AccountId,
    domain: string,
    findings: Pick<DomainCheck, 'privacyPolicy' | 'complaintAddress'>,
  ): Promise<RegisteredDomain | null> {
    return this.#write('recordDomainCheck', (now) => this.#domains.recordCheck(account, domain, findings, now));
  }

  // --- decisions

  appendDecisions(decisions: readonly StoredDecision[], bounds: DecisionBounds): Promise<void> {
    return this.#write('appendDecisions', (now) => this.#decisions.append(decisions, bounds, now));
  }

  decisions(query: DecisionQuery): Promise<DecisionPage> {
    return this.#read('decisions', () => this.#decisions.page(query));
  }

  // --- looking

  look({ account, accountLimits, floodLimits, recipients, facts }: LookRequest): Promise<Sight> {
    return this.#read('look', (now) => {
      const contents = (subject: string, limits: readonly WindowLimit[]) =>
        limits.map((limit) => this.#windows.content(subject, limit, now));
      return {
        now,
        account: contents(ofAccount(account), accountLimits),
        recipients: recipients.map((one) => ({
          windows: [
            ...contents(ofAccountTo(account, one.key), floodLimits.account),
            ...contents(ofEveryoneTo(one.key), floodLimits.everyone),
          ],
          ...this.#factsOf(one, { account, facts }, now),
        })),
      };
    });
  }

  // --- operation

  async ping(): Promise<number> {
    const start = performance.now();
    await this.#database.touch('ping');
    return performance.now() - start;
  }

  close(): Promise<void> {
    return this.#database.close();
  }

  #write<T>(verb: keyof Store, work: (now: number) => T): Promise<T> {
    return this.#database.write(verb, () => {
      const now = this.#clock();
      const answer = work(now);
      this.#sweep.run(now);
      return answer;
    });
  }

  #read<T>(verb: keyof Store, work: (now: number) => T): Promise<T> {
    return this.#database.read(verb, () => work(this.#clock()));
  }

  #readWindows(subject: string, limits: readonly WindowLimit[], now: number): WindowUsage[] {
    const view = this.#windows.at(now);
    return limits.map((limit) => view.usage(subject, limit, 1));
  }

  #factsOf(recipient: RecipientRequest, { account, facts }: Pick<LookRequest, 'account' | 'facts'>, now: number) {
    return {
      suppression: facts.suppression ? this.#suppressions.closest(recipient, account, now) : null,
      revocation: facts.revocation ? this.#revocations.of(recipient.key, account) : null,
      rejections: facts.rejections ? this.#outcomes.of(recipient.key, account, now) : null,
    };
  }
}

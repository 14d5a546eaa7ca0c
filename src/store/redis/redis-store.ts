import { performance } from 'node:perf_hooks';
import { SCHEMA_VERSION, SchemaTooNew, type Store } from '../contract.js';
import { AccountHolds } from './account-holds.js';
import { AccountRecords } from './account-records.js';
import { AddressHolds } from './address-holds.js';
import { AuditRecords } from './audit-records.js';
import { CampaignRecords } from './campaign-records.js';
import { Charges } from './charges.js';
import { Commitment } from './commitment.js';
import { ConsentRecords } from './consent-records.js';
import { DecisionLog } from './decision-log.js';
import { DomainRecords } from './domain-records.js';
import { Followers } from './followers.js';
import { Keys } from './keys.js';
import { Link, type RedisReply } from './link.js';
import { Looks } from './looks.js';
import { Meters } from './meters.js';
import { NoticeQueues } from './notice-queues.js';
import type { RedisConnection, RedisStoreOptions } from './options.js';
import { PassedMessages } from './passed-messages.js';
import { RecipientCharges } from './recipient-charges.js';
import { RecipientHistory } from './recipient-history.js';
import { Reports } from './reports.js';
import { Reputations } from './reputations.js';
import { Reservation } from './reservation.js';
import { SuppressionRecords } from './suppression-records.js';

export type { RedisConnection, RedisStoreOptions } from './options.js';

export const DEFAULT_KEY_PREFIX = 'sluice:';

/**
 * A store on Redis 6.2 or later, or Valkey: a single server, one behind
 * Sentinel, or a cluster. Rejects with StoreUnavailable when it cannot be
 * reached within a few seconds, and with SchemaTooNew.
 */
export async function openRedisStore(options: RedisStoreOptions): Promise<Store> {
  const keys = new Keys(options.keyPrefix ?? DEFAULT_KEY_PREFIX);
  const link = new Link(options);
  try {
    await link.opened();
    await claimSchema(link, keys, options.connection);
  } catch (error) {
    await link.close();
    throw error;
  }
  return compose(link, keys, options);
}

function compose(link: Link, keys: Keys, options: RedisStoreOptions): Store {
  const { times } = options;
  const addressHolds = new AddressHolds(link, keys, times);
  const accountRecords = new AccountRecords(link, keys);
  const suppressionRecords = new SuppressionRecords(link, keys);
  const history = new RecipientHistory(link, keys);
  const passedMessages = new PassedMessages(link, keys);
  const reputations = new Reputations(link, keys);
  const reports = new Reports(link, keys, { passedMessages, reputations, suppressionRecords, history });
  const followers = new Followers(link, keys);
  const consentRecords = new ConsentRecords(link, keys);
  const auditRecords = new AuditRecords(link, keys);
  const noticeQueues = new NoticeQueues(link, keys);
  const campaignRecords = new CampaignRecords(link, keys);
  const domainRecords = new DomainRecords(link, keys);
  const meters = new Meters(link, keys, times);
  const decisionLog = new DecisionLog(link, keys);
  const accountHolds = new AccountHolds(link, keys, times);
  const reservation = new Reservation(link, accountHolds, addressHolds, suppressionRecords);
  const looks = new Looks(link, keys, addressHolds, suppressionRecords);
  const charges = new Charges(link, keys);
  const commitment = new Commitment(link, keys, addressHolds, charges, accountRecords);
  const recipientCharges = new RecipientCharges(link, {
    accounts: accountHolds,
    addresses: addressHolds,
    suppressions: suppressionRecords,
    charges,
    records: accountRecords,
  });
  return {
    reserve: (request) => reservation.reserve(request),
    renew: (held) => reservation.renew(held),
    giveBack: (request) => reservation.giveBack(request),
    commit: (request) => commitment.commit(request),
    chargeRecipient: (request) => recipientCharges.charge(request),
    refund: (charge) => charges.refund(charge),
    release: (held) => reservation.release(held),
    usage: (account, limits) => meters.usage(account, limits),
    charge: (subject, limits, amount) => meters.charge(subject, limits, amount),
    meters: (asked) => meters.meters(asked),
    openSession: (request) => meters.openSession(request),
    renewSessions: (sessions) => meters.renewSessions(sessions),
    closeSession: (session) => meters.closeSession(session),
    stateOf: (account) => accountRecords.stateOf(account),
    changeStanding: (change) => accountRecords.changeStanding(change),
    accounts: (query) => accountRecords.accounts(query),
    credentialOf: (username) => accountRecords.credentialOf(username),
    setCredential: (credential) => accountRecords.setCredential(credential),
    removeCredential: (username) => accountRecords.removeCredential(username),
    suppress: (suppressions) => suppressionRecords.suppress(suppressions),
    unsuppress: (key, account) => suppressionRecords.unsuppress(key, account),
    suppressionsOf: (request) => suppressionRecords.suppressionsOf(request),
    suppressions: (query) => suppressionRecords.suppressions(query),
    revoke: (revocation) => history.revoke(revocation),
    liftRevocation: (key, account) => history.liftRevocation(key, account),
    subscriptionRevocationsOf: (account, keys) => history.subscriptionRevocationsOf(account, keys),
    recordOutcome: (outcome, policy) => history.recordOutcome(outcome, policy),
    rejectionsOf: (key) => history.rejectionsOf(key),
    forgetRejections: (key, account) => history.forgetRejections(key, account),
    async rememberPassed(message, windowMs) {
      const counts = { mailed: message.recipients.length };
      await Promise.all([
        passedMessages.put(message, windowMs),
        reputations.add(message.account, `passed ${message.id}`, counts, null),
      ]);
    },
    passedMessage: (id) => passedMessages.find(id),
    report: (report, policyOf) => reports.report(report, policyOf),
    outcomes: (query) => reports.outcomes(query),
    unmatched: (query) => reports.unmatched(query),
    reputationOf: (account) => reputations.of(account),
    setReputationLevel: (account, measure, level) => reputations.setLevel(account, measure, level),
    takeTurn: (source, holder, ttlMs) => followers.take(source, holder, ttlMs),
    keepPosition: (source, holder, position) => followers.keep(source, holder, position),
    endTurn: (source, holder) => followers.end(source, holder),
    recordConsents: (recorded) => consentRecords.record(recorded),
    withdrawConsent: (key, account) => consentRecords.withdraw(key, account),
    consentsOf: (account, addresses) => consentRecords.of(account, addresses),
    consents: (query) => consentRecords.list(query),
    openAudit: (audit) => auditRecords.open(audit),
    auditOf: (id) => auditRecords.of(id),
    answerAudit: (id, answers) => auditRecords.answer(id, answers),
    noteAuditBounces: (id, bounces) => auditRecords.noteBounces(id, bounces),
    closeAudit: (id, verdict) => auditRecords.close(id, verdict),
    audits: (query) => auditRecords.page(query),
    queueNotices: (notices) => noticeQueues.queue(notices),
    takeNotices: (query) => noticeQueues.take(query),
    settleNotices: (queue, told, againAfterMs) => noticeQueues.settle(queue, told, againAfterMs),
    waitingNotices: (query) => noticeQueues.waiting(query),
    sightCampaign: (sighting) => campaignRecords.sight(sighting),
    decideCampaign: (decision) => campaignRecords.decide(decision),
    campaigns: (query) => campaignRecords.campaigns(query),
    registerDomain: (registration) => domainRecords.register(registration),
    removeDomain: (account, domain) => domainRecords.remove(account, domain),
    registeredDomain: (account, domains) => domainRecords.first(account, domains),
    registeredDomains: (query) => domainRecords.page(query),
    recordDomainCheck: (account, domain, findings) => domainRecords.recordCheck(account, domain, findings),
    appendDecisions: (decisions, bounds) => decisionLog.append(decisions, bounds),
    decisions: (query) => decisionLog.decisions(query),
    look: (request) => looks.look(request),
    async ping() {
      const before = performance.now();
      await checkWritable(link, keys, options.connection);
      return performance.now() - before;
    },
    close: () => link.close(),
  };
}

async function claimSchema(link: Link, keys: Keys, connection: RedisConnection): Promise<void> {
  // A store that is full, or a replica, can still be read: only an empty one is written to.
  if ((await link.command('open', 'GET', keys.schema)) === null) {
    await link.command('open', 'SET', keys.schema, SCHEMA_VERSION, 'NX');
  }
  assertKnown(await link.command('open', 'GET', keys.schema), connection);
}

/** `SET … NX` changes nothing, and is refused where a write would be: by a full Redis, by a replica. */
async function checkWritable(link: Link, keys: Keys, connection: RedisConnection): Promise<void> {
  const [, found] = await Promise.all([
    link.command('ping', 'SET', keys.schema, SCHEMA_VERSION, 'NX'),
    link.command('ping', 'GET', keys.schema),
  ]);
  assertKnown(found, connection);
}

/** @throws SchemaTooNew */
function assertKnown(found: RedisReply, connection: RedisConnection): void {
  const version = Number(found);
  if (version > SCHEMA_VERSION) throw new SchemaTooNew(version, describe(connection));
}

/** Where it is, without secrets. */
function describe(connection: RedisConnection): string {
  if ('url' in connection) return new URL(connection.url).host;
  if ('socketPath' in connection) return connection.socketPath;
  if ('host' in connection) return `${connection.host}:${connection.port}`;
  if ('sentinels' in connection) return `sentinel ${connection.name}`;
  return connection.cluster.map(({ host, port }) => `${host}:${port}`).join(', ');
}

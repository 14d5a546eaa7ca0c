import type { FollowerStore, PassedMessageStore, ReportStore, ReputationStore } from '../contract.js';
import type { Calls } from './calls.js';
import type { Followers } from './followers.js';
import type { PassedMessages } from './passed-messages.js';
import type { Reports } from './reports.js';
import type { Reputations } from './reputation.js';

interface FeedbackTables {
  readonly messages: PassedMessages;
  readonly reports: Reports;
  readonly reputations: Reputations;
  readonly followers: Followers;
}

/** What became of mail: what passed, what is reported of it, who follows the logs that tell, what it makes of accounts. */
export function feedbackVerbs(
  calls: Calls,
  { messages, reports, reputations, followers }: FeedbackTables,
): PassedMessageStore & ReportStore & ReputationStore & FollowerStore {
  return {
    rememberPassed: (message, windowMs) =>
      calls.write('rememberPassed', (now) => {
        messages.put(message, windowMs, now);
        reputations.add(message.account, { mailed: message.recipients.length }, now, now);
      }),
    passedMessage: (id) => calls.read('passedMessage', (now) => messages.of(id, now)),

    report: (report, policyOf) => calls.write('report', (now) => reports.report(report, policyOf, now)),
    outcomes: (query) => calls.read('outcomes', () => reports.page(query)),
    unmatched: ({ source, limit }) => calls.read('unmatched', () => reports.unmatched(source, limit)),

    reputationOf: (account) => calls.read('reputationOf', (now) => reputations.of(account, now)),
    setReputationLevel: (account, measure, level) =>
      calls.write('setReputationLevel', () => reputations.setLevel(account, measure, level)),

    takeTurn: (source, holder, ttlMs) => calls.write('takeTurn', (now) => followers.take(source, holder, ttlMs, now)),
    keepPosition: (source, holder, position) =>
      calls.write('keepPosition', () => followers.keep(source, holder, position)),
    endTurn: (source, holder) => calls.write('endTurn', () => followers.end(source, holder)),
  };
}

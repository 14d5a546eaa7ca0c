/**
 * The store in one SQLite file, for one machine: its worker processes share the
 * file, and the machine's clock is the store's.
 */

import type { Store, StoreTimes } from '../contract.js';
import { accountVerbs } from './account-verbs.js';
import { Accounts } from './accounts.js';
import { auditVerbs } from './audit-verbs.js';
import { Audits } from './audits.js';
import { Calls } from './calls.js';
import { campaignVerbs } from './campaign-verbs.js';
import { Campaigns } from './campaigns.js';
import { consentVerbs } from './consent-verbs.js';
import { Consents } from './consents.js';
import { Database } from './database.js';
import { decisionVerbs } from './decision-verbs.js';
import { Decisions } from './decisions.js';
import { domainVerbs } from './domain-verbs.js';
import { Domains } from './domains.js';
import { feedbackVerbs } from './feedback-verbs.js';
import { Followers } from './followers.js';
import { Leases } from './leases.js';
import { limitVerbs } from './limit-verbs.js';
import { lookingVerbs } from './looking-verbs.js';
import { meterVerbs } from './meter-verbs.js';
import { noticeVerbs } from './notice-verbs.js';
import { Notices } from './notices.js';
import { Outcomes } from './outcomes.js';
import { PassedMessages } from './passed-messages.js';
import { RecipientFacts } from './recipient-facts.js';
import { recipientVerbs } from './recipient-verbs.js';
import { Reports } from './reports.js';
import { Reputations } from './reputation.js';
import { Revocations } from './revocations.js';
import { Sessions } from './sessions.js';
import { Suppressions } from './suppressions.js';
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
  return compose(await Database.open(path, times.callTimeoutMs), times, clock ?? Date.now);
}

function compose(database: Database, times: StoreTimes, clock: () => number): Store {
  const calls = new Calls(database, clock);
  const windows = new Windows(database);
  const accounts = new Accounts(database);
  const suppressions = new Suppressions(database);
  const revocations = new Revocations(database);
  const outcomes = new Outcomes(database);
  const facts = new RecipientFacts(suppressions, revocations, outcomes);
  const messages = new PassedMessages(database);
  const reputations = new Reputations(database);
  const reports = new Reports(database, { messages, outcomes, suppressions, revocations, reputations });
  const followers = new Followers(database);
  return {
    ...limitVerbs(calls, { windows, leases: new Leases(database, times.reservationTtlMs), accounts, facts }),
    ...meterVerbs(calls, { windows, sessions: new Sessions(database, windows, times.sessionTtlMs) }),
    ...accountVerbs(calls, accounts),
    ...recipientVerbs(calls, { suppressions, revocations, outcomes }),
    ...feedbackVerbs(calls, { messages, reports, reputations, followers }),
    ...campaignVerbs(calls, new Campaigns(database)),
    ...domainVerbs(calls, new Domains(database)),
    ...consentVerbs(calls, new Consents(database)),
    ...auditVerbs(calls, new Audits(database)),
    ...noticeVerbs(calls, new Notices(database)),
    ...decisionVerbs(calls, new Decisions(database)),
    ...lookingVerbs(calls, { windows, facts }),
    async ping() {
      const before = performance.now();
      await database.touch('ping');
      return performance.now() - before;
    },
    close: () => database.close(),
  };
}

import { hostname as machineName } from 'node:os';
import type { Config } from '../config/schema.js';
import { answerLink } from '../feedback/evidence/answer-link.js';
import { Announcer } from '../notice/announcer.js';
import type { MailSettings } from '../notice/mail-carrier.js';
import type { NoticeWords } from '../notice/notice-text.js';
import type { WebhookTarget } from '../notice/webhook-carrier.js';
import { type Policies, resolvePolicies } from '../policy/effective.js';
import { recipientRevoked } from '../policy/rules/recipient-revoked.js';
import type { AccountId, NoticeChannel, Store } from '../store/contract.js';
import { policySettings } from './policy-context.js';

/** Whom one config tells, and how. */
export interface NoticeTargets {
  addressesOf(account: AccountId): readonly string[];
  webhookOf(account: AccountId): WebhookTarget | null;
  channelsOf(account: AccountId): readonly NoticeChannel[];
}

/** The account's own word, then its plan's, then everybody's: each way by itself. Nobody: the config has no `notices`. */
export function noticeTargets({ notices, accounts, plans }: Config): NoticeTargets {
  const targetsOf = (account: AccountId) => {
    if (notices === undefined) return [];
    const own = Object.hasOwn(accounts.list, account) ? accounts.list[account] : undefined;
    const plan = own?.plan ?? 'default';
    const ofPlan = Object.hasOwn(plans, plan) ? plans[plan]?.notices : undefined;
    return [own?.notices, ofPlan, notices.to];
  };
  const addressesOf = (account: AccountId) =>
    targetsOf(account).find((target) => target?.mail !== undefined)?.mail ?? [];
  const webhookOf = (account: AccountId) =>
    targetsOf(account).find((target) => target?.webhook !== undefined)?.webhook ?? null;
  return {
    addressesOf,
    webhookOf,
    channelsOf: (account) => [
      ...(addressesOf(account).length > 0 ? (['mail'] as const) : []),
      ...(webhookOf(account) === null ? [] : (['webhook'] as const)),
    ],
  };
}

export function noticeWords(config: Config, policies: Policies): NoticeWords {
  const { list } = config.accounts;
  const evidence = config.feedback?.http?.evidence;
  return {
    honourWithinMs: (account) => {
      const plan = (Object.hasOwn(list, account) ? list[account]?.plan : undefined) ?? 'default';
      return policies.policyOf(account, plan).parametersOf(recipientRevoked).honourWithin;
    },
    linkOf: (audit) => (evidence === undefined ? null : answerLink(audit, evidence)),
  };
}

export function mailSettings(
  { from, replyTo, reversePath }: NonNullable<Config['notices']>,
  hostname: string | undefined,
): MailSettings {
  return { from, replyTo: replyTo ?? null, reversePath, hostname: hostname ?? machineName() };
}

/** For commands: what they bring about is told by the service. */
export function announcerOf(config: Config, store: Pick<Store, 'queueNotices'>): Announcer {
  const targets = noticeTargets(config);
  return new Announcer({ store, channelsOf: targets.channelsOf, dropped: () => undefined, queued: () => undefined });
}

export function wordsOf(config: Config): NoticeWords {
  return noticeWords(config, resolvePolicies(policySettings(config)));
}

import type { Config } from '../config/schema.js';
import { linkUrl } from '../feedback/one-click/link-token.js';
import type { Policies } from '../policy/effective.js';
import type { BounceAddressSettings } from '../smtp/bounce-address.js';
import type { AccountId, ReportPolicy } from '../store/contract.js';
import type { FeedbackSettings } from '../transaction/context.js';

type Feedback = NonNullable<Config['feedback']>;

/** How reports are taken in by one config; null: it has no `feedback`. */
export function feedbackSettings(config: Config, policies: Policies): FeedbackSettings | null {
  const { feedback } = config;
  if (feedback === undefined) return null;
  return {
    policyOf: reportPolicies(config, feedback, policies),
    reversePath: bounceAddressSettings(feedback),
    addedLink: addedLink(feedback),
  };
}

function reportPolicies(config: Config, feedback: Feedback, policies: Policies): (account: AccountId) => ReportPolicy {
  const { complaints, reportWindow, keepOutcomes } = feedback;
  const { presumeDeliveredAfter, keep } = config.outcomes;
  const { list } = config.accounts;
  const common = {
    presumeDeliveredAfterMs: presumeDeliveredAfter,
    keepMs: keep,
    complaints,
    reportWindowMs: reportWindow,
    keptOutcomes: keepOutcomes,
  };
  return (account) => {
    const plan = (Object.hasOwn(list, account) ? list[account]?.plan : undefined) ?? 'default';
    const { streakScope, revocations } = policies.policyOf(account, plan);
    return { ...common, scope: streakScope, revocations: revocations.scope };
  };
}

function addedLink({ http }: Feedback): FeedbackSettings['addedLink'] {
  const oneClick = http?.oneClick;
  const secret = oneClick?.keys[0];
  if (oneClick === undefined || secret === undefined || !oneClick.addToBulk) return null;
  const { url, validFor } = oneClick;
  return (account, key, of) => linkUrl(url, { account, key, ...of, expiresAt: Date.now() + validFor }, secret);
}

function bounceAddressSettings({ reversePath }: Feedback): BounceAddressSettings | null {
  if (reversePath === undefined) return null;
  const { domain, localPart, keys, validFor } = reversePath;
  return { domain: domain.toLowerCase(), localPart, keys, validForMs: validFor };
}

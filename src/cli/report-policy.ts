import type { Config } from '../config/schema.js';
import { resolvePolicies } from '../policy/effective.js';
import { feedbackSettings } from '../service/feedback-settings.js';
import { policySettings } from '../service/policy-context.js';
import type { FeedbackSettings } from '../transaction/context.js';
import { EXIT, Failure } from './exit-codes.js';

/** How reports are taken in by this config; a config without `feedback` remembers no message that one could fit. */
export function feedbackOf(config: Config): FeedbackSettings {
  const settings = feedbackSettings(config, resolvePolicies(policySettings(config)));
  if (settings === null)
    throw new Failure(EXIT.config, 'the config has no `feedback`: nothing is known of passed mail');
  return settings;
}

import { peerMatcher } from '../account/cidr.js';
import type { Config } from '../config/schema.js';
import type { MilterListener, MilterSettings } from '../door/milter/settings.js';
import { type EffectivePolicy, resolvePolicies } from '../policy/effective.js';
import { policySettings } from './policy-context.js';

/** MTAs give up after 30 seconds or later (Postfix: `milter_command_timeout`). */
const PROGRESS_MS = 5_000;

export function milterSettings(config: Config): MilterSettings {
  const { refusedMessages, traceField, timeouts } = config.milter;
  return {
    content: config.milter.listen.length > 0 && anyPolicy(config, needsMessage) ? 'whole' : 'nothing',
    refusedMessages,
    traceField: traceField ?? null,
    addsFields: config.feedback?.http?.oneClick?.addToBulk ?? false,
    idleTimeoutMs: timeouts.idle,
    packetTimeoutMs: timeouts.packet,
    progressMs: PROGRESS_MS,
  };
}

export function milterListener({ name, address, mode, peers, maxConnections }: Config['milter']['listen'][number]) {
  return { name, address, mode: mode ?? null, isPeer: peerMatcher(peers), maxConnections } satisfies MilterListener;
}

/** Whether it is so for anybody: the MTA is asked before the account is known. */
function anyPolicy(config: Config, is: (policy: EffectivePolicy) => boolean): boolean {
  const policies = resolvePolicies(policySettings(config));
  if (is(policies.anonymous)) return true;
  // An account without settings of its own has its plan's.
  if (Object.keys(config.plans).some((plan) => is(policies.policyOf('', plan)))) return true;
  return Object.entries(config.accounts.list).some(
    ([id, { plan, mode, rules }]) =>
      (mode !== undefined || Object.keys(rules).length > 0) && is(policies.policyOf(id, plan)),
  );
}

/** A rule reads the message, or counts its octets. */
function needsMessage(policy: EffectivePolicy): boolean {
  if (policy.messageNeeds.size > 0) return true;
  return policy
    .limitsOf('account', null, Date.now())
    .some(({ resource }) => resource === 'bytes' || resource === 'self-bytes');
}

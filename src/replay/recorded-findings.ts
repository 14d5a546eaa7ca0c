/** What was known of a message, as another policy would take it. */

import type { Decision } from '../ledger/decision.js';
import { whyBulk } from '../policy/bulk.js';
import { CATALOGUE } from '../policy/catalogue.js';
import type { EffectivePolicy } from '../policy/engine.js';
import type { MessageFindings } from '../policy/message-facts.js';
import type { RuleId } from '../policy/rule.js';

/** Rules that want to know what nobody looked for then; they cannot be judged. */
export function unanswerable(decision: Decision, policy: EffectivePolicy): readonly RuleId[] {
  const known = new Set(decision.message === null ? [] : (decision.asked?.message ?? []));
  return CATALOGUE.flatMap((rule) => {
    const setting = policy.settings.get(rule.id);
    if (setting === undefined || setting.mode === 'off') return [];
    const needs = rule.messageNeeds?.(setting.parameters) ?? [];
    return needs.every((need) => known.has(need)) ? [] : [rule.id];
  });
}

/** The same policy without these rules. */
export function withoutRules(policy: EffectivePolicy, rules: readonly RuleId[]): EffectivePolicy {
  if (rules.length === 0) return policy;
  const settings = new Map(policy.settings);
  for (const rule of rules) {
    const setting = settings.get(rule);
    if (setting !== undefined) settings.set(rule, { ...setting, mode: 'off' });
  }
  return { ...policy, settings };
}

/** Keys of the recipients: those that the findings are about, in their order, and those who are left of them. */
export interface Addressed {
  readonly recorded: readonly string[];
  readonly left: ReadonlySet<string>;
}

/** Whether it counts as bulk is judged anew; which transactional stream it belongs to is as it was. */
export function findingsUnder(
  { message, reversePath }: Decision,
  policy: EffectivePolicy,
  { recorded, left }: Addressed,
): MessageFindings | null {
  if (message === null) return null;
  const { kind, bulk } = message;
  const { signs, stream, campaign } = bulk;
  const why = whyBulk({ kind, isNullReversePath: reversePath === '', signs, stream, campaign }, policy.bulk);
  return {
    ...message,
    bulk: { ...bulk, why },
    recipients: message.recipients.filter(({ key }) => left.has(key)),
    // They do not say whose they are.
    consents: message.consents.filter((_, index) => left.has(recorded[index] ?? '')),
    ...(message.subscriptionsLeft === undefined
      ? {}
      : { subscriptionsLeft: message.subscriptionsLeft.filter((_, index) => left.has(recorded[index] ?? '')) }),
  };
}

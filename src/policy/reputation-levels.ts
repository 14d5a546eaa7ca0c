import type { Reputation, ReputationLevel, ReputationMeasure } from '../store/contract.js';
import type { EffectivePolicy } from './effective.js';
import { levelOf } from './reputation-level.js';
import type { RuleId } from './rule.js';
import { asksForComplaints, providerRequirements } from './rules/provider-requirements.js';
import { reputationComplaints } from './rules/reputation-complaints.js';
import { reputationRejections } from './rules/reputation-rejections.js';

const JUDGES = [
  ['rejections', reputationRejections],
  ['complaints', reputationComplaints],
] as const;

/** Does any rule that is on ask for an account's reputation? */
export function asksForReputation(rules: EffectivePolicy): boolean {
  return rulesOnReputation(rules).length > 0;
}

/** Those that are on and go by it. */
export function rulesOnReputation(rules: EffectivePolicy): readonly RuleId[] {
  const shares = JUDGES.map(([, { id }]) => id).filter((id) => isOn(rules, id));
  const { id } = providerRequirements;
  const rates = isOn(rules, id) && asksForComplaints(rules.parametersOf(providerRequirements));
  return rates ? [...shares, id] : shares;
}

/** Levels that are others than the written ones: to be written, as the next judgement goes by them. */
export function changedLevels(
  reputation: Reputation,
  rules: EffectivePolicy,
): { readonly measure: ReputationMeasure; readonly level: ReputationLevel }[] {
  return JUDGES.filter(([, rule]) => isOn(rules, rule.id))
    .map(([measure, rule]) => ({ measure, level: levelOf(reputation, measure, rules.parametersOf(rule)) }))
    .filter(({ measure, level }) => level !== reputation.levels[measure]);
}

function isOn(rules: EffectivePolicy, id: RuleId): boolean {
  return (rules.settings.get(id)?.mode ?? 'off') !== 'off';
}

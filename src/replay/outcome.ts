/** What became of a recipient, or of a whole transaction, and by which rule. */

import type { RecordedObjection, RuleId, Verdict } from '../policy/rule.js';

export interface Outcome {
  readonly verdict: Verdict;
  /** The rule that the client heard; null: none objected. */
  readonly rule: RuleId | null;
  /** Rules that objected and were only observed. */
  readonly observed: readonly RuleId[];
}

export const PASSED: Outcome = { verdict: 'pass', rule: null, observed: [] };

/** The objection that the client heard: the most severe enforced one, the first among equals. */
export function heardOf(objections: readonly RecordedObjection[]): RecordedObjection | null {
  const enforced = objections.filter(({ mode }) => mode === 'enforce');
  return enforced.find(({ verdict }) => verdict === 'reject') ?? enforced[0] ?? null;
}

/** Of one who met these stages, the first refusal being the last word. */
export function outcomeOf(stages: readonly (readonly RecordedObjection[])[]): Outcome {
  const observed = new Set<RuleId>();
  for (const objections of stages) {
    for (const { rule, mode } of objections) if (mode === 'observe') observed.add(rule);
    const heard = heardOf(objections);
    if (heard !== null) return { verdict: heard.verdict, rule: heard.rule, observed: [...observed] };
  }
  return observed.size === 0 ? PASSED : { verdict: 'pass', rule: null, observed: [...observed] };
}

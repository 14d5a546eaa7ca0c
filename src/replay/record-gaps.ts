import type { Decision } from '../ledger/decision.js';
import type { EffectivePolicy } from '../policy/engine.js';
import { rulesOnReputation } from '../policy/reputation-levels.js';
import type { Need, RuleId } from '../policy/rule.js';
import type { Candidate } from './candidate.js';
import type { Gap } from './gap.js';

const NEEDED_BY: readonly (readonly [Need, RuleId])[] = [
  ['suppression', 'recipient.suppressed'],
  ['revocation', 'recipient.revoked'],
  ['rejections', 'recipient.rejections'],
];

/**
 * What the policy goes by and nobody asked for then, as far as that is seen
 * before anything is judged: a fact that was not asked for is recorded like one
 * that was asked for and is not so. Windows, and what rules want to know of the
 * message, show when they are looked for.
 */
export function recordGaps(
  decision: Decision,
  policy: EffectivePolicy,
  { feedback }: Pick<Candidate, 'feedback'>,
): readonly Gap[] {
  const { skipped, asked, recipients, reputation } = decision;
  const gaps: Gap[] = [];
  if (skipped) gaps.push({ kind: 'store-away' });
  if (asked === null) return [...gaps, { kind: 'old' }];
  if (feedback !== null && reputation === null) {
    for (const rule of rulesOnReputation(policy)) gaps.push({ kind: 'not-gathered', rule });
  }
  if (recipients.length === 0) return gaps;
  for (const [need, rule] of NEEDED_BY) {
    if (policy.needs.has(need) && !asked.facts.includes(need)) gaps.push({ kind: 'not-gathered', rule });
  }
  if (policy.needs.has('rejections') && asked.streakScope !== policy.streakScope) gaps.push({ kind: 'streak-scope' });
  if (policy.needs.has('suppression') && policy.matchSubaddress && !asked.matchSubaddress) {
    if (recipients.some(({ address }) => address.includes('+'))) gaps.push({ kind: 'subaddress' });
  }
  return gaps;
}

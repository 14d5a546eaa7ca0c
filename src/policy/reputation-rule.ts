import type { Reputation, ReputationMeasure } from '../store/contract.js';
import { levelOf, percent, type ReputationThresholds, shareOf, thresholdParameters } from './reputation-level.js';
import type { MailFacts, Objection, ReplyTemplate, Rule, RuleId } from './rule.js';

/** What tells the rules on shares of an account's mail apart. */
export interface ReputationRuleParts {
  readonly id: RuleId;
  readonly measure: ReputationMeasure;
  readonly defaults: Pick<ReputationThresholds, 'minVolume' | 'review' | 'stop'>;
  readonly summary: string;
  /** May speak of `{share}`, `{mailed}`, and `{rejected}` or `{complained}`. */
  readonly stopped: Pick<ReplyTemplate, 'text' | 'when' | 'remedy'>;
}

const COUNTED = { rejections: 'rejected', complaints: 'complained' } as const satisfies Record<
  ReputationMeasure,
  keyof Reputation
>;

/** Mail is deferred while the share is at `stop`, and until it has fallen well below. */
export function reputationRule({
  id,
  measure,
  defaults,
  summary,
  stopped,
}: ReputationRuleParts): Rule<ReputationThresholds> {
  return {
    id,
    summary,
    clause: {
      section: 'E-Mail Requirements',
      text: 'in a way that could be reasonably expected to adversely impact the SmartSource Network',
    },
    parameters: thresholdParameters(defaults),
    replies: { stopped: { code: 450, status: '4.7.0', ...stopped } },
    needs: [],
    exemptible: false,
    judge: { mail: ({ reputation }, thresholds) => judge(reputation, measure, thresholds) },
  };
}

function judge(
  reputation: MailFacts['reputation'],
  measure: ReputationMeasure,
  thresholds: ReputationThresholds,
): Objection | null {
  if (reputation === undefined || levelOf(reputation, measure, thresholds) !== 'stop') return null;
  const share = shareOf(reputation, measure);
  const counted = COUNTED[measure];
  return {
    situation: 'stopped',
    values: { share: percent(share), [counted]: reputation[counted], mailed: reputation.mailed },
    evidence: { share, ...reputation },
  };
}

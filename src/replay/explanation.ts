/** Why: each rule in order, what it saw, what it judged, and what the client heard or would hear. Pure. */

import type { Decision } from '../ledger/decision.js';
import { CATALOGUE } from '../policy/catalogue.js';
import type { EffectivePolicy } from '../policy/engine.js';
import type { FactsOf, Mode, RecordedObjection, Rule, RuleId, Stage, Verdict } from '../policy/rule.js';
import type { Candidate } from './candidate.js';
import { compare } from './difference.js';
import { type Gap, gapKey } from './gap.js';
import { heardOf } from './outcome.js';
import { AS_RECORDED } from './recollection.js';
import { type JudgedStage, recordedAt, replayTransaction } from './transaction-replay.js';
import { watch } from './watched-facts.js';

export interface RuleExplanation {
  readonly rule: RuleId;
  /** In the policy that it is explained by. */
  readonly mode: Mode;
  /** `exempt`: the rule is not for this recipient. */
  readonly judged: Verdict | 'exempt' | 'off';
  /** The facts that it looked at, by name. */
  readonly saw: Readonly<Record<string, unknown>>;
  readonly objection: RecordedObjection | null;
  /** What was recorded, if that was otherwise; undefined: nothing was, or the same. */
  readonly recorded?: RecordedObjection | null;
}

export interface StageExplanation {
  readonly stage: Stage;
  readonly recipient: string | null;
  readonly rules: readonly RuleExplanation[];
  /** What the client hears at this stage; null: nothing is objected. */
  readonly heard: string | null;
}

export interface Explanation {
  readonly stages: readonly StageExplanation[];
  /** Recipients that would fare otherwise by the policy that it is explained by; empty for mail judged by it. */
  readonly changed: ReturnType<typeof compare>;
  readonly gaps: readonly Gap[];
}

/** Objections to a session have no facts in the record: they are told as they are. */
export function explain(decision: Decision, candidate: Candidate): Explanation {
  const replayed = replayTransaction(decision, candidate, AS_RECORDED);
  if (replayed === null) return { stages: sessionStages(decision), changed: [], gaps: [] };
  const stages = replayed.stages.map((judged) => explainStage(judged, replayed.policy, recordedFor(decision, judged)));
  const changed = compare(decision, replayed).filter(
    ({ before, after }) => before.verdict !== after.verdict || before.rule !== after.rule,
  );
  return { stages, changed, gaps: distinct(replayed.gaps) };
}

function recordedFor(decision: Decision, judged: JudgedStage): readonly RecordedObjection[] {
  if (judged.stage !== 'recipient') return recordedAt(decision, judged.stage);
  const { spelling } = judged.facts.recipient;
  return decision.recipients.find(({ address }) => address === spelling)?.objections ?? [];
}

function explainStage(
  judged: JudgedStage,
  policy: EffectivePolicy,
  recorded: readonly RecordedObjection[],
): StageExplanation {
  const { stage, facts, judgement } = judged;
  return {
    stage,
    recipient: judged.stage === 'recipient' ? judged.facts.recipient.spelling : null,
    rules: CATALOGUE.filter((rule) => rule.judge[stage] !== undefined).map((rule) => {
      const objection = judgement.objections.find((one) => one.rule === rule.id) ?? null;
      return explainRule(rule, stage, facts, policy, objection, recorded.find((one) => one.rule === rule.id) ?? null);
    }),
    heard: judgement.heard?.reply ?? null,
  };
}

function explainRule(
  rule: Rule,
  stage: JudgedStage['stage'],
  facts: JudgedStage['facts'],
  policy: EffectivePolicy,
  objection: RecordedObjection | null,
  recorded: RecordedObjection | null,
): RuleExplanation {
  const setting = policy.settings.get(rule.id);
  const mode = setting?.mode ?? 'off';
  const isExempt = rule.exemptible && 'exempt' in facts && facts.exempt;
  const judged = mode === 'off' ? 'off' : isExempt ? 'exempt' : (objection?.verdict ?? 'pass');
  const said = objection?.verdict === recorded?.verdict && objection?.mode === recorded?.mode ? {} : { recorded };
  return {
    rule: rule.id,
    mode,
    judged,
    saw: mode === 'off' ? {} : isExempt ? { exempt: true } : sawOf(rule, stage, facts, setting?.parameters),
    objection,
    ...said,
  };
}

function sawOf(rule: Rule, stage: JudgedStage['stage'], facts: JudgedStage['facts'], parameters: unknown) {
  const { facts: watched, seen } = watch(facts);
  rule.judge[stage]?.(watched as FactsOf['recipient'] & FactsOf['message'], parameters);
  return Object.fromEntries([...seen].map(([name, value]) => [name, name === 'usage' ? ownOf(rule, value) : value]));
}

/** Of all windows, the rule's. */
function ownOf(rule: Rule, usage: unknown): unknown {
  return (usage as FactsOf['recipient']['usage']).filter(({ limit }) => limit.rule === rule.id);
}

function sessionStages({ stage, objections }: Decision): readonly StageExplanation[] {
  const rules = objections.map((objection): RuleExplanation => {
    const { rule, mode, verdict, evidence } = objection;
    return { rule, mode, judged: verdict, saw: evidence, objection };
  });
  return [{ stage, recipient: null, rules, heard: heardOf(objections)?.reply ?? null }];
}

function distinct(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [gapKey(gap), gap])).values()];
}

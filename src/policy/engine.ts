/**
 * Judging: the rules of one stage over facts that are already at hand. Pure, so
 * that doors, explanations, replays and tests all judge alike.
 */

import { isTransient, type Reply, toText } from '../smtp/reply.js';
import { CATALOGUE } from './catalogue.js';
import type { EffectivePolicy, RuleSetting } from './effective.js';
import type { FactsOf, Mode, Objection, RecordedObjection, Rule, Stage, Verdict } from './rule.js';
import { type ReplyWords, wordReply } from './wording.js';

export type { EffectivePolicy, RuleSetting } from './effective.js';
export type { ReplyWords } from './wording.js';

export interface Judgement {
  /** What becomes of it: the heard objection's verdict, or `pass`. */
  readonly verdict: Verdict;
  /** The objection that the client hears; null: none is enforced. */
  readonly heard: RecordedObjection | null;
  /** Null: pass. */
  readonly reply: Reply | null;
  /** All of them, observed ones too, in catalogue order. */
  readonly objections: readonly RecordedObjection[];
}

const PASS: Judgement = { verdict: 'pass', heard: null, reply: null, objections: [] };

/**
 * Every objection is recorded; the client hears the most severe enforced one
 * (reject before defer), the first in catalogue order among equals.
 */
export function judge<S extends Stage>(
  stage: S,
  facts: FactsOf[S],
  policy: EffectivePolicy,
  words: ReplyWords,
): Judgement {
  const objections: RecordedObjection[] = [];
  let heard: RecordedObjection | null = null;
  let reply: Reply | null = null;
  for (const { rule, judgeStage, setting } of judgesOf(policy.settings, stage)) {
    if (rule.exemptible && 'exempt' in facts && facts.exempt === true) continue;
    const objection = judgeStage(facts, setting.parameters);
    if (objection === null) continue;
    const said = wordObjection(rule, stage, objection, words);
    const verdict = isTransient(said) ? 'defer' : 'reject';
    const { situation, evidence } = objection;
    const recorded = {
      rule: rule.id,
      stage,
      mode: setting.mode,
      verdict,
      situation,
      reply: toText(said),
      evidence,
    } as const;
    objections.push(recorded);
    if (setting.mode === 'enforce' && (heard === null || (heard.verdict === 'defer' && verdict === 'reject'))) {
      heard = recorded;
      reply = said;
    }
  }
  return objections.length === 0 ? PASS : { verdict: heard?.verdict ?? 'pass', heard, reply, objections };
}

interface Judge<S extends Stage> {
  readonly rule: Rule;
  /** The rule's own for the stage. */
  readonly judgeStage: NonNullable<Rule['judge'][S]>;
  readonly setting: RuleSetting & { readonly mode: Exclude<Mode, 'off'> };
}

const known = new WeakMap<EffectivePolicy['settings'], { [S in Stage]?: readonly Judge<S>[] }>();

/** The rules that are on and have something to say at the stage, in catalogue order: looked for once, not at each RCPT. */
function judgesOf<S extends Stage>(settings: EffectivePolicy['settings'], stage: S): readonly Judge<S>[] {
  const stages: { [stage in S]?: readonly Judge<S>[] } = known.get(settings) ?? {};
  const before = stages[stage];
  if (before !== undefined) return before;
  const judges = CATALOGUE.flatMap((rule): Judge<S>[] => {
    const setting = settings.get(rule.id);
    const judgeStage = rule.judge[stage];
    if (setting === undefined || setting.mode === 'off' || judgeStage === undefined) return [];
    return [{ rule, judgeStage, setting: { mode: setting.mode, parameters: setting.parameters } }];
  });
  stages[stage] = judges;
  known.set(settings, stages);
  return judges;
}

function wordObjection(rule: Rule, stage: Stage, objection: Objection, words: ReplyWords): Reply {
  const template = rule.replies[objection.situation];
  if (template === undefined) throw new Error(`${rule.id} has no reply for ${objection.situation}`);
  return wordReply(rule.id, template, stage, objection, words);
}

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
  for (const { rule, setting } of judgesOf(policy.settings, stage)) {
    const objection = objectionOf(rule, stage, facts, setting.parameters);
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

interface Judge {
  readonly rule: Rule;
  readonly setting: RuleSetting & { readonly mode: Exclude<Mode, 'off'> };
}

const known = new WeakMap<EffectivePolicy['settings'], Map<Stage, readonly Judge[]>>();

/** The rules that are on and have something to say at the stage, in catalogue order: looked for once, not at each RCPT. */
function judgesOf(settings: EffectivePolicy['settings'], stage: Stage): readonly Judge[] {
  const stages = known.get(settings) ?? new Map<Stage, readonly Judge[]>();
  const before = stages.get(stage);
  if (before !== undefined) return before;
  const judges = CATALOGUE.flatMap((rule): Judge[] => {
    const setting = settings.get(rule.id);
    if (setting === undefined || setting.mode === 'off' || rule.judge[stage] === undefined) return [];
    return [{ rule, setting: { mode: setting.mode, parameters: setting.parameters } }];
  });
  known.set(settings, stages.set(stage, judges));
  return judges;
}

function objectionOf<S extends Stage>(rule: Rule, stage: S, facts: FactsOf[S], parameters: unknown): Objection | null {
  const judgeStage = rule.judge[stage];
  if (judgeStage === undefined) return null;
  if (rule.exemptible && 'exempt' in facts && facts.exempt === true) return null;
  return judgeStage(facts, parameters);
}

function wordObjection(rule: Rule, stage: Stage, objection: Objection, words: ReplyWords): Reply {
  const template = rule.replies[objection.situation];
  if (template === undefined) throw new Error(`${rule.id} has no reply for ${objection.situation}`);
  return wordReply(rule.id, template, stage, objection, words);
}

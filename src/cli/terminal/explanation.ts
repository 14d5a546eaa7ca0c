/** An explanation for a person, or as JSON. */

import type { Decision } from '../../ledger/decision.js';
import type { Verdict } from '../../policy/rule.js';
import type { Explanation, RuleExplanation, StageExplanation } from '../../replay/explanation.js';
import { gapInWords } from '../../replay/gap.js';
import { heardOf } from '../../replay/outcome.js';
import { factInWords } from './facts.js';
import { colours, instant, line, plain } from './output.js';

/** Of a message to hundreds, these recipients are shown; `--json` has all. */
const RECIPIENTS_SHOWN = 10;

export function explanationJson(decision: Decision, { stages, changed, gaps }: Explanation) {
  return {
    id: decision.id,
    at: decision.at,
    account: decision.account,
    plan: decision.plan,
    client: decision.client,
    listener: decision.listener,
    reversePath: decision.reversePath,
    size: decision.size,
    verdict: decision.verdict,
    ending: decision.ending,
    reply: decision.reply,
    recipients: decision.recipients.map(({ address, verdict, reply, by }) => ({ address, verdict, reply, by })),
    stages,
    changed,
    unanswered: gaps.map(gapInWords),
  };
}

export function showExplanation(decision: Decision, explanation: Explanation, kind: 'supposed' | 'recorded'): void {
  header(decision, kind);
  const shown = stagesShown(explanation.stages);
  for (const stage of shown) showStage(stage, decision, kind);
  const hidden = explanation.stages.length - shown.length;
  if (hidden > 0) line(`(and ${hidden} recipients more; --json has all)`);
  line();
  if (kind === 'recorded') recordedEnd(decision, explanation);
  else line(`${colours.bold('Verdict')}: ${verdictInColour(decision.verdict)}`);
  for (const gap of explanation.gaps) line(colours.dim(`Not known: ${gapInWords(gap)}`));
}

function header(decision: Decision, kind: 'supposed' | 'recorded'): void {
  const { id, at, account, plan, client, listener } = decision;
  const who = account === null ? 'no account' : `account ${account} (plan ${plan ?? '-'})`;
  const when = kind === 'recorded' ? `${instant(at)}  ${id}  ` : '';
  line(`${when}${colours.bold(plain(who))}, client ${plain(client)}, listener ${plain(listener)}`);
}

/** Refused ones first of all. */
function stagesShown(stages: readonly StageExplanation[]): readonly StageExplanation[] {
  const recipients = stages.filter(({ recipient }) => recipient !== null);
  if (recipients.length <= RECIPIENTS_SHOWN) return stages;
  const refused = recipients.filter(({ heard }) => heard !== null);
  const passed = recipients.filter(({ heard }) => heard === null);
  const chosen = new Set([...refused, ...passed].slice(0, RECIPIENTS_SHOWN));
  return stages.filter((stage) => stage.recipient === null || chosen.has(stage));
}

function showStage(stage: StageExplanation, decision: Decision, kind: 'supposed' | 'recorded'): void {
  line();
  line(colours.bold(title(stage, decision)));
  const width = Math.max(0, ...stage.rules.map(({ rule }) => rule.length));
  for (const rule of stage.rules.filter(({ judged, recorded }) => judged !== 'off' || recorded))
    showRule(rule, width, kind);
  const off = stage.rules.filter(({ judged, recorded }) => judged === 'off' && !recorded);
  if (off.length > 0) line(colours.dim(`  off     ${off.map(({ rule }) => rule).join(', ')}`));
  line(`  ${whoSaidWhat(stage, decision, kind)}`);
}

function title({ stage, recipient }: StageExplanation, { reversePath, size }: Decision): string {
  if (stage === 'mail') return `MAIL FROM:<${plain(reversePath ?? '')}>`;
  if (stage === 'recipient') return `RCPT TO:<${plain(recipient ?? '')}>`;
  return stage === 'message' ? `End of data (${size ?? 0} octets)` : `At ${stage}`;
}

function showRule(explained: RuleExplanation, width: number, kind: 'supposed' | 'recorded'): void {
  const { rule, judged, mode, saw } = explained;
  const then = 'recorded' in explained && kind === 'recorded' ? (explained.recorded?.verdict ?? 'pass') : judged;
  const facts = Object.entries(saw)
    .map(([name, value]) => factInWords(name, value))
    .filter((text) => text !== '');
  const observed = mode === 'observe' ? ' (observed)' : '';
  line(`  ${statusInColour(then)}  ${rule.padEnd(width)}  ${colours.dim(facts.join(' | '))}${observed}`.trimEnd());
  if (then !== judged) line(`          ${colours.yellow(`with this config: ${judged}`)}`);
}

function whoSaidWhat({ heard, recipient, stage }: StageExplanation, decision: Decision, kind: string): string {
  if (kind === 'supposed') return heard === null ? '-> goes on' : `-> ${plain(heard)}`;
  const recorded = recipient === null ? null : decision.recipients.find(({ address }) => address === recipient);
  if (recorded) return `-> ${plain(recorded.reply)}${recorded.by === 'relay' ? ' (the relay)' : ''}`;
  const said = heardOf(decision.objections.filter((one) => one.stage === stage))?.reply;
  return said === undefined ? '-> went on' : `-> ${plain(said)}`;
}

function recordedEnd(decision: Decision, { changed }: Explanation): void {
  const { verdict, ending, reply, by, queueId } = decision;
  const queued = queueId === null ? '' : `, queue id ${plain(queueId)}`;
  const last = reply === '' ? '' : `: ${plain(reply)}${by === 'relay' ? ' (the relay)' : ''}`;
  line(`${colours.bold('Verdict')}: ${verdictInColour(verdict)}, ${ending}${queued}${last}`);
  if (changed.length === 0) return;
  line(colours.yellow('With this config it would be otherwise:'));
  for (const { recipient, before, after } of changed.slice(0, RECIPIENTS_SHOWN)) {
    const by = (rule: string | null) => (rule === null ? '' : ` by ${rule}`);
    const whom = recipient === null ? 'the whole' : plain(recipient);
    line(`  ${whom}: ${before.verdict}${by(before.rule)} -> ${after.verdict}${by(after.rule)}`);
  }
  if (changed.length > RECIPIENTS_SHOWN) line(`  and ${changed.length - RECIPIENTS_SHOWN} more`);
}

const WIDEST_STATUS = 'exempt'.length;

function statusInColour(judged: RuleExplanation['judged']): string {
  const padded = judged.padEnd(WIDEST_STATUS);
  if (judged === 'reject') return colours.red(padded);
  if (judged === 'defer') return colours.yellow(padded);
  return judged === 'pass' ? colours.green(padded) : colours.dim(padded);
}

function verdictInColour(verdict: Verdict): string {
  return statusInColour(verdict).trimEnd();
}

/** Arguments and options of the commands on audits, and how a case is shown. */

import { type Command, InvalidArgumentError } from 'commander';
import { isAuditId } from '../audit/audit-id.js';
import type { AuditCase, AuditedAddress, AuditState } from '../store/contract.js';
import { type ConfigOption, currentUser, type JsonOption } from './common-options.js';
import { evidenceLines } from './terminal/evidence.js';
import { colours, instant, line, plain } from './terminal/output.js';

export interface OpeningOptions extends ConfigOption, JsonOption {
  readonly note: string;
  readonly by: string;
}

/** Who does it, and what is kept beside it. */
export function withAuthor(command: Command): Command {
  return command
    .option('-n, --note <text>', 'what a colleague should know', '')
    .option('--by <name>', 'who decided it', currentUser());
}

export function auditArgument(text: string): string {
  if (!isAuditId(text)) throw new InvalidArgumentError('Not a case: `sluice audit list` shows them.');
  return text;
}

export function stateInColour(state: AuditState): string {
  if (state === 'violation' || state === 'missed') return colours.red(state);
  return state === 'open' ? colours.yellow(state) : colours.green(state);
}

export function answeredOf({ addresses }: AuditCase): string {
  const bounced = addresses.filter(hasOnlyBounced).length;
  const answered = `${addresses.filter(({ answer }) => answer !== null).length}/${addresses.length}`;
  return bounced === 0 ? answered : `${answered}, ${bounced} bounced`;
}

export function showAudit(audit: AuditCase): void {
  const { id, account, kind, state, openedAt, dueAt, by, note, sample, addresses, verdict } = audit;
  line(`${colours.bold(id)}  ${kind} of ${account}: ${stateInColour(state)}`);
  line(`opened:    ${instant(openedAt)}, by ${plain(by)}${note === '' ? '' : `: ${plain(note)}`}`);
  line(`due:       ${instant(dueAt)}`);
  line(`answered:  ${answeredOf(audit)}`);
  if (sample !== null) {
    const { seed, since, until, outOf } = sample;
    line(`sample:    seed ${plain(seed)}, of ${outOf} recipients, ${instant(since)} to ${instant(until)}`);
  }
  if (verdict !== null) {
    const remark = verdict.note === '' ? '' : `: ${plain(verdict.note)}`;
    line(`decided:   ${verdict.result}, ${instant(verdict.at)}, by ${plain(verdict.by)}${remark}`);
  }
  for (const address of addresses) showAddress(address, dueAt);
}

function hasOnlyBounced({ answer, bounced }: AuditedAddress): boolean {
  return answer === null && bounced !== undefined;
}

function showAddress({ key, answer, bounced }: AuditedAddress, dueAt: number): void {
  if (bounced !== undefined) {
    const said = bounced.note === '' ? '' : `: ${plain(bounced.note)}`;
    line(`${plain(key)}  ${colours.red('bounced')} ${instant(bounced.at)}${said}`);
  } else if (answer === null) line(`${plain(key)}  ${colours.yellow('no answer')}`);
  if (answer === null) return;
  const { at, by, consent, note } = answer;
  const late = at > dueAt ? colours.red(' (late)') : '';
  line(`${plain(key)}  answered ${instant(at)}, by ${plain(by)}${late}${note === '' ? '' : `: ${plain(note)}`}`);
  if (consent === null) return;
  if (consent.at !== null) line(`  ${'given'.padEnd(10)}${instant(consent.at)}`);
  for (const text of evidenceLines(consent)) line(text);
}

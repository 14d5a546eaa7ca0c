/** A decision in one line: when, whose, what became of it, from whom to whom, why. */

import { objectionsOf } from '../../ledger/codec.js';
import type { Decision } from '../../ledger/decision.js';
import { colours, instant, plain } from './output.js';

export function decisionLine(decision: Decision): string {
  const fields = [
    instant(decision.at),
    decision.id,
    decision.account ?? '-',
    verdictInColour(decision),
    envelope(decision),
    rules(decision),
    colours.dim(plain(whatWasSaid(decision))),
  ];
  return fields.filter((field) => field !== '').join('  ');
}

/** A client that goes away after a refused recipient has heard that refusal last. */
function whatWasSaid({ reply, recipients }: Decision): string {
  if (reply !== '') return reply;
  return (recipients.findLast(({ verdict }) => verdict !== 'pass') ?? recipients.at(-1))?.reply ?? '';
}

function verdictInColour({ verdict }: Decision): string {
  const padded = verdict.padEnd(6);
  if (verdict === 'pass') return colours.green(padded);
  return verdict === 'defer' ? colours.yellow(padded) : colours.red(padded);
}

function envelope({ stage, reversePath, recipients }: Decision): string {
  if (reversePath === null) return `(${stage})`;
  const [first] = recipients;
  const to = first === undefined ? '-' : plain(first.address);
  const others = recipients.length > 1 ? ` and ${recipients.length - 1} more` : '';
  return `<${plain(reversePath)}> -> ${to}${others}`;
}

function rules(decision: Decision): string {
  const seen = new Set(
    objectionsOf(decision).map(({ rule, mode }) => (mode === 'observe' ? `${rule} (observed)` : rule)),
  );
  return seen.size === 0 ? '' : `[${[...seen].join(', ')}]`;
}

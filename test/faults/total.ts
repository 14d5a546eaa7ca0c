/** What several rounds of a soak come to. */

import type { RunReport } from './run.js';

export interface Total {
  readonly rounds: number;
  readonly seconds: number;
  readonly messages: number;
  readonly settled: number;
  readonly attempts: number;
  readonly acceptances: number;
  readonly faults: number;
  readonly lost: number;
  /** Heard 5xx, and the relay has it. */
  readonly refusedAndRelayed: number;
  readonly overLimit: number;
  readonly hanging: number;
  /** (message, recipient) pairs delivered twice, each explained by what was lost. */
  readonly duplicated: number;
  /** Lines of reports that say that something is broken. */
  readonly broken: number;
}

const NOTHING: Total = {
  rounds: 0,
  seconds: 0,
  messages: 0,
  settled: 0,
  attempts: 0,
  acceptances: 0,
  faults: 0,
  lost: 0,
  refusedAndRelayed: 0,
  overLimit: 0,
  hanging: 0,
  duplicated: 0,
  broken: 0,
};

export function sumOf(parts: readonly (Total | RunReport)[]): Total {
  return parts.map((part) => ('rounds' in part ? part : totalOf(part))).reduce(plus, NOTHING);
}

export function describeTotal(total: Total): string[] {
  const rate = Math.round(total.messages / Math.max(1, total.seconds));
  return [
    `== ${total.rounds} rounds, ${total.seconds} s: ${total.messages} messages (${rate} a second with the time of peace), settled ${total.settled}, attempts ${total.attempts}, accepted by the relay ${total.acceptances}, faults ${total.faults}`,
    `== lost ${total.lost}, refused and yet at the relay ${total.refusedAndRelayed}, over limit ${total.overLimit}, hanging ${total.hanging}, duplicated ${total.duplicated}, broken ${total.broken}`,
  ];
}

function totalOf(report: RunReport): Total {
  const { findings } = report;
  const countOf = (kind: string) => findings.broken.get(kind)?.length ?? 0;
  return {
    rounds: 1,
    seconds: report.seconds,
    messages: report.sent,
    settled: report.settled,
    attempts: findings.attempts,
    acceptances: findings.acceptances,
    faults: Object.values(report.faults).reduce((sum, count) => sum + count, 0),
    lost: countOf('lost'),
    refusedAndRelayed: countOf('refused, and at the relay'),
    overLimit: report.overLimit.length,
    hanging: report.hangs.length,
    duplicated: findings.duplicated,
    broken: report.broken.length,
  };
}

function plus(one: Total, other: Total): Total {
  const keys = Object.keys(one) as (keyof Total)[];
  return Object.fromEntries(keys.map((key) => [key, one[key] + other[key]])) as unknown as Total;
}

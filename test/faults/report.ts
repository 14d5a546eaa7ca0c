/** A run's result in lines that a person can read and compare. */

import type { RunReport } from './run.js';

export function describeRun(report: RunReport): string[] {
  const { settings, findings, faults, accounts } = report;
  const { unheard } = findings;
  const countOf = (kind: string) => findings.broken.get(kind)?.length ?? 0;
  const total = Object.values(faults).reduce((sum, count) => sum + count, 0);
  return [
    `store ${settings.store}, seed ${settings.seed}: ${settings.instances} instances × ${settings.workers} workers, ${settings.clients} clients, ${report.seconds} s`,
    `messages ${report.sent}, settled ${report.settled}; attempts ${findings.attempts}, accepted by the relay ${findings.acceptances}`,
    `lost ${countOf('lost')}, refused and yet at the relay ${countOf('refused, and at the relay')}, over limit ${report.overLimit.length}, hanging ${report.hangs.length}; connections left ungreeted by a killed worker ${report.ungreeted}`,
    `duplicated ${findings.duplicated} (message, recipient) pairs; accepted attempts whose client heard no 250: relay's reply lost ${unheard.relayLeg}, client's connection lost ${unheard.clientLeg}, Sluice killed ${unheard.killed}`,
    `decisions 'unknown' ${findings.unknown}, of these not at the relay ${findings.unknownNotAtRelay}; decisions lost with killed processes ${findings.decisionsLost}, written twice ${findings.decisionsTwice}`,
    ...accounts.map(
      (each, index) =>
        `${each.account} ${index % 2 === 0 ? 'recipients' : 'messages'}: charged ${each.charged} = ${each.atRelay} at the relay + ${each.unknown} unknown + ${each.charged - each.atRelay - each.unknown} of at most ${each.perhaps} killed after the charge or with the store away`,
    ),
    `longest wait for a reply ${report.longestWaitMs} ms (${report.longestWaitFor}); when idle: ${report.footprints.map(({ residentOctets, descriptors }) => `${Math.round(residentOctets / 1024 / 1024)} MB ${descriptors} fds`).join(', ')}`,
    `faults ${total}: ${sorted(faults)}`,
    `log: ${sorted(report.logLines)}`,
    ...(report.broken.length === 0 ? ['nothing is broken'] : report.broken.map((line) => `BROKEN ${line}`)),
  ];
}

function sorted(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([, one], [, other]) => other - one)
    .map(([kind, count]) => `${kind} ${count}`)
    .join(', ');
}

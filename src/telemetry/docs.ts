/** docs/logs.md and docs/metrics.md, written from the tables that the program itself uses. */

import { TRANSACTION_FIELDS } from './log-fields.js';
import { METRICS, type MetricEntry } from './metric-table.js';

/** Text of docs/logs.md. */
export function logFieldsPage(): string {
  const rows = TRANSACTION_FIELDS.map(({ name, type, meaning }) => `| \`${name}\` | ${type} | ${meaning} |`);
  return `${[
    '# Log fields',
    '',
    'Sluice writes one JSON object a line on standard output. Every line has `level`, `time` (UTC, ISO 8601) and `msg`.',
    'Each transaction (and each session or AUTH that was refused) gives one line with `event: "transaction"` and the fields',
    'below. Names and meanings are stable. With `log.redactAddresses` the local part of every address is a short hash, the',
    'same for the same mailbox: `~3f9a0c1b2d4e@example.com`.',
    '',
    '| field | type | meaning |',
    '| --- | --- | --- |',
    ...rows,
    '',
    'A client that is cut off before any rule judged it (too slow, too many errors, no valid PROXY header or TLS handshake)',
    'gives one line with `event: "cut-off"`, `session`, `listener`, `client` and `reason`: the reply that it heard, or what',
    'was wrong where it could be told nothing. A transaction that this ends has its own line, with `ending: "aborted"`.',
  ].join('\n')}\n`;
}

/** Text of docs/metrics.md. */
export function metricsPage(): string {
  const entries: readonly MetricEntry[] = Object.values(METRICS);
  const rows = entries.map(
    ({ name, kind, help, labels }) => `| \`${name}\` | ${kind} | ${labelsCell(labels)} | ${help} |`,
  );
  return `${[
    '# Metrics',
    '',
    'Served at `/metrics` in the Prometheus text format. Labels are never addresses or accounts. With several workers the',
    "primary process serves the sum of all workers' metrics. The usual `process_*` and `nodejs_*` metrics are there too.",
    '',
    '| metric | kind | labels | meaning |',
    '| --- | --- | --- | --- |',
    ...rows,
  ].join('\n')}\n`;
}

function labelsCell(labels: MetricEntry['labels']): string {
  return Object.entries(labels)
    .map(([name, values]) => `\`${name}\`: ${values}`)
    .join('; ');
}

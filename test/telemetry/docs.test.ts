import t from 'tap';
import { logFieldsPage, metricsPage } from '../../src/telemetry/docs.js';
import { TRANSACTION_FIELDS } from '../../src/telemetry/log-fields.js';
import { METRICS } from '../../src/telemetry/metric-table.js';

t.test('every field has a row, each with three cells', async (t) => {
  const rows = logFieldsPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  t.equal(rows.length, TRANSACTION_FIELDS.length);
  for (const row of rows) t.equal(row.split(' | ').length, 3, row);
});

t.test('every metric has a row, each with four cells', async (t) => {
  const rows = metricsPage()
    .split('\n')
    .filter((line) => line.startsWith('| `'));
  t.equal(rows.length, Object.keys(METRICS).length);
  for (const row of rows) t.equal(row.slice(2, -2).split('|').length, 4, row);
});

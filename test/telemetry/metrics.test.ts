import t from 'tap';
import { LATENCY_BUCKETS, METRICS } from '../../src/telemetry/metric-table.js';
import { collectAll, createMetrics, type Metrics, type MetricsSnapshot } from '../../src/telemetry/metrics.js';
import { objectedDecision, sampleDecision } from './sample-decision.js';

function seriesOf(text: string, series: string): number | null {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? null : Number(line.slice(series.length + 1));
}

async function textOf(metrics: Metrics): Promise<string> {
  return collectAll([await metrics.snapshot()]);
}

t.test('a decision counts once for the transaction, once for each recipient and objection', async (t) => {
  const metrics = createMetrics({ version: '1.2.3' });
  metrics.transaction(sampleDecision());
  metrics.transaction(objectedDecision({ verdict: 'reject', ending: 'refused' }));
  metrics.transaction(sampleDecision({ plan: null, ending: 'aborted', size: 99 }));
  const text = await textOf(metrics);
  t.equal(seriesOf(text, 'sluice_transactions_total{verdict="pass",ending="accepted",plan="small"}'), 1);
  t.equal(seriesOf(text, 'sluice_transactions_total{verdict="reject",ending="refused",plan="small"}'), 1);
  t.equal(seriesOf(text, 'sluice_transactions_total{verdict="pass",ending="aborted",plan="none"}'), 1);
  t.equal(seriesOf(text, 'sluice_recipients_total{verdict="pass",plan="small"}'), 2);
  t.equal(seriesOf(text, 'sluice_recipients_total{verdict="reject",plan="small"}'), 1);
  t.equal(
    seriesOf(text, 'sluice_objections_total{rule="recipient.suppressed",mode="enforce",verdict="reject",plan="small"}'),
    1,
  );
  t.equal(
    seriesOf(text, 'sluice_objections_total{rule="volume.recipients",mode="observe",verdict="defer",plan="small"}'),
    1,
  );
  t.equal(seriesOf(text, 'sluice_messages_bytes_total{plan="small"}'), 1234, 'only accepted messages');
  t.equal(seriesOf(text, `sluice_build_info{version="1.2.3",node="${process.version}"}`), 1);
});

t.test('no label carries an address or an account', async (t) => {
  const metrics = createMetrics({ version: '1' });
  metrics.transaction(objectedDecision());
  const text = await textOf(metrics);
  t.notMatch(text, /@|acme/);
});

t.test('sessions, replies, latencies, pool', async (t) => {
  const metrics = createMetrics({ version: '1' });
  metrics.sessionOpened('mx');
  metrics.sessionOpened('mx');
  metrics.sessionClosed('mx');
  metrics.reply(450, 'sluice');
  metrics.timeStore('reserve', 3);
  metrics.timeRelay('recipients', 20);
  metrics.storeFailed('commit');
  metrics.relayFailed('connect');
  metrics.decisionsDropped(7);
  metrics.configReloaded('refused');
  let open = 3;
  metrics.watchRelayPool({
    get usage() {
      return { open, idle: 1, waiting: 0, limit: 10 };
    },
  });
  open = 5;
  const text = await textOf(metrics);
  t.equal(seriesOf(text, 'sluice_sessions{listener="mx"}'), 1);
  t.equal(seriesOf(text, 'sluice_sessions_opened_total{listener="mx"}'), 2);
  t.equal(seriesOf(text, 'sluice_replies_total{code="450",by="sluice"}'), 1);
  t.equal(seriesOf(text, 'sluice_store_seconds_bucket{le="0.0025",verb="reserve"}'), 0);
  t.equal(seriesOf(text, 'sluice_store_seconds_bucket{le="0.005",verb="reserve"}'), 1);
  t.equal(seriesOf(text, 'sluice_relay_seconds_count{stage="recipients"}'), 1);
  t.equal(seriesOf(text, 'sluice_store_failures_total{verb="commit"}'), 1);
  t.equal(seriesOf(text, 'sluice_relay_failures_total{stage="connect"}'), 1);
  t.equal(seriesOf(text, 'sluice_relay_pool{state="open"}'), 5, 'as it is at the scrape');
  t.equal(seriesOf(text, 'sluice_decisions_dropped_total'), 7);
  t.equal(seriesOf(text, 'sluice_config_reloads_total{outcome="refused"}'), 1);
});

t.test('a histogram: each bucket with those below it, values on a bound and above the last one', async (t) => {
  const metrics = createMetrics({ version: '1' });
  for (const ms of [0, 0.25, 0.26, 60_000, 60_001]) metrics.timeStore('reserve', ms);
  const text = await textOf(metrics);
  const lines = text.split('\n').filter((line) => line.startsWith('sluice_store_seconds'));
  t.equal(lines.length, LATENCY_BUCKETS.length + 3, 'a verb that nobody called is not there');
  const buckets = lines.slice(0, -2).map((line) => line.slice('sluice_store_seconds_bucket'.length));
  t.equal(buckets[0], '{le="0.00025",verb="reserve"} 2');
  t.equal(buckets[1], '{le="0.0005",verb="reserve"} 3');
  t.equal(buckets.at(-2), '{le="60",verb="reserve"} 4');
  t.equal(buckets.at(-1), '{le="+Inf",verb="reserve"} 5');
  t.ok(Math.abs((seriesOf(text, 'sluice_store_seconds_sum{verb="reserve"}') ?? 0) - 120.001_51) < 1e-9);
  t.equal(seriesOf(text, 'sluice_store_seconds_count{verb="reserve"}'), 5);
});

t.test('what has no labels is there from the start', async (t) => {
  const text = await textOf(createMetrics({ version: '1' }));
  t.equal(seriesOf(text, 'sluice_decisions_dropped_total'), 0);
});

t.test("workers' snapshots add up after their way through IPC", async (t) => {
  const workers = [createMetrics({ version: '1' }), createMetrics({ version: '1' })];
  for (const worker of workers) {
    worker.sessionOpened('mx');
    worker.timeStore('reserve', 2);
    worker.transaction(sampleDecision());
  }
  const snapshots = await Promise.all(
    workers.map(async (worker) => JSON.parse(JSON.stringify(await worker.snapshot())) as MetricsSnapshot),
  );
  const text = await collectAll(snapshots);
  t.equal(seriesOf(text, 'sluice_sessions{listener="mx"}'), 2);
  t.equal(seriesOf(text, 'sluice_store_seconds_count{verb="reserve"}'), 2);
  t.equal(seriesOf(text, `sluice_build_info{version="1",node="${process.version}"}`), 1);
  t.equal(seriesOf(text, 'sluice_transactions_total{verdict="pass",ending="accepted",plan="small"}'), 2);
});

t.test('every metric of the table exists, and no other of ours', async (t) => {
  const text = await textOf(createMetrics({ version: '1' }));
  const found = [...text.matchAll(/^# TYPE (sluice_\S+) (\S+)$/gm)].map(([, name, kind]) => `${name} ${kind}`);
  t.same(
    found.sort(),
    Object.values(METRICS)
      .map(({ name, kind }) => `${name} ${kind}`)
      .sort(),
  );
});

/**
 * Counting, in Prometheus' terms. A process alone serves `collect()`; worker
 * processes send their `snapshot()` to the primary, which serves
 * `collectAll(snapshots)`.
 */

import {
  AggregatorRegistry,
  Counter,
  collectDefaultMetrics,
  Gauge,
  Histogram,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import type { Decision } from '../ledger/decision.js';
import type { RelayPool } from '../relay/contract.js';
import { LATENCY_BUCKETS, METRICS, type MetricEntry } from './metric-table.js';

/** A process' metrics as plain JSON, to send from a worker to the primary. */
export type MetricsSnapshot = readonly MetricObjectWithValues<MetricValue<string>>[];

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

export type RelayStage = 'acquire' | 'connect' | 'mail' | 'recipients' | 'data' | 'final-dot';

export interface Metrics {
  transaction(decision: Decision): void;
  /** A reply that a client heard. */
  reply(code: number, by: 'sluice' | 'relay'): void;
  sessionOpened(listener: string): void;
  sessionClosed(listener: string): void;
  timeRelay(stage: RelayStage, ms: number): void;
  relayFailed(stage: 'connect' | 'envelope' | 'data' | 'final-dot'): void;
  /** The pool is asked at each scrape. */
  watchRelayPool(pool: Pick<RelayPool, 'usage'>): void;
  timeStore(verb: string, ms: number): void;
  storeFailed(verb: string): void;
  decisionsDropped(count: number): void;
  reported(source: string, kind: string, result: string): void;
  notified(channel: string, outcome: 'told' | 'failed' | 'given-up', count: number): void;
  configReloaded(outcome: 'applied' | 'refused'): void;
  /** This process' metrics in Prometheus' text format. */
  collect(): Promise<string>;
  snapshot(): Promise<MetricsSnapshot>;
}

/** Gauges of the library with a counter's name, which checkers of the format complain about; their parts by type stay. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createMetrics(build: { readonly version: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);
  let pool: Pick<RelayPool, 'usage'> | null = null;

  const counter = <L extends string>(entry: MetricEntry<L>) =>
    new Counter({ ...described(entry), registers: [registry] });
  const gauge = <L extends string>(entry: MetricEntry<L>) => new Gauge({ ...described(entry), registers: [registry] });
  const histogram = <L extends string>(entry: MetricEntry<L>) =>
    new Histogram({ ...described(entry), buckets: [...LATENCY_BUCKETS], registers: [registry] });

  const transactions = counter(METRICS.transactions);
  const objections = counter(METRICS.objections);
  const recipients = counter(METRICS.recipients);
  const bytes = counter(METRICS.bytes);
  const replies = counter(METRICS.replies);
  const sessions = gauge(METRICS.sessions);
  const sessionsOpened = counter(METRICS.sessionsOpened);
  const relay = histogram(METRICS.relay);
  const relayFailures = counter(METRICS.relayFailures);
  const store = histogram(METRICS.store);
  const storeFailures = counter(METRICS.storeFailures);
  const dropped = counter(METRICS.decisionsDropped);
  const reports = counter(METRICS.reports);
  const notices = counter(METRICS.notices);
  const reloads = counter(METRICS.reloads);
  gauge(METRICS.build).set({ version: build.version, node: process.version }, 1);
  new Gauge({
    ...described(METRICS.relayPool),
    registers: [registry],
    collect() {
      if (pool === null) return;
      for (const state of ['open', 'idle', 'waiting', 'limit'] as const) this.set({ state }, pool.usage[state]);
    },
  });

  function countTransaction(decision: Decision): void {
    const { verdict, ending } = decision;
    const plan = decision.plan ?? 'none';
    transactions.inc({ verdict, ending, plan });
    for (const { rule, mode, verdict } of decision.objections) objections.inc({ rule, mode, verdict, plan });
    for (const recipient of decision.recipients) {
      recipients.inc({ verdict: recipient.verdict, plan });
      for (const { rule, mode, verdict } of recipient.objections) objections.inc({ rule, mode, verdict, plan });
    }
    if ((ending === 'accepted' || ending === 'passed') && decision.size !== null) bytes.inc({ plan }, decision.size);
  }

  return {
    transaction: countTransaction,
    reply: (code, by) => replies.inc({ code: String(code), by }),
    sessionOpened(listener) {
      sessions.inc({ listener });
      sessionsOpened.inc({ listener });
    },
    sessionClosed: (listener) => sessions.dec({ listener }),
    timeRelay: (stage, ms) => relay.observe({ stage }, ms / 1000),
    relayFailed: (stage) => relayFailures.inc({ stage }),
    watchRelayPool(watched) {
      pool = watched;
    },
    timeStore: (verb, ms) => store.observe({ verb }, ms / 1000),
    storeFailed: (verb) => storeFailures.inc({ verb }),
    decisionsDropped: (count) => dropped.inc(count),
    reported: (source, kind, result) => reports.inc({ source, kind, result }),
    notified: (channel, outcome, count) => notices.inc({ channel, outcome }, count),
    configReloaded: (outcome) => reloads.inc({ outcome }),
    collect: () => registry.metrics(),
    snapshot: () => registry.getMetricsAsJSON(),
  };
}

/** The metrics of several processes as one, in Prometheus' text format: counts and gauges add up. */
export function collectAll(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  return AggregatorRegistry.aggregate(snapshots.map((snapshot) => [...snapshot])).metrics();
}

function described<L extends string>(entry: MetricEntry<L>) {
  const labelNames = Object.keys(entry.labels) as L[];
  return { name: entry.name, help: entry.help, labelNames, aggregator: entry.aggregator ?? ('sum' as const) };
}

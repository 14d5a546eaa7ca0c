/**
 * Counting, in Prometheus' terms. Each process gives its `snapshot()`, worker
 * processes to the primary; `collectAll(snapshots)` is what is served.
 */

import {
  AggregatorRegistry,
  collectDefaultMetrics,
  type MetricObjectWithValues,
  type MetricValue,
  Registry,
} from 'prom-client';
import type { Decision } from '../ledger/decision.js';
import type { RelayPool } from '../relay/contract.js';
import { Distribution } from './distribution.js';
import type { MetricFamily } from './label-cells.js';
import { LATENCY_BUCKETS, METRICS } from './metric-table.js';
import { Series } from './series.js';

/** Of Node.js and the process, by the library. */
type LibraryFamily = MetricObjectWithValues<MetricValue<string>>;

/** A process' metrics as plain JSON, to send from a worker to the primary. */
export type MetricsSnapshot = readonly (LibraryFamily | MetricFamily)[];

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
  snapshot(): Promise<MetricsSnapshot>;
}

/** Gauges of the library with a counter's name, which checkers of the format complain about; their parts by type stay. */
const MISNAMED = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

export function createMetrics(build: { readonly version: string }): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  for (const name of MISNAMED) registry.removeSingleMetric(name);

  const all: { family(): MetricFamily }[] = [];
  const kept = <M extends { family(): MetricFamily }>(metric: M): M => {
    all.push(metric);
    return metric;
  };
  const transactions = kept(new Series(METRICS.transactions));
  const objections = kept(new Series(METRICS.objections));
  const recipients = kept(new Series(METRICS.recipients));
  const bytes = kept(new Series(METRICS.bytes));
  const replies = kept(new Series(METRICS.replies));
  const sessions = kept(new Series(METRICS.sessions));
  const sessionsOpened = kept(new Series(METRICS.sessionsOpened));
  const relay = kept(new Distribution(METRICS.relay, LATENCY_BUCKETS));
  const relayFailures = kept(new Series(METRICS.relayFailures));
  const store = kept(new Distribution(METRICS.store, LATENCY_BUCKETS));
  const storeFailures = kept(new Series(METRICS.storeFailures));
  const dropped = kept(new Series(METRICS.decisionsDropped));
  const reports = kept(new Series(METRICS.reports));
  const notices = kept(new Series(METRICS.notices));
  const reloads = kept(new Series(METRICS.reloads));
  const builds = kept(new Series(METRICS.build));
  const relayPool = kept(new Series(METRICS.relayPool));
  builds.set({ version: build.version, node: process.version }, 1);
  let pool: Pick<RelayPool, 'usage'> | null = null;

  function countTransaction(decision: Decision): void {
    const { verdict, ending } = decision;
    const plan = decision.plan ?? 'none';
    transactions.add({ verdict, ending, plan }, 1);
    for (const { rule, mode, verdict } of decision.objections) objections.add({ rule, mode, verdict, plan }, 1);
    for (const recipient of decision.recipients) {
      recipients.add({ verdict: recipient.verdict, plan }, 1);
      for (const { rule, mode, verdict } of recipient.objections) objections.add({ rule, mode, verdict, plan }, 1);
    }
    if ((ending === 'accepted' || ending === 'passed') && decision.size !== null) bytes.add({ plan }, decision.size);
  }

  function askRelayPool(): void {
    if (pool === null) return;
    for (const state of ['open', 'idle', 'waiting', 'limit'] as const) relayPool.set({ state }, pool.usage[state]);
  }

  return {
    transaction: countTransaction,
    reply: (code, by) => replies.add({ code: String(code), by }, 1),
    sessionOpened(listener) {
      sessions.add({ listener }, 1);
      sessionsOpened.add({ listener }, 1);
    },
    sessionClosed: (listener) => sessions.add({ listener }, -1),
    timeRelay: (stage, ms) => relay.observe({ stage }, ms / 1000),
    relayFailed: (stage) => relayFailures.add({ stage }, 1),
    watchRelayPool(watched) {
      pool = watched;
    },
    timeStore: (verb, ms) => store.observe({ verb }, ms / 1000),
    storeFailed: (verb) => storeFailures.add({ verb }, 1),
    decisionsDropped: (count) => dropped.add({}, count),
    reported: (source, kind, result) => reports.add({ source, kind, result }, 1),
    notified: (channel, outcome, count) => notices.add({ channel, outcome }, count),
    configReloaded: (outcome) => reloads.add({ outcome }, 1),
    async snapshot() {
      askRelayPool();
      return [...(await registry.getMetricsAsJSON()), ...all.map((one) => one.family())];
    },
  };
}

/** The metrics of several processes as one, in Prometheus' text format: counts and gauges add up. */
export function collectAll(snapshots: readonly MetricsSnapshot[]): Promise<string> {
  // The declared types of the library have numbers where it takes and gives names of kinds.
  const families = snapshots.map((snapshot) => [...snapshot] as LibraryFamily[]);
  return AggregatorRegistry.aggregate(families).metrics();
}

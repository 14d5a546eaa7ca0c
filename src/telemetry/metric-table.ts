/** Every metric of Sluice: name, kind, labels, meaning. docs/metrics.md is written from here. */

export interface MetricEntry<L extends string = string> {
  readonly name: string;
  readonly kind: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  /** Label names, each with its possible values. Never an address or an account: a label's values are few and known. */
  readonly labels: Readonly<Record<L, string>>;
  /** How the values of several worker processes become one. Default: sum. */
  readonly aggregator?: 'sum' | 'first';
}

const VERDICT = 'pass, defer, reject';
const PLAN = "the account's plan, or `none` where no account was known";
const LISTENER = 'name of the listener';

export const METRICS = {
  transactions: entry('sluice_transactions_total', 'counter', 'Transactions that ended.', {
    verdict: VERDICT,
    ending: 'accepted, refused, aborted, unknown, passed, quarantined',
    plan: PLAN,
  }),
  objections: entry('sluice_objections_total', 'counter', "Rules' objections, each recipient's its own.", {
    rule: 'rule id',
    mode: 'observe, enforce',
    verdict: 'defer, reject',
    plan: PLAN,
  }),
  recipients: entry('sluice_recipients_total', 'counter', 'RCPT commands answered.', { verdict: VERDICT, plan: PLAN }),
  bytes: entry('sluice_messages_bytes_total', 'counter', 'Octets of accepted messages.', { plan: PLAN }),
  replies: entry('sluice_replies_total', 'counter', 'Replies to clients.', {
    code: 'three digits of the reply',
    by: 'sluice, relay',
  }),
  sessions: entry('sluice_sessions', 'gauge', 'Sessions open now.', { listener: LISTENER }),
  sessionsOpened: entry('sluice_sessions_opened_total', 'counter', 'Sessions since the start.', { listener: LISTENER }),
  relay: entry('sluice_relay_seconds', 'histogram', 'Time until the relay answered.', {
    stage: 'acquire (a session from the pool), connect, mail, recipients, data, final-dot',
  }),
  relayPool: entry('sluice_relay_pool', 'gauge', 'Connections to the relay, and transactions waiting for one.', {
    state: 'open, idle, waiting, limit',
  }),
  relayFailures: entry('sluice_relay_failures_total', 'counter', 'The relay was not reached, or was lost.', {
    stage: 'connect, envelope, data, final-dot',
  }),
  store: entry('sluice_store_seconds', 'histogram', 'Time until the store answered.', { verb: 'verb of the store' }),
  storeFailures: entry(
    'sluice_store_failures_total',
    'counter',
    'Calls that the store did not answer in time, or refused.',
    {
      verb: 'verb of the store',
    },
  ),
  decisionsDropped: entry(
    'sluice_decisions_dropped_total',
    'counter',
    'Decisions that the ledger lost since the store was away.',
    {},
  ),
  reports: entry('sluice_reports_total', 'counter', 'Reports of what became of mail, by every source.', {
    source: 'relay, relay-log, dsn, complaint, remove-mail, one-click, webhook, api, cli',
    kind: 'delivered, rejected, complained, not-spam, revoked',
    result: 'counted, known (told before), unmatched (fits no message that we passed)',
  }),
  notices: entry('sluice_notices_total', 'counter', 'Notices to accounts.', {
    channel: 'mail, webhook, probe (test mail to complaint addresses)',
    outcome: 'told, failed (tried again later), given-up',
  }),
  reloads: entry('sluice_config_reloads_total', 'counter', 'Reloads of the config.', { outcome: 'applied, refused' }),
  build: entry(
    'sluice_build_info',
    'gauge',
    'Always 1.',
    { version: 'version of Sluice', node: 'version of Node.js' },
    'first',
  ),
} as const;

/** Seconds: from a unix socket's tenth of a millisecond to the store's time limit and a relay's worst day. */
export const LATENCY_BUCKETS: readonly number[] = [
  0.000_25, 0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10, 60,
];

function entry<L extends string>(
  name: string,
  kind: MetricEntry['kind'],
  help: string,
  labels: Readonly<Record<L, string>>,
  aggregator: 'sum' | 'first' = 'sum',
): MetricEntry<L> {
  return { name, kind, help, labels, aggregator };
}

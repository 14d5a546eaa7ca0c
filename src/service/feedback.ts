import type { Config } from '../config/schema.js';
import { Intake } from '../feedback/intake.js';
import { Follower } from '../feedback/relay-log/follower.js';
import { logFormat } from '../feedback/relay-log/formats.js';
import { Journal } from '../feedback/relay-log/journal.js';
import { LogFile } from '../feedback/relay-log/log-file.js';
import type { LogSource } from '../feedback/relay-log/log-source.js';
import type { OutcomeReport, ReportAnswer, Store } from '../store/contract.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { FeedbackSettings } from '../transaction/context.js';

type RelayLogSettings = NonNullable<NonNullable<Config['feedback']>['relayLog']>;

interface Source {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

export interface FeedbackParts {
  readonly config: Config;
  readonly settings: FeedbackSettings;
  readonly store: Store;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Everything of one process that hears what became of mail. */
export class Feedback {
  readonly #sources: Source[] = [];

  constructor({ config, settings, store, log, metrics }: FeedbackParts) {
    const { feedback } = config;
    if (feedback === undefined) return;
    const told = (report: OutcomeReport, answer: ReportAnswer): void => noteReport(report, answer, log, metrics);
    const intake = new Intake({ store, policyOf: settings.policyOf, told });
    const { relayLog } = feedback;
    if (relayLog !== undefined) this.#sources.push(followerOf(relayLog, intake, store, log));
  }

  async start(): Promise<void> {
    for (const source of this.#sources) await source.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#sources.map((source) => source.stop()));
  }
}

/** One line for each that is news, or that no message fits. */
export function noteReport(report: OutcomeReport, answer: ReportAnswer, log: Log, metrics: Metrics): void {
  const { source, kind, fault, reason, status, recipients, message } = report;
  metrics.reported(source, kind, answer.result);
  if (answer.result === 'known') return;
  const said = { event: 'outcome', result: answer.result, source, kind, fault, reason, status: status.slice(0, 200) };
  if (answer.result === 'unmatched') {
    if (report.ifUnmatched === 'list') log.pino.info({ ...said, recipients, message }, 'a report fits no message');
    return;
  }
  const { account, key, message: transaction } = answer;
  log.pino.info({ ...said, account, recipient: key, transaction }, 'outcome');
}

function followerOf(relayLog: RelayLogSettings, intake: Intake, store: Store, log: Log): Follower {
  const source = sourceOf(relayLog, log);
  return new Follower({
    source,
    format: logFormat(relayLog.format),
    store,
    intake,
    onTrouble: (error) => log.pino.warn({ err: error, source: source.name }, "the relay's log cannot be followed"),
    onTurn: () => log.pino.info({ source: source.name }, "following the relay's log"),
  });
}

function sourceOf({ file, journal }: RelayLogSettings, log: Log): LogSource {
  if (journal !== undefined) return new Journal(journal);
  if (file === undefined) throw new Error('feedback.relayLog names no log');
  return new LogFile(file, (why) => log.pino.warn({ file, why }, "lines of the relay's log may be missing"));
}

import { hostname as machineName } from 'node:os';
import { peerMatcher } from '../account/cidr.js';
import type { Config } from '../config/schema.js';
import { BounceDoor } from '../door/bounce/bounce-door.js';
import { type FeedbackHttpSettings, FeedbackServer } from '../feedback/http/feedback-server.js';
import { Intake } from '../feedback/intake.js';
import { type Mailbox, MailDrop } from '../feedback/mail-drop/mail-drop.js';
import { Maildir } from '../feedback/mail-drop/maildir.js';
import { Mbox } from '../feedback/mail-drop/mbox.js';
import { readReport } from '../feedback/read-report.js';
import { Follower } from '../feedback/relay-log/follower.js';
import { logFormat } from '../feedback/relay-log/formats.js';
import { Journal } from '../feedback/relay-log/journal.js';
import { LogFile } from '../feedback/relay-log/log-file.js';
import type { LogSource } from '../feedback/relay-log/log-source.js';
import { signedTransaction } from '../feedback/signed-transaction.js';
import { announcedRevocations } from '../notice/announced-revocations.js';
import type { Announcer } from '../notice/announcer.js';
import type { RelayPool } from '../relay/contract.js';
import { type BounceAddressSettings, readBounceAddress } from '../smtp/bounce-address.js';
import type { OutcomeReport, ReportAnswer, Store } from '../store/contract.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { FeedbackSettings } from '../transaction/context.js';
import { type Forwarding, forwardBounce } from './forward-bounce.js';

type FeedbackConfig = NonNullable<Config['feedback']>;
type HttpSettings = NonNullable<FeedbackConfig['http']>;
type RelayLogSettings = NonNullable<NonNullable<Config['feedback']>['relayLog']>;

interface Source {
  start(): void | Promise<void>;
  stop(): Promise<void>;
}

export interface FeedbackParts {
  readonly config: Config;
  readonly settings: FeedbackSettings;
  readonly store: Store;
  readonly announcer: Announcer;
  readonly relay: RelayPool;
  readonly log: Log;
  readonly metrics: Metrics;
}

/** Everything of one process that hears what became of mail. */
export class Feedback {
  readonly #sources: Source[] = [];

  constructor({ config, settings, store, announcer, relay, log, metrics }: FeedbackParts) {
    const { feedback } = config;
    if (feedback === undefined) return;
    const told = (report: OutcomeReport, answer: ReportAnswer): void => noteReport(report, answer, log, metrics);
    const intake = new Intake({ store, policyOf: settings.policyOf, revoked: announcedRevocations(announcer), told });
    const { relayLog } = feedback;
    if (relayLog !== undefined) this.#sources.push(followerOf(relayLog, intake, store, log));
    const { reversePath } = settings;
    const forwarding =
      feedback.reversePath?.forward === true && reversePath !== null
        ? { relay, hostname: config.hostname ?? machineName(), bounceDomain: reversePath.domain }
        : null;
    const take = async (octets: Buffer, transactions: readonly string[]): Promise<void> => {
      const report = readReport(octets);
      const proven = transactions[0] ?? signedTransaction(report.evidence.sentTo, reversePath, Date.now());
      await intake.mailed(report, proven);
      if (proven !== null && forwarding !== null) await passOn(octets, proven, store, forwarding, log);
    };
    for (const mailbox of mailboxesOf(feedback)) this.#sources.push(dropOf(mailbox, take, store, log));
    if (feedback.listen !== undefined && reversePath !== null) {
      this.#sources.push(bounceDoorOf(config, feedback.listen, reversePath, take, log));
    }
    if (feedback.http !== undefined) this.#sources.push(serverOf(feedback.http, intake, settings.policyOf, store, log));
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

async function passOn(
  octets: Buffer,
  transaction: string,
  store: Store,
  forwarding: Forwarding,
  log: Log,
): Promise<void> {
  const message = await store.passedMessage(transaction);
  const refusal = message === null ? 'its message is forgotten' : await forwardBounce(octets, message, forwarding);
  const said = { event: 'bounce-forwarded', transaction, account: message?.account ?? null, refusal };
  log.pino.info(said, refusal === null ? 'a bounce was passed on' : 'a bounce could not be passed on');
}

function serverOf(
  http: HttpSettings,
  intake: Intake,
  policyOf: FeedbackSettings['policyOf'],
  store: Store,
  log: Log,
): FeedbackServer {
  const { address, tls = null, oneClick, evidence, doubleOptIn = null, proxies, apiKeys = [], webhooks } = http;
  return new FeedbackServer({
    settings: {
      address,
      tls,
      linkKeys: oneClick?.keys ?? [],
      evidenceKeys: evidence?.keys ?? [],
      doubleOptIn,
      isProxy: peerMatcher(proxies),
      apiKeys,
      webhooks: webhooks as FeedbackHttpSettings['webhooks'],
    },
    report: (report) => intake.report(report),
    policyOf,
    store,
    onConsent: ({ account, key, source }) =>
      log.pino.info({ event: 'consent', account, recipient: key, source }, 'a consent was confirmed'),
    onRefused: (request, client) => log.pino.info({ event: 'feedback-refused', request, client }, 'not genuine'),
    onError: (error, path) => log.pino.warn({ err: error, path }, 'feedback could not be taken in'),
    onSubscription: (url) => log.pino.warn({ url }, 'Amazon SNS waits until somebody opens this URL'),
  });
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

function mailboxesOf({ mail }: FeedbackConfig): Mailbox[] {
  return [
    ...(mail?.maildir === undefined ? [] : [new Maildir(mail.maildir)]),
    ...(mail?.mbox === undefined ? [] : [new Mbox(mail.mbox)]),
  ];
}

type Take = (octets: Buffer, transactions: readonly string[]) => Promise<void>;

function dropOf(mailbox: Mailbox, take: Take, store: Store, log: Log): MailDrop {
  return new MailDrop({
    mailbox,
    store,
    take: (octets) => take(octets, []),
    onTrouble: (error) => log.pino.warn({ err: error, mailbox: mailbox.path }, 'a mailbox of reports cannot be read'),
  });
}

function bounceDoorOf(
  config: Config,
  { address, maxSize, perClient }: NonNullable<FeedbackConfig['listen']>,
  reversePath: BounceAddressSettings,
  take: Take,
  log: Log,
): Source {
  const hostname = config.hostname ?? machineName();
  const door = new BounceDoor(
    { address, hostname, maxSize, perClient },
    {
      proofOf: (bounceAddress) => readBounceAddress(bounceAddress, reversePath, Date.now()),
      take,
      failed: (error) => log.pino.warn({ err: error }, 'a bounce could not be taken in'),
      refused: (why, client, to) => log.pino.info({ event: 'bounce-refused', why, client, to }, 'a bounce was refused'),
    },
  );
  return {
    start: async () => {
      await door.start();
      log.pino.info({ event: 'bounce-listener', port: door.port }, 'listening for bounces');
    },
    stop: () => door.stop(),
  };
}

import type { Config } from '../config/schema.js';
import { Announcer } from '../notice/announcer.js';
import { Courier, type CourierEvents } from '../notice/courier.js';
import { announceDueAudits } from '../notice/due-audits.js';
import { MailCarrier } from '../notice/mail-carrier.js';
import { ProbeCarrier } from '../notice/probe-carrier.js';
import { WebhookCarrier } from '../notice/webhook-carrier.js';
import type { RelayPool } from '../relay/contract.js';
import { createRelayPool } from '../relay/pool.js';
import type { AccountId, ReputationLevel, ReputationMeasure, Store } from '../store/contract.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import type { FeedbackSettings } from '../transaction/context.js';
import { mailSettings, noticeTargets, wordsOf } from './notice-settings.js';
import { relayPoolOptions } from './relay-options.js';

type NoticesConfig = NonNullable<Config['notices']>;

export interface NoticesParts {
  /** As it is now: accounts and plans may change at a reload. */
  config(): Config;
  readonly store: Store;
  readonly relay: RelayPool;
  readonly feedback: FeedbackSettings | null;
  readonly log: Log;
  readonly metrics: Pick<Metrics, 'notified'>;
}

/** Cases whose clock runs out are looked for so often. */
const LOOK_MS = 60_000;

/** What one process tells accounts; without `notices` in the config nothing. */
export class Notices {
  readonly announcer: Announcer;
  readonly #courier: Courier | null;
  readonly #submission: RelayPool | null;
  #timer: NodeJS.Timeout | null = null;
  #looking: Promise<void> = Promise.resolve();

  constructor(private readonly parts: NoticesParts) {
    const { store, log } = parts;
    const { notices } = parts.config();
    this.announcer = new Announcer({
      store,
      channelsOf: (account) => noticeTargets(parts.config()).channelsOf(account),
      dropped: (account, count) =>
        log.pino.warn({ account, count }, 'too many notices wait for an account: some are dropped'),
      queued: () => this.#courier?.wake(),
    });
    this.#submission =
      notices?.submission === undefined ? null : submissionPool(parts.config(), notices.submission, log);
    this.#courier = notices === undefined ? null : this.#courierOf(notices);
  }

  start(): void {
    if (this.#courier === null) return;
    this.#courier.start();
    this.#look();
  }

  /** Before the relay and the store are closed. */
  async stop(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#looking;
    await this.#courier?.stop();
    await this.#submission?.close();
  }

  /** In the background: no reply waits for it. */
  reputationChanged(account: AccountId, measure: ReputationMeasure, level: ReputationLevel): void {
    this.announcer
      .reputation(account, measure, level, Date.now())
      .catch((error: unknown) => this.parts.log.pino.warn({ err: error, account }, 'a notice could not be queued'));
  }

  #look(): void {
    const { store, log } = this.parts;
    this.#looking = announceDueAudits(store, this.announcer).catch((error: unknown) =>
      log.pino.warn({ err: error }, 'cases that run out could not be looked for'),
    );
    this.#timer = setTimeout(() => this.#look(), LOOK_MS * (0.5 + Math.random()));
    this.#timer.unref();
  }

  #courierOf(notices: NoticesConfig): Courier {
    const { config, store, relay, feedback, log, metrics } = this.parts;
    const mta = this.#submission ?? relay;
    const mail = mailSettings(notices, config().hostname);
    const words = () => wordsOf(config());
    const targets = () => noticeTargets(config());
    return new Courier({
      store,
      carriers: {
        mail: new MailCarrier(mail, mta, words, (account) => targets().addressesOf(account)),
        webhook: new WebhookCarrier(words, (account) => targets().webhookOf(account)),
        probe: new ProbeCarrier(mail, mta, feedback?.reversePath ?? null),
      },
      everyMs: notices.every,
      giveUpAfterMs: notices.giveUpAfter,
      events: courierEvents(log, metrics),
    });
  }
}

function submissionPool(
  config: Config,
  { address, tls, auth }: NonNullable<NoticesConfig['submission']>,
  log: Log,
): RelayPool {
  const relay: Config['relay'] = { ...config.relay, hosts: [address], tls, identity: 'none' };
  const { auth: _, ...withoutLogin } = relay;
  const login = auth === undefined ? withoutLogin : { ...withoutLogin, auth };
  return createRelayPool({ ...relayPoolOptions({ ...config, relay: login }), limit: 1, maxIdle: 0 }, log.pino);
}

function courierEvents(log: Log, metrics: Pick<Metrics, 'notified'>): CourierEvents {
  return {
    told: ({ account, channel, notices }) => {
      metrics.notified(channel, 'told', notices.length);
      log.pino.info({ event: 'notice', account, channel, count: notices.length }, 'an account was told');
    },
    failed: ({ account, channel, notices }, error, givenUp) => {
      metrics.notified(channel, 'failed', notices.length - givenUp);
      metrics.notified(channel, 'given-up', givenUp);
      const about = { event: 'notice-failed', account, channel, count: notices.length, givenUp };
      log.pino.warn({ ...about, err: error }, 'an account could not be told');
    },
    troubled: (error) => log.pino.warn({ err: error }, 'notices cannot be looked for'),
  };
}

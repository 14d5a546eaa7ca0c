import { createAccounts } from '../account/accounts.js';
import type { Config } from '../config/schema.js';
import type { Readiness } from '../desk/http.js';
import type { Door, DoorContext } from '../door/contract.js';
import { MilterDoor } from '../door/milter/milter-door.js';
import type { MilterDoorContext, MilterListener, MilterSettings } from '../door/milter/settings.js';
import { PolicydDoor } from '../door/policyd/policyd-door.js';
import type { PolicydDoorContext, PolicydListener, PolicydSettings } from '../door/policyd/settings.js';
import type { ListenerSettings, SmtpDoorContext, SmtpSettings } from '../door/smtp/settings.js';
import { SmtpDoor } from '../door/smtp/smtp-door.js';
import type { Decision } from '../ledger/decision.js';
import { createRecorder, type Recorder } from '../ledger/recorder.js';
import type { RelayPool } from '../relay/contract.js';
import { createRelayLogin } from '../relay/login.js';
import { createRelayPool } from '../relay/pool.js';
import type { Store } from '../store/contract.js';
import { type WatchedStore, watchedStore } from '../store/watched.js';
import type { Log } from '../telemetry/log.js';
import type { Metrics } from '../telemetry/metrics.js';
import { timedRelay } from '../telemetry/timed-relay.js';
import type { PolicyContext, TransactionContext } from '../transaction/context.js';
import { KeepAlive } from '../transaction/keep-alive.js';
import { KnownRoom } from '../transaction/known-room.js';
import { StoreClock } from '../transaction/store-clock.js';
import { DomainWatch } from './domain-watch.js';
import { listenerSettings, smtpSettings } from './door-settings.js';
import { Feedback } from './feedback.js';
import { milterListener, milterSettings } from './milter-settings.js';
import { Notices } from './notices.js';
import { openStore } from './open-store.js';
import { createPolicyContext } from './policy-context.js';
import { policydListener, policydSettings } from './policyd-settings.js';
import { relayLinkOptions, relayPoolOptions } from './relay-options.js';
import type { WorkerReport } from './worker-link.js';

export interface Service {
  /** `name address`, one for each listener. */
  readonly listeners: readonly string[];
  /** Takes a config that `restartKeys` finds nothing against: at once, for new sessions and transactions. */
  reload(config: Config): Promise<void>;
  report(): Promise<WorkerReport>;
  readiness(): Promise<Readiness>;
  /** No new sessions; transactions in flight finish; then everything is written and closed. */
  stop(): Promise<void>;
}

/**
 * One process of Sluice, made of its parts. Start: store, relay, doors. Stop:
 * the doors drain, then what they used is closed in the opposite order.
 */
export async function startService(config: Config, log: Log, metrics: Metrics): Promise<Service> {
  const opened = await openStore(config.store, (error) => log.pino.warn({ err: error }, 'store connection'));
  const store = watchedStore(opened, metrics);
  const relay = timedRelay(createRelayPool(relayPoolOptions(config), log.pino), metrics);
  metrics.watchRelayPool(relay);
  const parts = new Parts(config, store, relay, log, metrics);
  try {
    if (config.listen.length > 0) await relay.probe();
    await parts.openDoors();
    await parts.hearFeedback();
  } catch (error) {
    await parts.stop();
    throw error;
  }
  return parts;
}

class Parts implements Service {
  readonly #recorder: Recorder;
  readonly #keepAlive: KeepAlive;
  readonly #domainWatch: DomainWatch;
  readonly #doors: Door[] = [];
  readonly #notices: Notices;
  #feedback: Feedback | null = null;
  readonly #transactions: TransactionContext;
  private readonly store: Store;
  #config: Config;
  #policy: PolicyContext;
  #smtp: SmtpSettings;
  #listeners: ReadonlyMap<string, ListenerSettings>;
  #milter: MilterSettings;
  #milterListeners: ReadonlyMap<string, MilterListener>;
  #policyd: PolicydSettings;
  #policydListeners: ReadonlyMap<string, PolicydListener>;

  constructor(
    config: Config,
    private readonly watched: WatchedStore,
    private readonly relay: RelayPool,
    private readonly log: Log,
    private readonly metrics: Metrics,
  ) {
    const { store } = watched;
    this.store = store;
    this.#config = config;
    this.#policy = this.#createPolicy(config);
    this.#smtp = smtpSettings(config);
    this.#listeners = byName(config.listen.map(listenerSettings));
    this.#milter = milterSettings(config);
    this.#milterListeners = byName(config.milter.listen.map(milterListener));
    this.#policyd = policydSettings(config);
    this.#policydListeners = byName(config.policyd.listen.map(policydListener));
    this.#recorder = this.#createRecorder();
    this.#keepAlive = new KeepAlive(
      store,
      { reservationTtlMs: config.store.reservationTtl, sessionTtlMs: config.store.sessionTtl },
      (error) => log.pino.warn({ err: error }, 'leases could not be renewed'),
    );
    this.#domainWatch = new DomainWatch({
      store,
      lookups: () => this.#policy.lookups,
      everyMs: () => this.#config.domains.verifyEvery ?? null,
      failed: (error) => log.pino.warn({ err: error }, 'registered domains could not be verified'),
    });
    this.#notices = new Notices({
      config: () => this.#config,
      store,
      relay,
      feedback: this.#policy.feedback,
      log,
      metrics,
    });
    this.#transactions = {
      store,
      clock: new StoreClock(),
      knownRoom: new KnownRoom(),
      keepAlive: this.#keepAlive,
      policy: () => this.#policy,
      decided: (decision) => {
        this.#note(decision);
        this.#recorder.record(decision);
      },
      turnedAway: (decision) => this.#note(decision),
      reputationChanged: (account, measure, level) => {
        log.pino.warn({ event: 'reputation', account, measure, level }, 'the reputation of an account changed');
        this.#notices.reputationChanged(account, measure, level);
      },
      backgroundFailure: (what, account, error) => log.pino.warn({ err: error, account }, `${what} failed`),
    };
  }

  get listeners(): readonly string[] {
    return this.#doors.map(({ name, address }) => {
      const where = 'path' in address ? address.path : `${address.host}:${address.port}`;
      return `${name} ${where}`;
    });
  }

  async openDoors(): Promise<void> {
    const context = this.#doorContext();
    const smtp = this.#smtpContext(context);
    const milter = this.#milterContext(context);
    const policyd = this.#policydContext(context);
    const doors = [
      ...this.#config.listen.map(({ name }) => new SmtpDoor(name, smtp)),
      ...this.#config.milter.listen.map(({ name }) => new MilterDoor(name, milter)),
      ...this.#config.policyd.listen.map(({ name }) => new PolicydDoor(name, policyd)),
    ];
    for (const door of doors) {
      this.#doors.push(door);
      await door.open();
    }
  }

  /** Last, when mail flows: reports are about what passed before. */
  async hearFeedback(): Promise<void> {
    this.#notices.start();
    const settings = this.#policy.feedback;
    if (settings === null) return;
    const { store, relay, log, metrics } = this;
    const { announcer } = this.#notices;
    this.#feedback = new Feedback({ config: this.#config, settings, store, announcer, relay, log, metrics });
    await this.#feedback.start();
  }

  async reload(config: Config): Promise<void> {
    this.#policy = this.#createPolicy(config);
    this.#smtp = smtpSettings(config);
    this.#listeners = byName(config.listen.map(listenerSettings));
    this.#milter = milterSettings(config);
    this.#milterListeners = byName(config.milter.listen.map(milterListener));
    this.#policyd = policydSettings(config);
    this.#policydListeners = byName(config.policyd.listen.map(policydListener));
    this.#config = config;
    this.log.setLevel(config.log.level);
    this.log.setRedaction(config.log.redactAddresses);
    for (const door of this.#doors) door.reconfigure();
  }

  async readiness(): Promise<Readiness> {
    const store = await this.store.ping().then(
      () => 'ok',
      (error: unknown) => (error instanceof Error ? error.message : String(error)),
    );
    const down = this.relay.hosts.filter((host) => !host.up);
    // Where an MTA asks us, it and not we hand the mail on.
    const used = this.#config.listen.length > 0;
    const up = !used || down.length < this.relay.hosts.length;
    const failures = down.map((host) => `${host.relay}: ${host.lastError ?? 'down'}`).join('; ');
    const relay = !used ? 'not used' : up ? 'ok' : failures;
    return { ready: up && (store === 'ok' || this.#config.store.onFailure === 'pass'), store, relay };
  }

  async report(): Promise<WorkerReport> {
    return { metrics: await this.metrics.snapshot(), readiness: await this.readiness() };
  }

  async stop(): Promise<void> {
    await Promise.all(this.#doors.map((door) => door.drain(this.#config.shutdownTimeout)));
    await this.#feedback?.stop();
    await this.#notices.stop();
    this.#keepAlive.close();
    await this.#domainWatch.close();
    // Ends what is still waiting for a relay although its client has gone, so that it is recorded.
    await this.relay.close();
    await this.watched.settled();
    await this.#recorder.close();
    await this.store.close();
    await this.log.flush();
  }

  #note(decision: Decision): void {
    this.log.transaction(decision);
    this.metrics.transaction(decision);
  }

  #createPolicy(config: Config): PolicyContext {
    const accounts = createAccounts(config.accounts, {
      credentialOf: (username) => this.store.credentialOf(username),
      relayLogin: createRelayLogin(relayLinkOptions(config)),
    });
    return createPolicyContext(config, accounts);
  }

  #createRecorder(): Recorder {
    return createRecorder({
      store: this.store,
      bounds: () => ({ maxAgeMs: this.#config.decisions.keep, maxCount: this.#config.decisions.max }),
      passes: () => this.#config.decisions.passes,
      texts: () => this.#config.decisions.texts,
      onDropped: (count) => this.metrics.decisionsDropped(count),
      onTrouble: (trouble) => {
        if (trouble === null) this.log.pino.info('decisions are written again');
        else this.log.pino.warn({ err: trouble.error, waiting: trouble.waiting }, 'decisions cannot be written');
      },
    });
  }

  #doorContext(): DoorContext {
    return {
      transactions: this.#transactions,
      replied: (reply, by) => this.metrics.reply(reply.code, by),
      sessionOpened: (listener) => this.metrics.sessionOpened(listener),
      sessionClosed: (listener) => this.metrics.sessionClosed(listener),
      cutOff: (client) => this.log.pino.info({ event: 'cut-off', ...client }, 'a client is cut off'),
      defect: (error, session) => this.log.pino.error({ err: error, session }, 'a defect: the client heard 451'),
    };
  }

  #smtpContext(context: DoorContext): SmtpDoorContext {
    return {
      ...context,
      relay: this.relay,
      settings: () => this.#smtp,
      listener: (name) => of(this.#listeners, name),
    };
  }

  #milterContext(context: DoorContext): MilterDoorContext {
    return { ...context, settings: () => this.#milter, listener: (name) => of(this.#milterListeners, name) };
  }

  #policydContext(context: DoorContext): PolicydDoorContext {
    return {
      ...context,
      settings: () => this.#policyd,
      listener: (name) => of(this.#policydListeners, name),
      advise: (listener, advice) => this.log.pino.warn({ listener }, advice),
    };
  }
}

function byName<T extends { readonly name: string }>(listeners: readonly T[]): ReadonlyMap<string, T> {
  return new Map(listeners.map((listener) => [listener.name, listener]));
}

function of<T>(listeners: ReadonlyMap<string, T>, name: string): T {
  const listener = listeners.get(name);
  if (listener === undefined) throw new Error(`no listener ${name}`);
  return listener;
}

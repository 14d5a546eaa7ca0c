/** The SMTP door with everything behind it, in this process: a real store, a real pool, no config file. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Accounts, Identity } from '../../src/account/contract.js';
import type { CutOff, DoorContext } from '../../src/door/contract.js';
import type { ListenerSettings, SmtpSettings } from '../../src/door/smtp/settings.js';
import { SmtpDoor } from '../../src/door/smtp/smtp-door.js';
import type { Decision } from '../../src/ledger/decision.js';
import type { Lookups } from '../../src/lookup/contract.js';
import { builtInWords } from '../../src/message/words.js';
import { type PolicySettings, resolvePolicies } from '../../src/policy/effective.js';
import { DEFAULT_TIMEOUTS, type RelayPoolOptions } from '../../src/relay/options.js';
import { createRelayPool } from '../../src/relay/pool.js';
import type { Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import { watchedStore } from '../../src/store/watched.js';
import type { PolicyContext } from '../../src/transaction/context.js';
import { KeepAlive } from '../../src/transaction/keep-alive.js';
import { KnownRoom } from '../../src/transaction/known-room.js';
import { StoreClock } from '../../src/transaction/store-clock.js';

interface Cleanup {
  teardown(end: () => unknown): unknown;
}

export interface DoorSettings {
  readonly relayPort: number;
  readonly rules?: PolicySettings['rules'];
  readonly mode?: PolicySettings['mode'];
  readonly smtp?: Partial<SmtpSettings>;
  readonly listener?: Partial<ListenerSettings>;
  readonly policy?: Partial<PolicyContext>;
  readonly accounts?: Partial<Accounts>;
  readonly pool?: Partial<RelayPoolOptions>;
  /** The store as the door sees it, where it is to behave oddly. */
  readonly wrapStore?: (store: Store) => Store;
}

export interface Door extends BehindDoor {
  readonly port: number;
  readonly pool: ReturnType<typeof createRelayPool>;
  readonly door: SmtpDoor;
}

const UNKNOWN: Identity = { account: 'acme', username: null, by: 'unknown' };

export async function startDoor(t: Cleanup, settings: DoorSettings): Promise<Door> {
  const pool = createRelayPool(poolOptions(settings), { debug() {}, info() {}, warn() {} });
  await pool.probe();
  const behind = await startBehindDoor(t, settings);
  const smtp: SmtpSettings = { ...SMTP, ...settings.smtp };
  const listener: ListenerSettings = { ...LISTENER, ...settings.listener };
  const door = new SmtpDoor('test', { ...behind.context, relay: pool, settings: () => smtp, listener: () => listener });
  await door.open();
  // The store is closed after the door.
  behind.closeFirst(async () => {
    await door.drain(0);
    await pool.close();
  });
  return { ...behind, port: 'port' in door.address ? door.address.port : 0, pool, door };
}

/** What is behind a door of any kind. */
export interface BehindDoor {
  readonly store: Store;
  readonly decisions: Decision[];
  readonly turnedAway: Decision[];
  readonly defects: unknown[];
  readonly failures: string[];
  /** Clients that were cut off, with the reason. */
  readonly cutOffs: CutOff[];
  /** Verbs that the door asked of the store, in order. */
  readonly storeCalls: string[];
  /** Resolves with the first decision that fits. */
  decided(fits: (decision: Decision) => boolean): Promise<Decision>;
}

/** Nobody is there to be asked. */
const NO_LOOKUPS: Lookups = {
  mailDomain: async (domain) => ({ domain, receives: 'unknown', detail: 'not asked' }),
  listings: async () => ({ listings: [], unanswered: [] }),
  virus: null,
  spam: null,
  patterns: null,
};

export async function startBehindDoor(
  t: Cleanup,
  settings: Omit<DoorSettings, 'relayPort'>,
): Promise<BehindDoor & { readonly context: DoorContext; closeFirst(close: () => Promise<void>): void }> {
  const directory = await mkdtemp(path.join(tmpdir(), 'sluice-door-'));
  const times = { reservationTtlMs: 600_000, sessionTtlMs: 180_000, callTimeoutMs: 500 };
  const storeCalls: string[] = [];
  const recordCall = { timeStore: (verb: string) => storeCalls.push(verb), storeFailed: () => undefined };
  const opened = await openEmbeddedStore({ path: path.join(directory, 'store.db'), times });
  const { store } = watchedStore(opened, recordCall);
  const decisions: Decision[] = [];
  const watchers = new Set<() => void>();
  const turnedAway: Decision[] = [];
  const defects: unknown[] = [];
  const failures: string[] = [];
  const cutOffs: CutOff[] = [];
  const keepAlive = new KeepAlive(store, times, () => undefined);
  const policy = policyContext(settings);
  const closing: (() => Promise<void>)[] = [];
  t.teardown(async () => {
    for (const close of closing) await close();
    keepAlive.close();
    await store.close();
    await rm(directory, { recursive: true });
  });
  return {
    store,
    decisions,
    turnedAway,
    defects,
    failures,
    cutOffs,
    storeCalls,
    closeFirst: (close) => closing.push(close),
    context: {
      transactions: {
        store: settings.wrapStore?.(store) ?? store,
        clock: new StoreClock(),
        knownRoom: new KnownRoom(),
        keepAlive,
        policy: () => policy,
        decided(decision) {
          decisions.push(decision);
          for (const watch of watchers) watch();
        },
        turnedAway: (decision) => turnedAway.push(decision),
        reputationChanged: () => {},
        backgroundFailure: (what, _account, error) => failures.push(`${what}: ${String(error)}`),
      },
      replied: () => undefined,
      sessionOpened: () => undefined,
      sessionClosed: () => undefined,
      cutOff: (client) => cutOffs.push(client),
      defect: (error) => defects.push(error),
    },
    decided: (fits) =>
      new Promise((resolve, reject) => {
        const late = setTimeout(() => reject(new Error('no such decision')), 60_000);
        const watch = (): void => {
          const found = decisions.find(fits);
          if (found === undefined) return;
          clearTimeout(late);
          watchers.delete(watch);
          resolve(found);
        };
        watchers.add(watch);
        watch();
      }),
  };
}

const SMTP: SmtpSettings = {
  hostname: 'sluice.example',
  maxMessageSize: 50 * 1024 * 1024,
  inspectWindow: 256 * 1024,
  bareNewline: 'reject',
  longLines: 'pass',
  received: false,
  maxErrors: 20,
  commandTimeoutMs: 300_000,
  dataTimeoutMs: 300_000,
  envelope: 'immediate',
};

const LISTENER: ListenerSettings = {
  name: 'test',
  address: { host: '127.0.0.1', port: 0 },
  tls: 'off',
  certificate: null,
  clientCertificates: null,
  auth: 'off',
  authInClear: false,
  greetingDelayMs: 0,
  isProxy: () => false,
  isXclientPeer: () => false,
  maxSessions: 100,
};

function poolOptions({ relayPort, pool }: DoorSettings): RelayPoolOptions {
  return {
    hosts: [{ host: '127.0.0.1', port: relayPort }],
    name: 'sluice.example',
    tls: { mode: 'off' },
    implicitTls: false,
    auth: null,
    identity: 'none',
    timeouts: { ...DEFAULT_TIMEOUTS, acquireMs: 2_000 },
    strategy: 'preference',
    limit: 20,
    maxIdle: 10,
    idleTimeoutMs: 30_000,
    maxTransactionsPerConnection: 100,
    retryAfterMs: { first: 50, longest: 200 },
    ...pool,
  };
}

function policyContext({ rules, mode, policy, accounts }: Omit<DoorSettings, 'relayPort'>): PolicyContext {
  const policies = resolvePolicies({ mode: mode ?? 'enforce', rules: rules ?? {}, plans: {}, accounts: {} });
  return {
    accounts: {
      identify: () => null,
      authenticate: async () => ({ kind: 'refused' }),
      takesPasswords: false,
      unknown: UNKNOWN,
      profileOf: (id) => ({ id, plan: 'default', senders: null, language: null }),
      ...accounts,
    },
    anonymous: policies.anonymous,
    policyOf: (profile) => policies.policyOf(profile.id, profile.plan),
    wordsFor: (_profile, ref) => ({ ref, policyUrl: null, texts: null }),
    lookups: NO_LOOKUPS,
    words: builtInWords(),
    feedback: null,
    onStoreFailure: 'defer',
    outcomes: { presumeDeliveredAfterMs: 7 * 86_400_000, keepMs: 60 * 86_400_000 },
    finality: 'queues',
    isOwnDomain: (domain) => domain === 'own.example',
    ...policy,
  };
}

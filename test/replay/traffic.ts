/** Real transactions on a real store by a clock that the test moves, and the decisions that they make. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeDecision, encodeDecision } from '../../src/ledger/codec.js';
import type { Decision } from '../../src/ledger/decision.js';
import { createLookups } from '../../src/lookup/lookups.js';
import { wordsWith } from '../../src/message/words.js';
import { type PolicySettings, resolvePolicies } from '../../src/policy/effective.js';
import { ruleSettingsSchema } from '../../src/policy/rule-settings.js';
import type { Store } from '../../src/store/contract.js';
import { openEmbeddedStore } from '../../src/store/embedded/embedded-store.js';
import type { PolicyContext } from '../../src/transaction/context.js';
import { KeepAlive } from '../../src/transaction/keep-alive.js';
import { KnownRoom } from '../../src/transaction/known-room.js';
import { Session } from '../../src/transaction/session.js';
import type { StoreClock } from '../../src/transaction/store-clock.js';
import { Transaction } from '../../src/transaction/transaction.js';
import { address } from '../policy/facts.js';
import fc from '../support/property.js';

export const START = Date.UTC(2026, 9, 15, 12);

/** Nobody is asked: no rule here wants to know. */
const DNS = { servers: [], timeoutMs: 1_000, cacheForMs: 1_000, cacheSize: 10, mostAtOnce: 1 };

export interface Mail {
  readonly account: string;
  /** Null: a bounce. */
  readonly from: string | null;
  /** Batches of recipients, as a pipelining client gives them. */
  readonly to: readonly (readonly string[])[];
  readonly size: number;
  readonly body?: string;
  readonly declared: boolean;
  readonly end: 'accepted' | 'refused-by-relay' | 'aborted';
  /** Recipients that the relay refuses. */
  readonly unknownToRelay: readonly string[];
  /** Time until it, ms. */
  readonly after: number;
}

const LISTS: { readonly [account: string]: readonly string[] | null } = { acme: ['acme.example'], zenith: null };

/** What a policy of these rules needs of a config. */
export function policyContext(rules: Record<string, unknown>, mode: PolicySettings['mode'] = 'enforce'): PolicyContext {
  const policies = resolvePolicies({ mode, rules: ruleSettingsSchema().parse(rules), plans: {}, accounts: {} });
  const notAsked = () => Promise.reject(new Error('not asked'));
  return {
    accounts: {
      identify: () => null,
      authenticate: notAsked,
      takesPasswords: false,
      unknown: null,
      profileOf: (id) => ({ id, plan: 'default', senders: LISTS[id] ?? null, language: null }),
    },
    anonymous: policies.anonymous,
    policyOf: (profile) => policies.policyOf(profile.id, profile.plan),
    wordsFor: (_profile, ref) => ({ ref, policyUrl: null, texts: null }),
    lookups: createLookups({ dns: DNS, clamd: null, rspamd: null, patterns: [] }),
    words: wordsWith([]),
    onStoreFailure: 'defer',
    outcomes: { presumeDeliveredAfterMs: 1e9, keepMs: 1e10 },
    feedback: null,
    finality: 'queues',
    isOwnDomain: (domain) => domain === 'own.example',
  };
}

export interface Ledger {
  readonly store: Store;
  readonly decisions: Decision[];
  send(mail: Mail): Promise<Decision>;
  close(): Promise<void>;
}

export async function openLedger(policy: PolicyContext, knownRoom = new KnownRoom()): Promise<Ledger> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-replay-'));
  let now = START;
  const times = { callTimeoutMs: 5_000, reservationTtlMs: 600_000, sessionTtlMs: 180_000 };
  const store = await openEmbeddedStore({ path: join(folder, 'state.db'), times, clock: () => now });
  const keepAlive = new KeepAlive(store, times, () => {});
  const decisions: Decision[] = [];
  const background: Promise<unknown>[] = [];
  const context = {
    store: new Proxy(store, {
      get(target, name) {
        const verb: unknown = Reflect.get(target, name);
        if (typeof verb !== 'function') return verb;
        return (...args: unknown[]) => {
          const answer = Reflect.apply(verb, target, args) as Promise<unknown>;
          background.push(answer);
          return answer;
        };
      },
    }),
    clock: { now: () => now, heard: () => {} } as unknown as StoreClock,
    keepAlive,
    knownRoom,
    policy: () => policy,
    decided: (decision: Decision) => decisions.push(decodeDecision(encodeDecision(decision))),
    reputationChanged: () => undefined,
    turnedAway: () => {},
    backgroundFailure: (_what: string, _account: string | null, error: unknown) => {
      throw error;
    },
  };
  return {
    store,
    decisions,
    async send(mail) {
      now += mail.after;
      const session = new Session(context, {
        address: '192.0.2.1',
        listener: 'submission',
        certificate: null,
        login: null,
        mta: null,
      });
      const identity = { account: mail.account, username: null, by: 'unknown' } as const;
      const transaction = new Transaction(session, { identity, profile: policy.accounts.profileOf(mail.account) });
      await carryOut(transaction, mail);
      // What it gives back comes home before the next one, as in quiet times.
      await Promise.all(background.splice(0));
      const made = decisions.at(-1);
      if (made === undefined) throw new Error('no decision');
      return made;
    },
    async close() {
      keepAlive.close();
      await store.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function carryOut(transaction: Transaction, mail: Mail): Promise<void> {
  const from = mail.from === null ? null : address(mail.from);
  if ((await transaction.mail(from, mail.from ?? '', mail.declared ? mail.size : null)) !== null) return;
  for (const batch of mail.to) {
    const addresses = batch.map(address);
    const replies = await transaction.recipients(addresses);
    const passed = addresses.filter((_, index) => replies[index] === null);
    transaction.relayAnswered(
      passed.map((one) => ({
        address: one,
        reply: mail.unknownToRelay.includes(one.spelling)
          ? { code: 550, lines: ['5.1.1 unknown'] }
          : { code: 250, lines: ['2.1.5 Ok'] },
      })),
    );
  }
  if (mail.end === 'aborted' || transaction.acceptedRecipients.length === 0) return transaction.aborted();
  await transaction.inspector()?.feed(Buffer.from(mail.body ?? BODIES[0]));
  if ((await transaction.endOfData(mail.size)) !== null) return;
  if (mail.end === 'accepted') transaction.accepted({ code: 250, lines: ['2.0.0 Ok: queued as X1'] });
  else transaction.refusedByRelay({ code: 451, lines: ['4.3.0 later'] });
}

const FIELDS = 'From: x@acme.example\r\nDate: Thu, 15 Oct 2026 12:00:00 +0000\r\nMessage-ID: <1@acme.example>\r\n';
const BODIES = [
  `${FIELDS}Subject: hello\r\nTo: a@example.net\r\n\r\nSee you tomorrow.\r\n`,
  `${FIELDS}Subject: Re: our offers\r\nTo: a@example.net, c@example.net\r\nList-Id: <news.acme.example>\r\n\r\nBuy now.\r\n`,
  `${FIELDS}Subject: News\r\nTo: d@example.net\r\nList-Unsubscribe: <https://acme.example/u>\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n\r\nNews.\r\n`,
  'Subject: no sender\r\nPrecedence: bulk\r\n\r\nWho?\r\n',
] as const;

export const EXEMPT = 'postmaster@own.example';
const ADDRESSES = ['a', 'b', 'b+tag', 'c', 'd', 'dead', 'gone'].map((local) => `${local}@example.net`);

export const anyMail: fc.Arbitrary<Mail> = fc.record({
  account: fc.constantFrom('acme', 'zenith'),
  from: fc.constantFrom('x@acme.example', 'x@acme.example', 'y@else.example', null),
  to: fc.array(fc.array(fc.constantFrom(...ADDRESSES, 'x@acme.example', EXEMPT), { minLength: 1, maxLength: 4 }), {
    minLength: 1,
    maxLength: 3,
  }),
  size: fc.integer({ min: 1, max: 3_000 }),
  body: fc.constantFrom(...BODIES),
  declared: fc.boolean(),
  end: fc.constantFrom('accepted', 'accepted', 'accepted', 'refused-by-relay', 'aborted'),
  unknownToRelay: fc.subarray(['c@example.net'], { maxLength: 1 }),
  after: fc.constantFrom(0, 1_000, 60_000, 400_000, 4_000_000),
});

const rate = (most: number, unit = '') =>
  fc.integer({ min: 1, max: most }).chain((count) => fc.constantFrom(`${count}${unit}/10m`, `${count}${unit}/1h`));
const rates = (most: number, unit = '') => rate(most, unit).map((one) => [one]);
const mode = fc.constantFrom('enforce', 'enforce', 'observe', 'off');

/** Small limits, so that all of them are met. */
export const anyRules = fc.record({
  'volume.recipients': fc.record({ mode, limits: rates(12) }),
  'volume.messages': fc.record({ mode, limits: rates(8) }),
  'volume.bytes': fc.record({ mode, limits: rates(9, 'KiB') }),
  'volume.exempt': fc.record({ mode, limits: rates(6) }),
  'volume.recipients-per-message': fc.record({ mode, limit: fc.integer({ min: 1, max: 5 }) }),
  'flood.recipient': fc.record({ mode, perAccount: rates(5), everyone: rates(8) }),
  'storage.self-mail': fc.record({ mode, limits: rates(3, 'KiB') }),
  'recipient.suppressed': fc.record({ mode, matchSubaddress: fc.boolean() }),
  'recipient.revoked': fc.record({
    mode,
    honourWithin: fc.constantFrom('1h', '48h'),
    grace: fc.constantFrom('pass', 'defer', 'reject'),
  }),
  'recipient.rejections': fc.record({
    mode,
    count: fc.integer({ min: 1, max: 3 }),
    longerThan: fc.constantFrom('0s', '15d'),
  }),
  'account.sender': fc.record({ mode, unlisted: fc.constantFrom('pass', 'reject') }),
  'account.standing': fc.record({ mode }),
  'message.unsubscribe': fc.record({ mode }),
  'message.recipient-visible': fc.record({ mode }),
  'message.source': fc.record({ mode }),
  'message.subject': fc.record({ mode }),
  'recipient.consent': fc.record({ mode }),
  'domain.registration': fc.record({ mode }),
  'bulk.approval': fc.record({ mode }),
  'flood.campaign': fc.record({ mode, limits: rates(6) }),
  'volume.warm-up': fc.record({
    mode,
    ramp: fc.constantFrom([], [{ day: 1, recipients: 4 }]),
  }),
});

/** Some of the addresses are not to be mailed. */
export async function blemish(store: Store): Promise<void> {
  const suppression = {
    account: null,
    reason: 'complained',
    at: START,
    by: 'test',
    note: '',
    expiresAt: null,
  } as const;
  await store.suppress([{ ...suppression, key: 'b@example.net' }]);
  await store.revoke({ key: 'gone@example.net', account: 'acme', at: START - 3_000_000, source: 'test' });
  const policy = { scope: 'account', presumeDeliveredAfterMs: 1e9, keepMs: 1e10 } as const;
  const rejected = { account: 'acme', key: 'dead@example.net', kind: 'rejected', status: '550 5.1.1' } as const;
  for (const day of [20, 10, 0]) {
    await store.recordOutcome({ ...rejected, message: `m${day}`, at: START - day * 86_400_000 - 1 }, policy);
  }
}

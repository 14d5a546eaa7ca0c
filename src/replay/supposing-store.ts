import { commitMessage } from '../store/committing.js';
import {
  type AccountId,
  type AccountState,
  ALL_CAMPAIGNS,
  type CampaignAnswer,
  type CampaignSighting,
  type CampaignState,
  type CommitAnswer,
  everyPage,
  type Reputation,
  type ReserveAnswer,
  type ReserveRequest,
  type Sight,
  type Store,
  type WindowContent,
  type WindowLimit,
} from '../store/contract.js';
import { Reserving } from '../store/reserving.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from '../store/subjects.js';
import { oldestSlot, slotLeavesAt, type WindowUsage } from '../store/window.js';
import type { Held, WindowView } from '../store/window-view.js';
import { unknownState } from '../transaction/account-facts.js';
import type { TransactionStore } from '../transaction/context.js';

/** What is read of the real store, if there is one. */
export type ReadStore = Pick<
  Store,
  'stateOf' | 'reputationOf' | 'look' | 'registeredDomain' | 'consentsOf' | 'subscriptionRevocationsOf' | 'campaigns'
>;

/**
 * A store for mail that nobody sends: answers as the real one would now, and
 * what the one supposed transaction holds it keeps to itself. Nothing is
 * written anywhere.
 *
 * @param real null: nothing was ever counted, suppressed or said of an account
 */
export function supposingStore(real: ReadStore | null): TransactionStore {
  const holds = new Map<string, Held>();
  const look = (request: Pick<ReserveRequest, 'lease' | 'accountLimits' | 'floodLimits' | 'recipients' | 'facts'>) =>
    real === null ? nothingThere(request) : real.look({ ...request, account: request.lease.account });
  return {
    stateOf: (account): Promise<AccountState> => real?.stateOf(account) ?? Promise.resolve(unknownState(account)),
    async reserve(request): Promise<ReserveAnswer> {
      const sight = await look(request);
      const reserving = new Reserving(request, new SightView(sight, request, holds), []);
      const recipients = request.recipients.map((recipient, index) => {
        const { suppression = null, revocation = null, rejections = null } = sight.recipients[index] ?? {};
        const { granted, usage } = reserving.grant(recipient);
        return { granted, usage, held: granted, suppression, revocation, rejections };
      });
      // Here everything is held: it costs nothing.
      return { now: sight.now, recipients, held: true, unheld: {}, ahead: 0 };
    },
    async commit(request): Promise<CommitAnswer> {
      const recipients = request.recipients.map(recipientAgain);
      const asked = { ...request, recipients, facts: NO_FACTS };
      const held = [...holds.values()];
      return { ...commitMessage(request, held, new SightView(await look(asked), asked, new Map())), state: null };
    },
    async giveBack({ lease, amounts, recipients }) {
      for (const [resource, amount] of Object.entries(amounts)) take(holds, ofAccount(lease.account), resource, amount);
      for (const key of recipients) {
        take(holds, ofAccountTo(lease.account, key), 'messages', Number.POSITIVE_INFINITY);
        take(holds, ofEveryoneTo(key), 'messages', Number.POSITIVE_INFINITY);
      }
    },
    chargeRecipient: () => Promise.reject(new Error('a supposed mail is charged for at its end')),
    release: () => Promise.resolve(),
    refund: () => Promise.resolve(),
    recordOutcome: () => Promise.resolve(),
    rememberPassed: () => Promise.resolve(),
    report: () => Promise.reject(new Error('nobody reports about mail that is only supposed')),
    reputationOf: (account) => real?.reputationOf(account) ?? Promise.resolve(NOTHING_HEARD),
    setReputationLevel: () => Promise.resolve(),
    charge: () => Promise.resolve([]),
    meters: (asked) => Promise.resolve(asked.map(() => [])),
    openSession: () => Promise.resolve({ granted: true, concurrent: 1, usage: [] }),
    closeSession: () => Promise.resolve(),
    registeredDomain: (account, domains) => real?.registeredDomain(account, domains) ?? Promise.resolve(null),
    consentsOf: (account, keys) => real?.consentsOf(account, keys) ?? Promise.resolve(keys.map(() => null)),
    subscriptionRevocationsOf: (account, keys) =>
      real?.subscriptionRevocationsOf(account, keys) ?? Promise.resolve(keys.map(() => [])),
    sightCampaign: (sighting) => firstSight(sighting, real),
  };
}

/** As if it were the first message of its campaign: only counting could tell otherwise. */
async function firstSight(
  { account, recipients, windowsMs, subject, sender }: CampaignSighting,
  real: ReadStore | null,
): Promise<CampaignAnswer> {
  const now = Date.now();
  const reached = new Set(recipients).size;
  const seen = { state: 'seen', decided: null, firstAt: now, latestAt: now, messages: 1, recipients: reached } as const;
  return {
    campaign: { account, id: 'supposed', ...seen, subject, sender },
    recipients: windowsMs.map(() => reached),
    ofAccount: (real === null ? null : await decidedOfAll(real, account)) ?? 'seen',
  };
}

async function decidedOfAll(real: ReadStore, account: AccountId): Promise<CampaignState | null> {
  for await (const page of everyPage((start) => real.campaigns({ account, limit: 100, ...start }))) {
    const all = page.find(({ id }) => id === ALL_CAMPAIGNS);
    if (all !== undefined) return all.state;
  }
  return null;
}

const NOTHING_HEARD: Reputation = {
  mailed: 0,
  rejected: 0,
  refusedForUs: 0,
  complained: 0,
  levels: { rejections: 'good', complaints: 'good' },
};

const NO_FACTS: ReserveRequest['facts'] = { suppression: false, revocation: false, rejections: false };

function recipientAgain(key: string): ReserveRequest['recipients'][number] {
  return { key, domain: '', untaggedKey: null, resource: 'recipients' };
}

function take(holds: Map<string, Held>, subject: string, resource: string, amount: number): void {
  const id = `${resource} ${subject}`;
  const held = holds.get(id);
  if (held !== undefined) holds.set(id, { ...held, amount: Math.max(0, held.amount - amount) });
}

async function nothingThere({
  accountLimits,
  floodLimits,
  recipients,
}: Pick<ReserveRequest, 'accountLimits' | 'floodLimits' | 'recipients'>): Promise<Sight> {
  const empty = ({ resource, perMs }: WindowLimit): WindowContent => ({ resource, perMs, held: 0, slots: [] });
  const windows = [...floodLimits.account, ...floodLimits.everyone].map(empty);
  const known = { windows, suppression: null, revocation: null, rejections: null };
  return { now: Date.now(), account: accountLimits.map(empty), recipients: recipients.map(() => known) };
}

/** The windows as they were seen, with what is held here. */
class SightView implements WindowView {
  readonly now: number;
  readonly #contents = new Map<string, WindowContent>();

  constructor(
    sight: Sight,
    { lease, recipients, floodLimits }: Pick<ReserveRequest, 'lease' | 'recipients' | 'floodLimits'>,
    private readonly holds: Map<string, Held>,
  ) {
    this.now = sight.now;
    this.#know(ofAccount(lease.account), sight.account);
    const own = floodLimits.account.length;
    recipients.forEach(({ key }, index) => {
      const windows = sight.recipients[index]?.windows ?? [];
      this.#know(ofAccountTo(lease.account, key), windows.slice(0, own));
      this.#know(ofEveryoneTo(key), windows.slice(own));
    });
  }

  used(subject: string, limit: WindowLimit): number {
    const held = this.#contents.get(idOf(subject, limit))?.held ?? 0;
    return this.#charged(subject, limit) + held + this.#own(subject, limit);
  }

  usage(subject: string, limit: WindowLimit, asked: number): WindowUsage {
    const used = this.used(subject, limit);
    const over = asked > 0 && used + asked > limit.count;
    return {
      limit,
      used,
      over,
      freesUpInMs: over ? this.#freesUpInMs(subject, limit, used + asked - limit.count) : null,
    };
  }

  hold(subject: string, resource: string, amount: number): void {
    const id = `${resource} ${subject}`;
    this.holds.set(id, { subject, resource, amount: amount + (this.holds.get(id)?.amount ?? 0) });
  }

  /** Only for what is told afterwards. */
  charge(subject: string, limits: readonly WindowLimit[], amountOf: (resource: WindowLimit['resource']) => number): [] {
    for (const resource of new Set(limits.map((limit) => limit.resource))) {
      this.hold(subject, resource, amountOf(resource));
    }
    return [];
  }

  #know(subject: string, contents: readonly WindowContent[]): void {
    for (const content of contents) this.#contents.set(idOf(subject, content), content);
  }

  #own(subject: string, { resource }: WindowLimit): number {
    return this.holds.get(`${resource} ${subject}`)?.amount ?? 0;
  }

  #slots(subject: string, limit: WindowLimit): WindowContent['slots'] {
    const oldest = oldestSlot(this.now, limit.perMs);
    return (this.#contents.get(idOf(subject, limit))?.slots ?? []).filter(([slot]) => slot >= oldest);
  }

  #charged(subject: string, limit: WindowLimit): number {
    return this.#slots(subject, limit).reduce((sum, [, amount]) => sum + amount, 0);
  }

  #freesUpInMs(subject: string, limit: WindowLimit, tooMany: number): number | null {
    let left = 0;
    for (const [slot, amount] of this.#slots(subject, limit)) {
      left += amount;
      if (left >= tooMany) return slotLeavesAt(slot, limit.perMs) - this.now;
    }
    return null;
  }
}

function idOf(subject: string, { resource, perMs }: Pick<WindowContent, 'resource' | 'perMs'>): string {
  return `${resource} ${perMs} ${subject}`;
}

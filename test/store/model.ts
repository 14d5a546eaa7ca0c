/**
 * What a store means, in the plainest way: every charge is in a log, every hold
 * in a list, and each question looks at all of them. Synchronous, with a clock
 * that is set from outside. Stores are compared with it in model-suite.ts.
 */

import type { CommitRequest, GiveBackRequest, ReserveRequest, SessionRequest } from '../../src/store/contract.js';
import type { WindowLimit } from '../../src/store/window.js';

export interface ModelUsage {
  readonly used: number;
  readonly over: boolean;
  readonly freesUpInMs: number | null;
}

interface LoggedCharge {
  readonly subject: string;
  readonly resource: string;
  readonly perMs: number;
  readonly at: number;
  readonly amount: number;
}

interface Hold {
  readonly lease: string;
  readonly subject: string;
  readonly resource: string;
  readonly amount: number;
}

interface Demand {
  readonly subject: string;
  readonly limit: WindowLimit;
  readonly amount: number;
  readonly ofMessage: boolean;
}

interface ModelReservation {
  readonly recipients: readonly {
    readonly granted: boolean;
    readonly held: boolean;
    readonly usage: readonly ModelUsage[];
  }[];
  readonly held: boolean;
  readonly unheld: Record<string, number>;
  readonly ahead: number;
}

/** Holds what a call takes, as long as it runs. */
const IN_THIS_CALL = 'this call';

interface ModelTimes {
  readonly reservationTtlMs: number;
  readonly sessionTtlMs: number;
}

export class WindowModel {
  now = 0;
  readonly #times: ModelTimes;
  #log: LoggedCharge[] = [];
  #holds: Hold[] = [];
  readonly #leaseEnds = new Map<string, number>();
  readonly #sessionEnds = new Map<string, { readonly subject: string; endsAt: number }>();

  constructor(times: ModelTimes) {
    this.#times = times;
  }

  reserve(request: ReserveRequest): ModelReservation {
    const { lease, amounts, accountLimits, floodLimits } = request;
    const account = `account ${lease.account}`;
    this.#dropIfExpired(lease.transaction);
    this.renew(lease.transaction);
    const had = this.#holds.filter((hold) => hold.lease === lease.transaction);
    const limits = accountLimits.filter(({ resource }) => isAskedFor(request, resource));
    // Counts like a hold until it is known what is kept.
    this.#leaseEnds.set(IN_THIS_CALL, Number.POSITIVE_INFINITY);
    const take = (subject: string, resource: string, amount: number, counting: readonly WindowLimit[]) => {
      if (counting.some((limit) => limit.resource === resource)) this.#hold(IN_THIS_CALL, subject, resource, amount);
    };
    for (const [resource, amount] of Object.entries(request.unheld)) take(account, resource, amount, limits);
    const before = new Map(
      accountLimits.map((limit) => [limit, this.#judge(account, limit, amounts[limit.resource] ?? 0)]),
    );
    const messageFits = accountLimits.every((limit) => !limit.enforced || !before.get(limit)?.over);
    let messageTaken = false;
    const recipients = request.recipients.map((recipient) => {
      const demands: Demand[] = [
        ...accountLimits
          .filter(({ resource }) => (amounts[resource] ?? 0) > 0 || resource === recipient.resource)
          .map((limit) => ({ subject: account, limit, amount: 1, ofMessage: limit.resource !== recipient.resource })),
        ...floodDemands(floodLimits, lease.account, recipient.key),
      ];
      const judged = demands.map(({ subject, limit, ofMessage }) =>
        ofMessage ? (before.get(limit) ?? this.#judge(subject, limit, 0)) : this.#judge(subject, limit, 1),
      );
      const fits = demands.every(({ limit }, index) => !limit.enforced || !judged[index]?.over);
      const granted = messageFits && fits;
      const places = [
        [`to ${lease.account} ${recipient.key}`, floodLimits.account],
        [`to ${recipient.key}`, floodLimits.everyone],
      ] as const;
      if (granted) {
        if (!messageTaken) {
          for (const [resource, amount] of Object.entries(amounts)) take(account, resource, amount, limits);
        }
        messageTaken = true;
        take(account, recipient.resource, 1, limits);
        for (const [subject, counting] of places) take(subject, 'messages', 1, counting);
      }
      const usage = demands.map(({ subject, limit }, index) => ({
        used: this.#used(subject, limit),
        over: judged[index]?.over ?? false,
        freesUpInMs: judged[index]?.freesUpInMs ?? null,
      }));
      const isFull = places.some(([subject, counting]) => counting.some((limit) => this.#isScarce(subject, limit, 1)));
      const held = granted && (isFull || places.some(([subject]) => had.some((hold) => hold.subject === subject)));
      for (const [subject] of places) this.#settle(subject, held ? lease.transaction : null);
      return { granted, held, usage };
    });
    return { recipients, ...this.#settleAccount(request, limits, had, messageTaken) };
  }

  #settleAccount(
    { lease, unheld, ahead }: ReserveRequest,
    limits: readonly WindowLimit[],
    had: readonly Hold[],
    messageTaken: boolean,
  ): Omit<ModelReservation, 'recipients'> {
    const account = `account ${lease.account}`;
    const taken: Record<string, number> = {};
    for (const { lease, subject, resource, amount } of this.#holds) {
      if (lease === IN_THIS_CALL && subject === account) taken[resource] = (taken[resource] ?? 0) + amount;
    }
    const isTaken = (resource: string) => (taken[resource] ?? 0) > 0;
    const fits = limits.every(
      (limit) => !limit.enforced || !isTaken(limit.resource) || this.#used(account, limit) <= limit.count,
    );
    const mustHold =
      limits.some((limit) => this.#isScarce(account, limit, taken[limit.resource] ?? 0)) ||
      had.some(({ subject, resource }) => subject === account && isTaken(resource));
    const held = mustHold && fits;
    let places = 0;
    const ofRecipients = limits.filter(({ resource }) => resource === 'recipients');
    const own = taken.recipients ?? 0;
    while (
      places < ahead &&
      messageTaken &&
      !held &&
      ofRecipients.every((limit) => 64 * (own + places + 1) <= limit.count - this.#used(account, limit))
    ) {
      places += 1;
    }
    this.#settle(account, held ? lease.transaction : null);
    const others = Object.fromEntries(Object.entries(unheld).filter(([resource]) => !isTaken(resource)));
    return { held, unheld: held ? others : { ...others, ...taken }, ahead: places };
  }

  #isScarce(subject: string, limit: WindowLimit, asked: number): boolean {
    return asked > 0 && 64 * asked > limit.count - this.#used(subject, limit);
  }

  /** What was taken of a subject in this call is held by a lease, or by none. */
  #settle(subject: string, lease: string | null): void {
    const isTaken = (hold: Hold) => hold.lease === IN_THIS_CALL && hold.subject === subject;
    const taken = this.#holds.filter(isTaken);
    this.#holds = this.#holds.filter((hold) => !isTaken(hold));
    if (lease === null || taken.length === 0) return;
    for (const { resource, amount } of taken) this.#hold(lease, subject, resource, amount);
    this.#leaseEnds.set(lease, this.now + this.#times.reservationTtlMs);
  }

  commit(request: CommitRequest): { granted: boolean; usage: ModelUsage[] } {
    const { lease, accountLimits, amounts, floodLimits, recipients } = request;
    const account = `account ${lease.account}`;
    this.#dropIfExpired(lease.transaction);
    const held = this.#holds.filter((hold) => hold.lease === lease.transaction);
    this.release(lease.transaction);
    const demands: Demand[] = [
      ...accountLimits.map((limit) => ({
        subject: account,
        limit,
        amount: amounts[limit.resource] ?? 0,
        ofMessage: true,
      })),
      ...recipients.flatMap((key) => floodDemands(floodLimits, lease.account, key)),
    ].filter(({ amount }) => amount > 0);
    const judged = demands.map(({ subject, limit, amount }) => {
      const own = held.filter((hold) => hold.subject === subject && hold.resource === limit.resource);
      const excess = amount - own.reduce((sum, hold) => sum + hold.amount, 0);
      return this.#judge(subject, limit, excess > 0 ? amount : 0);
    });
    const granted = demands.every(({ limit }, index) => !limit.enforced || !judged[index]?.over);
    if (granted) {
      const charged = new Set<string>();
      for (const { subject, limit, amount } of demands) {
        const window = `${subject} ${limit.resource} ${limit.perMs}`;
        if (!charged.has(window)) this.#charge(subject, limit, amount);
        charged.add(window);
      }
    }
    const usage = demands.flatMap(({ subject, limit, ofMessage }, index) => {
      const { over = false, freesUpInMs = null } = judged[index] ?? {};
      return ofMessage || over ? [{ used: this.#used(subject, limit), over, freesUpInMs }] : [];
    });
    return { granted, usage };
  }

  giveBack({ lease, amounts, recipients }: GiveBackRequest): void {
    this.#dropIfExpired(lease.transaction);
    for (const [resource, amount] of Object.entries(amounts)) {
      const subject = `account ${lease.account}`;
      const mine = (hold: Hold) =>
        hold.lease === lease.transaction && hold.subject === subject && hold.resource === resource;
      const rest = this.#holds.filter(mine).reduce((sum, hold) => sum + hold.amount, 0) - amount;
      this.#holds = this.#holds.filter((hold) => !mine(hold));
      if (rest > 0) this.#holds.push({ lease: lease.transaction, subject, resource, amount: rest });
    }
    const subjects = recipients.flatMap((key) => [`to ${lease.account} ${key}`, `to ${key}`]);
    this.#holds = this.#holds.filter((hold) => hold.lease !== lease.transaction || !subjects.includes(hold.subject));
  }

  release(lease: string): void {
    this.#holds = this.#holds.filter((hold) => hold.lease !== lease);
    this.#leaseEnds.delete(lease);
  }

  renew(lease: string): void {
    if (this.#isAlive(lease)) this.#leaseEnds.set(lease, this.now + this.#times.reservationTtlMs);
  }

  /** Takes back the charges of a commit at `at`. To be called once for each. */
  refund({ lease, accountLimits, amounts, floodLimits, recipients }: CommitRequest, at: number): void {
    const undo = (subject: string, { resource, perMs }: WindowLimit, amount: number) => {
      const index = this.#log.findIndex(
        (one) =>
          one.subject === subject &&
          one.resource === resource &&
          one.perMs === perMs &&
          one.at === at &&
          one.amount === amount,
      );
      if (index >= 0) this.#log.splice(index, 1);
    };
    const windows = (limits: readonly WindowLimit[]) =>
      new Map(limits.map((one) => [`${one.resource} ${one.perMs}`, one])).values();
    for (const limit of windows(accountLimits)) undo(`account ${lease.account}`, limit, amounts[limit.resource] ?? 0);
    for (const key of recipients) {
      for (const limit of windows(floodLimits.account)) undo(`to ${lease.account} ${key}`, limit, 1);
      for (const limit of windows(floodLimits.everyone)) undo(`to ${key}`, limit, 1);
    }
  }

  usage(account: string, limits: readonly WindowLimit[]): ModelUsage[] {
    return limits.map((limit) => this.#judge(`account ${account}`, limit, 1));
  }

  meter(subject: string, limits: readonly WindowLimit[]): ModelUsage[] {
    return limits.map((limit) => this.#judge(subject, limit, 1));
  }

  charge(subject: string, limits: readonly WindowLimit[], amount: number): ModelUsage[] {
    const judged = limits.map((limit) => this.#judge(subject, limit, amount));
    const windows = new Map(limits.map((one) => [`${one.resource} ${one.perMs}`, one]));
    for (const limit of windows.values()) this.#charge(subject, limit, amount);
    return limits.map((limit, index) => ({
      used: this.#used(subject, limit),
      over: judged[index]?.over ?? false,
      freesUpInMs: judged[index]?.freesUpInMs ?? null,
    }));
  }

  openSession({ session, subject, concurrent, limits }: SessionRequest) {
    const open = this.#openSessions(subject);
    const judged = limits.map((limit) => this.#judge(subject, limit, 1));
    const crowded = concurrent?.enforced === true && open >= concurrent.count;
    const granted = !crowded && limits.every(({ enforced }, index) => !enforced || !judged[index]?.over);
    if (!granted) return { granted, concurrent: open, usage: judged };
    this.#sessionEnds.set(session, { subject, endsAt: this.now + this.#times.sessionTtlMs });
    return { granted, concurrent: open + 1, usage: this.charge(subject, limits, 1) };
  }

  renewSession(session: string): void {
    const found = this.#sessionEnds.get(session);
    if (found !== undefined && found.endsAt > this.now) found.endsAt = this.now + this.#times.sessionTtlMs;
  }

  closeSession(session: string): void {
    this.#sessionEnds.delete(session);
  }

  /** Whether the lease holds something for the address. */
  holdsFor(lease: string, key: string): boolean {
    const isFor = ({ subject }: { readonly subject: string }) =>
      subject.startsWith('to ') && subject.endsWith(` ${key}`);
    return this.#isAlive(lease) && this.#holds.some((hold) => hold.lease === lease && isFor(hold));
  }

  #openSessions(subject: string): number {
    return [...this.#sessionEnds.values()].filter((one) => one.subject === subject && one.endsAt > this.now).length;
  }

  #isAlive(lease: string): boolean {
    return (this.#leaseEnds.get(lease) ?? Number.NEGATIVE_INFINITY) > this.now;
  }

  #dropIfExpired(lease: string): void {
    if (!this.#isAlive(lease)) this.release(lease);
  }

  #hold(lease: string, subject: string, resource: string, amount: number): void {
    if (amount > 0) this.#holds.push({ lease, subject, resource, amount });
  }

  #charge(subject: string, { resource, perMs }: WindowLimit, amount: number): void {
    this.#log.push({ subject, resource, perMs, at: this.now, amount });
  }

  /** Of a window's charges, what still counts at a time: its slot has not wholly left. */
  #charged(subject: string, { resource, perMs }: WindowLimit, at: number): number {
    const width = Math.ceil(perMs / 64);
    return this.#log
      .filter((one) => one.subject === subject && one.resource === resource && one.perMs === perMs)
      .filter((one) => (Math.floor(one.at / width) + 1) * width > at - perMs)
      .reduce((sum, one) => sum + one.amount, 0);
  }

  #held(subject: string, resource: string): number {
    return this.#holds
      .filter((hold) => hold.subject === subject && hold.resource === resource && this.#isAlive(hold.lease))
      .reduce((sum, hold) => sum + hold.amount, 0);
  }

  #used(subject: string, limit: WindowLimit): number {
    return this.#charged(subject, limit, this.now) + this.#held(subject, limit.resource);
  }

  #judge(subject: string, limit: WindowLimit, asked: number): ModelUsage {
    const used = this.#used(subject, limit);
    const over = asked > 0 && used + asked > limit.count;
    return { used, over, freesUpInMs: over ? this.#freesUpInMs(subject, limit, asked) : null };
  }

  /** Tries every moment at which a charge leaves. */
  #freesUpInMs(subject: string, limit: WindowLimit, asked: number): number | null {
    const width = Math.ceil(limit.perMs / 64);
    const held = this.#held(subject, limit.resource);
    const moments = this.#log
      .map((one) => (Math.floor(one.at / width) + 1) * width + limit.perMs)
      .filter((moment) => moment > this.now)
      .sort((one, other) => one - other);
    const free = moments.find((moment) => this.#charged(subject, limit, moment) + held + asked <= limit.count);
    return free === undefined ? null : free - this.now;
  }
}

function floodDemands(limits: ReserveRequest['floodLimits'], account: string, key: string): Demand[] {
  return [
    ...limits.account.map((limit) => ({ subject: `to ${account} ${key}`, limit, amount: 1, ofMessage: false })),
    ...limits.everyone.map((limit) => ({ subject: `to ${key}`, limit, amount: 1, ofMessage: false })),
  ];
}

function isAskedFor({ amounts, recipients, ahead }: ReserveRequest, resource: WindowLimit['resource']): boolean {
  return (
    (amounts[resource] ?? 0) > 0 ||
    recipients.some((one) => one.resource === resource) ||
    (ahead > 0 && resource === 'recipients')
  );
}

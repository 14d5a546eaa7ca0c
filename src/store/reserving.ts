/** Granting room to the recipients of one `reserve`, in order. */

import type { RecipientAnswer, ReserveAnswer, ReservedRecipient, ReserveRequest } from './contract/limits.js';
import type { RecipientRequest } from './contract/suppressions.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from './subjects.js';
import { AMPLE, type Amounts, isAmple, type Resource, type WindowLimit, type WindowUsage } from './window.js';
import type { Held, WindowView } from './window-view.js';

/** One limit that is met, and with what. */
interface Demand {
  readonly subject: string;
  readonly limit: WindowLimit;
  readonly amount: number;
}

interface Judged {
  readonly demand: Demand;
  readonly usage: WindowUsage;
}

export type Room = Pick<RecipientAnswer, 'granted' | 'usage'>;

export class Reserving {
  readonly #request: ReserveRequest;
  readonly #view: WindowView;
  readonly #account: string;
  /** Those of the account's limits that count what is asked for here. */
  readonly #limits: readonly WindowLimit[];
  /** The message's own demands are judged once, and taken with the first recipient that is granted. */
  readonly #ofMessage: ReadonlyMap<WindowLimit, Judged>;
  readonly #messageFits: boolean;
  #messageTaken = false;
  /** Of the account's limits, by now. */
  readonly #taken = new Map<Resource, number>();
  readonly #holds: Held[] = [];

  /** @param had what the lease holds already */
  constructor(
    request: ReserveRequest,
    view: WindowView,
    private readonly had: readonly Held[],
  ) {
    this.#request = request;
    this.#view = view;
    this.#account = ofAccount(request.lease.account);
    this.#limits = request.accountLimits.filter(({ resource }) => isAskedFor(request, resource));
    for (const resource of resourcesOf(this.#limits)) this.#take(resource, request.unheld[resource] ?? 0);
    this.#ofMessage = new Map(
      request.accountLimits
        .map((limit) => ({ subject: this.#account, limit, amount: request.amounts[limit.resource] ?? 0 }))
        .filter(({ amount }) => amount > 0)
        .map((demand) => [demand.limit, this.#judgeOne(demand)]),
    );
    this.#messageFits = [...this.#ofMessage.values()].every(({ usage }) => fits(usage));
  }

  /** What is to be held beside what the lease holds already. Known after `ofAccount`. */
  get holds(): readonly Held[] {
    return this.#holds;
  }

  grant(recipient: RecipientRequest): Room & Pick<ReservedRecipient, 'held'> {
    const judged = this.#judge(recipient);
    const granted = this.#messageFits && judged.every(({ usage }) => fits(usage));
    const held = granted && this.#takeAll(recipient);
    const usage = judged.map(({ demand, usage }) => ({
      ...usage,
      used: this.#view.used(demand.subject, demand.limit),
    }));
    return { granted, usage, held };
  }

  /** After the recipients: what becomes of the account's part. */
  ofAccount(): Pick<ReserveAnswer, 'held' | 'unheld' | 'ahead'> {
    const [account, taken] = [this.#account, [...this.#taken]];
    const ample = this.#limits.every((limit) =>
      isAmple(this.#taken.get(limit.resource) ?? 0, limit.count - this.#view.used(account, limit)),
    );
    const mustHold = !ample || taken.some(([resource]) => this.#hasHeld(account, resource));
    const held = taken.length > 0 && mustHold && this.#allFits();
    const others = Object.entries(this.#request.unheld).filter(([resource]) => !this.#taken.has(resource as Resource));
    if (!held) return { held, unheld: Object.fromEntries([...others, ...taken]) as Amounts, ahead: this.#ahead() };
    for (const [resource, amount] of taken) this.#holds.push({ subject: account, resource, amount });
    return { held, unheld: Object.fromEntries(others) as Amounts, ahead: 0 };
  }

  /**
   * What was promised may have been taken by others since. It is not held then:
   * the charge takes what is held as judged, and must judge this.
   */
  #allFits(): boolean {
    return this.#limits.every(
      (limit) =>
        !limit.enforced || !this.#taken.has(limit.resource) || this.#view.used(this.#account, limit) <= limit.count,
    );
  }

  #ahead(): number {
    if (!this.#messageTaken) return 0;
    const own = this.#taken.get('recipients') ?? 0;
    const rooms = this.#limits
      .filter(({ resource }) => resource === 'recipients')
      .map((limit) => Math.floor((limit.count - this.#view.used(this.#account, limit)) / AMPLE) - own);
    return Math.max(0, Math.min(this.#request.ahead, ...rooms));
  }

  /** The account's limits in the order of the request, then flood's. */
  #judge({ key, resource }: RecipientRequest): Judged[] {
    const { accountLimits, floodLimits, lease } = this.#request;
    const one = (subject: string) => (limit: WindowLimit) => this.#judgeOne({ subject, limit, amount: 1 });
    return [
      ...accountLimits.flatMap((limit) => {
        const ofMessage = this.#ofMessage.get(limit);
        if (ofMessage !== undefined) return [ofMessage];
        return limit.resource === resource ? [one(this.#account)(limit)] : [];
      }),
      ...floodLimits.account.map(one(ofAccountTo(lease.account, key))),
      ...floodLimits.everyone.map(one(ofEveryoneTo(key))),
    ];
  }

  #judgeOne(demand: Demand): Judged {
    return { demand, usage: this.#view.usage(demand.subject, demand.limit, demand.amount) };
  }

  /** Takes only what some limit counts. Tells whether the places at the address are held. */
  #takeAll({ key, resource }: RecipientRequest): boolean {
    const { lease, floodLimits, amounts } = this.#request;
    for (const each of resourcesOf(this.#limits)) {
      const ofMessage = this.#messageTaken ? 0 : (amounts[each] ?? 0);
      this.#take(each, ofMessage + (each === resource ? 1 : 0));
    }
    this.#messageTaken = true;
    return this.#takePlaces([
      [ofAccountTo(lease.account, key), floodLimits.account],
      [ofEveryoneTo(key), floodLimits.everyone],
    ]);
  }

  #take(resource: Resource, amount: number): void {
    if (amount <= 0) return;
    this.#view.hold(this.#account, resource, amount);
    this.#taken.set(resource, amount + (this.#taken.get(resource) ?? 0));
  }

  /** One place in the windows of each. */
  #takePlaces(subjects: readonly (readonly [string, readonly WindowLimit[]])[]): boolean {
    const places = subjects.flatMap(([subject, limits]) =>
      [...resourcesOf(limits)].map((resource) => ({ subject, resource, amount: 1 })),
    );
    for (const { subject, resource } of places) this.#view.hold(subject, resource, 1);
    const ample = subjects.every(([subject, limits]) =>
      limits.every((limit) => isAmple(1, limit.count - this.#view.used(subject, limit))),
    );
    if (ample && !places.some(({ subject, resource }) => this.#hasHeld(subject, resource))) return false;
    this.#holds.push(...places);
    return places.length > 0;
  }

  #hasHeld(subject: string, resource: string): boolean {
    return this.had.some((one) => one.subject === subject && one.resource === resource && one.amount > 0);
  }
}

function isAskedFor({ amounts, recipients, ahead }: ReserveRequest, resource: Resource): boolean {
  return (
    (amounts[resource] ?? 0) > 0 ||
    recipients.some((recipient) => recipient.resource === resource) ||
    (ahead > 0 && resource === 'recipients')
  );
}

function fits({ over, limit }: WindowUsage): boolean {
  return !(over && limit.enforced);
}

function resourcesOf(limits: readonly WindowLimit[]): Set<Resource> {
  return new Set(limits.map(({ resource }) => resource));
}

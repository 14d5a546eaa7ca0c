/** Granting room to the recipients of one `reserve`, in order. */

import type { RecipientAnswer, ReserveRequest } from './contract/limits.js';
import type { RecipientRequest } from './contract/suppressions.js';
import { ofAccount, ofAccountTo, ofEveryoneTo } from './subjects.js';
import { AHEAD_SHARE, type Resource, type WindowLimit, type WindowUsage } from './window.js';
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
  /** The message's own demands are judged once, and held with the first recipient that is granted. */
  readonly #ofMessage: ReadonlyMap<WindowLimit, Judged>;
  readonly #messageFits: boolean;
  #messageHeld = false;
  readonly #holds = new Map<string, Held>();

  constructor(request: ReserveRequest, view: WindowView) {
    this.#request = request;
    this.#view = view;
    this.#account = ofAccount(request.lease.account);
    this.#ofMessage = new Map(
      request.accountLimits
        .map((limit) => ({ subject: this.#account, limit, amount: request.amounts[limit.resource] ?? 0 }))
        .filter(({ amount }) => amount > 0)
        .map((demand) => [demand.limit, this.#judgeOne(demand)]),
    );
    this.#messageFits = [...this.#ofMessage.values()].every(({ usage }) => fits(usage));
  }

  /** What the lease holds after all of this. */
  get holds(): Iterable<Held> {
    return this.#holds.values();
  }

  grant(recipient: RecipientRequest): Room {
    const judged = this.#judge(recipient);
    const granted = this.#messageFits && judged.every(({ usage }) => fits(usage));
    if (granted) this.#hold(recipient);
    const usage = judged.map(({ demand, usage }) => ({
      ...usage,
      used: this.#view.used(demand.subject, demand.limit),
    }));
    return { granted, usage };
  }

  /** After the recipients: holds places for others to come, and tells how many. */
  holdAhead(): number {
    if (!this.#messageHeld) return 0;
    const rooms = this.#request.accountLimits
      .filter(({ resource }) => resource === 'recipients')
      .map((limit) => Math.floor((limit.count - this.#view.used(this.#account, limit)) / AHEAD_SHARE));
    const places = Math.max(0, Math.min(this.#request.ahead, ...rooms));
    if (rooms.length > 0) this.#add(this.#account, 'recipients', places);
    return places;
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

  /** Holds only what some limit counts. */
  #hold({ key, resource }: RecipientRequest): void {
    const { lease, accountLimits, floodLimits, amounts } = this.#request;
    for (const each of resourcesOf(accountLimits)) {
      const ofMessage = this.#messageHeld ? 0 : (amounts[each] ?? 0);
      this.#add(this.#account, each, ofMessage + (each === resource ? 1 : 0));
    }
    this.#messageHeld = true;
    for (const each of resourcesOf(floodLimits.account)) this.#add(ofAccountTo(lease.account, key), each, 1);
    for (const each of resourcesOf(floodLimits.everyone)) this.#add(ofEveryoneTo(key), each, 1);
  }

  #add(subject: string, resource: Resource, amount: number): void {
    if (amount <= 0) return;
    this.#view.hold(subject, resource, amount);
    const id = `${resource} ${subject}`;
    this.#holds.set(id, { subject, resource, amount: amount + (this.#holds.get(id)?.amount ?? 0) });
  }
}

function fits({ over, limit }: WindowUsage): boolean {
  return !(over && limit.enforced);
}

function resourcesOf(limits: readonly WindowLimit[]): Set<Resource> {
  return new Set(limits.map(({ resource }) => resource));
}

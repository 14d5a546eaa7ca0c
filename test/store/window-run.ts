/** One run of steps on windows: the store and the model take each, and must agree. */

import assert from 'node:assert/strict';
import type {
  Amounts,
  Charge,
  CommitRequest,
  HeldLease,
  Lease,
  ReserveAnswer,
  SessionRequest,
  Store,
  StoreTimes,
} from '../../src/store/contract.js';
import { NO_FACTS, NO_FLOOD, newLease, recipient } from './contract/sender.js';
import { type ModelUsage, WindowModel } from './model.js';
import type { ModelClock } from './model-clock.js';
import { HALF_HOUR, type WindowStep } from './model-steps.js';

type StepOf<Name extends WindowStep['do']> = Extract<WindowStep, { do: Name }>;

interface Refundable {
  readonly request: CommitRequest;
  readonly at: number;
  readonly charge: Charge;
}

export class WindowRun {
  readonly #clock: ModelClock;
  readonly #name: string;
  readonly #model: WindowModel;
  readonly #leases: readonly Lease[];
  /** By transaction, what was granted and is not held. */
  readonly #unheld = new Map<string, Amounts>();
  readonly #refundable: Refundable[] = [];
  readonly #sessions: SessionRequest[] = [];

  constructor(clock: ModelClock, name: string, times: StoreTimes) {
    this.#clock = clock;
    this.#name = name;
    this.#model = new WindowModel(times);
    this.#leases = [0, 1, 2, 3].map((index) => newLease(this.#account(index % 2)));
  }

  async take(step: WindowStep): Promise<void> {
    this.#model.now = this.#clock.now;
    switch (step.do) {
      case 'advance':
        return this.#clock.advance(step.halfHours * HALF_HOUR);
      case 'reserve':
        return this.#reserve(step);
      case 'chargeRecipient':
        return this.#chargeRecipient(step);
      case 'commit':
        return this.#commit(step);
      case 'giveBack': {
        const request = {
          lease: this.#lease(step.lease),
          amounts: step.amounts,
          recipients: this.#keys(step.addresses),
        };
        this.#model.giveBack(request);
        return this.#store(step).giveBack(request);
      }
      case 'release': {
        const lease = this.#lease(step.lease);
        const held = this.#held(lease);
        this.#unheld.delete(lease.transaction);
        this.#model.release(lease.transaction);
        return this.#store(step).release(held);
      }
      case 'renew': {
        const held = step.leases.map((index) => this.#held(this.#lease(index)));
        for (const { lease } of held) this.#model.renew(lease.transaction);
        return this.#store(step).renew(held);
      }
      case 'refund': {
        const [chosen] = this.#refundable.splice(step.which, 1);
        if (chosen === undefined) return;
        this.#model.refund(chosen.request, chosen.at);
        return this.#store(step).refund(chosen.charge);
      }
      case 'burst':
        return this.#burst(step);
      case 'usage': {
        const account = this.#account(step.account);
        const found = await this.#store(step).usage(account, step.accountLimits);
        return agree(told(found), told(this.#model.usage(account, step.accountLimits)));
      }
      default:
        return this.#count(step);
    }
  }

  async #reserve(step: StepOf<'reserve'>): Promise<void> {
    const { accountLimits, floodLimits, messages, bytes, exempt, ahead } = step;
    const lease = this.#lease(step.lease);
    // An address is asked for once in a transaction.
    const keys = this.#keys(step.addresses).filter((key) => !this.#model.holdsFor(lease.transaction, key));
    const resource = exempt ? 'exempt-recipients' : 'recipients';
    const recipients = keys.map((key) => recipient(key, { resource }));
    const amounts = { messages, bytes };
    const unheld = this.#unheld.get(lease.transaction) ?? {};
    const request = { lease, accountLimits, amounts, floodLimits, recipients, unheld, ahead, facts: NO_FACTS };
    const found = await this.#store(step).reserve(request);
    const expected = this.#model.reserve(request);
    // A hold at an address may end before its account's, unless it is renewed: that is left to each store.
    await this.#store(step).renew([this.#held(lease)]);
    this.#unheld.set(lease.transaction, found.unheld);
    agree(toldReservation(found), toldReservation(expected));
  }

  /** As if held by a transaction of its own, and committed in the same moment. */
  async #chargeRecipient(step: StepOf<'chargeRecipient'>): Promise<void> {
    const { accountLimits, floodLimits, messages, bytes } = step;
    const lease = newLease(this.#lease(step.lease).account);
    const resource = step.exempt ? 'exempt-recipients' : 'recipients';
    const one = recipient(this.#key(step.address), { resource });
    const asked = { lease, accountLimits, amounts: { messages, bytes }, floodLimits, facts: NO_FACTS };
    const found = await this.#store(step).chargeRecipient({ ...asked, recipient: one });
    const [expected] = this.#model.reserve({ ...asked, recipients: [one], unheld: {}, ahead: 0 }).recipients;
    agree(
      { granted: found.recipient.granted, usage: told(found.recipient.usage) },
      { granted: expected?.granted, usage: told(expected?.usage ?? []) },
    );
    agree(found.charge !== null, found.recipient.granted);
    if (found.charge === null) return;
    const amounts = { messages, bytes, [resource]: 1 };
    const request = { lease, accountLimits, amounts, floodLimits, recipients: [one.key], unmailed: [] };
    agree(this.#model.commit(request).granted, true);
    this.#refundable.push({ request, at: this.#clock.now, charge: found.charge });
  }

  /** With the addresses at which it holds something. */
  #held(lease: Lease): HeldLease {
    return {
      lease,
      recipients: this.#keys([0, 1, 2, 3]).filter((key) => this.#model.holdsFor(lease.transaction, key)),
    };
  }

  async #commit(step: StepOf<'commit'>): Promise<void> {
    const { accountLimits, amounts, floodLimits } = step;
    const lease = this.#lease(step.lease);
    const recipients = this.#keys(step.addresses);
    const counted = floodLimits.account.length + floodLimits.everyone.length > 0;
    const unmailed = this.#held(lease).recipients.filter((key) => !counted || !recipients.includes(key));
    const request = { lease, accountLimits, amounts, floodLimits, recipients, unmailed };
    this.#unheld.delete(lease.transaction);
    const { granted, usage, charge } = await this.#store(step).commit(request);
    const expected = this.#model.commit(request);
    agree({ granted, usage: told(usage) }, { granted: expected.granted, usage: told(expected.usage) });
    agree(charge !== null, granted);
    if (charge !== null) this.#refundable.push({ request, at: this.#clock.now, charge });
  }

  /** Transactions that ask for the same at once: whichever come first, as many are granted. */
  async #burst({ accountLimits, transactions }: StepOf<'burst'>): Promise<void> {
    const requests = Array.from({ length: transactions }, () => ({
      lease: newLease(this.#account(0)),
      accountLimits,
      amounts: { messages: 1 },
      floodLimits: NO_FLOOD,
      recipients: [recipient(this.#key(0))],
      unheld: {},
      ahead: 0,
      facts: NO_FACTS,
    }));
    const answers = await Promise.all(
      requests.map(async (request, index) => ({
        request,
        granted: (await this.#store({ client: index % 2 }).reserve(request)).recipients[0]?.granted === true,
      })),
    );
    const inOrder = [...answers].sort((one, other) => Number(other.granted) - Number(one.granted));
    for (const { request, granted } of inOrder) agree(granted, this.#model.reserve(request).recipients[0]?.granted);
  }

  async #count(step: StepOf<'meters' | 'charge' | 'openSession' | 'closeSession' | 'renewSession'>): Promise<void> {
    const store = this.#store(step);
    const subject = `client:${this.#name}` as const;
    switch (step.do) {
      case 'meters': {
        const [found] = await store.meters([{ subject, limits: step.limits }]);
        return agree(told(found ?? []), told(this.#model.meter(subject, step.limits)));
      }
      case 'charge': {
        const found = await store.charge(subject, step.limits, step.amount);
        return agree(told(found), told(this.#model.charge(subject, step.limits, step.amount)));
      }
      case 'openSession': {
        const { concurrent, limits } = step;
        const request = {
          session: `${this.#name}-${this.#sessions.length}-${step.session}`,
          subject,
          concurrent,
          limits,
        };
        const found = await store.openSession(request);
        const expected = this.#model.openSession(request);
        if (found.granted) this.#sessions.push(request);
        return agree({ ...found, usage: told(found.usage) }, { ...expected, usage: told(expected.usage) });
      }
      default: {
        const session = this.#sessions[step.which];
        if (session === undefined) return;
        if (step.do === 'closeSession') {
          this.#model.closeSession(session.session);
          return store.closeSession(session);
        }
        this.#model.renewSession(session.session);
        return store.renewSessions([session]);
      }
    }
  }

  #store({ client }: { readonly client: number }): Store {
    const { store, second } = this.#clock.opened;
    return client === 0 ? store : second;
  }

  #lease(index: number): Lease {
    return this.#leases[index] ?? newLease();
  }

  #account(index: number): string {
    return `${this.#name}-account-${index}`;
  }

  #key(address: number): string {
    return `${address}@${this.#name}.example.net`;
  }

  #keys(addresses: readonly number[]): string[] {
    return addresses.map((address) => this.#key(address));
  }
}

function toldReservation({ recipients, held, unheld, ahead }: ReturnType<WindowModel['reserve']> | ReserveAnswer) {
  const counted = Object.entries(unheld).filter(([, amount]) => amount > 0);
  return {
    recipients: recipients.map(({ granted, held, usage }) => ({ granted, held, usage: told(usage) })),
    held,
    unheld: Object.fromEntries(counted),
    ahead,
  };
}

/** Waits in half hours: a store's clock may have gone on a little. */
function told(usage: readonly ModelUsage[]) {
  return usage.map(({ used, over, freesUpInMs }) => ({
    used,
    over,
    freesUpIn: freesUpInMs === null ? null : Math.round(freesUpInMs / HALF_HOUR),
  }));
}

function agree(found: unknown, expected: unknown): void {
  assert.deepEqual(found, expected);
}

import type { Decision, RecordedRecipientFacts } from '../ledger/decision.js';
import type { EffectivePolicy } from '../policy/engine.js';
import type { Address } from '../smtp/address.js';
import type { AccountId, WindowLimit, WindowUsage } from '../store/contract.js';
import { messageAmounts } from '../transaction/message-amounts.js';
import { type MailScope, type Recollection, subjectOf } from './recollection.js';
import { type Asked, recordedUse, useAfter, useUnder, wasGranted } from './recorded-use.js';
import { type ScopedUsage, scopedUsage } from './scoped-usage.js';

/** How many recipients pass now before this one, less those that passed then. */
export type MoreRecipients = Readonly<Record<'recipients' | 'exempt-recipients', number>>;

/**
 * The windows that one transaction meets under another policy, as its facts have
 * them: what is recorded of each, with what would have come before it put on
 * top. To be asked in the order of the transaction, recipient by recipient and
 * then for the message: what a message asks for once (`messages`, `bytes`) is
 * recorded with the first recipient, and held with the first that has room now.
 */
export class ReplayedUsage {
  /** The use that was recorded of windows that a message asks for once. */
  readonly #askedByFirst = new Map<string, WindowUsage & { readonly included: boolean }>();
  #messageHeld = false;

  /** @param unrecorded hears of each limit whose window is not in the record: its use is what the recollection counted, or nobody can tell and it is left out */
  constructor(
    private readonly decision: Pick<Decision, 'accountState' | 'declaredSize' | 'messageUsage'>,
    private readonly account: AccountId,
    private readonly policy: Pick<EffectivePolicy, 'limitsOf'>,
    private readonly recollection: Recollection,
    private readonly unrecorded: (limit: WindowLimit) => void,
  ) {}

  /** In the store's order. */
  ofRecipient(
    { key }: Pick<Address, 'key'>,
    exempt: boolean,
    recorded: Pick<RecordedRecipientFacts, 'usage' | 'flood'>,
    now: number,
    more: MoreRecipients,
  ): WindowUsage[] {
    const floodLimits = {
      'flood-account': this.#limits('flood-account', now),
      'flood-everyone': this.#limits('flood-everyone', now),
    };
    const scoped = scopedUsage(recorded, floodLimits);
    const included = wasGranted(recorded.usage);
    this.#rememberOnce(scoped, included);
    const resource = exempt ? 'exempt-recipients' : 'recipients';
    const one: Asked = { amount: 1, included, covered: false, difference: 0 };
    const subject = subjectOf('account', this.account, key);
    const ofAccount = this.#limits('account', now).flatMap((limit) => {
      const own = recordedUse(scoped.account, limit);
      if (limit.resource === resource) {
        return this.#use(subject, limit, own, now, { ...one, difference: more[resource] });
      }
      const amount = exempt ? 0 : this.#askedOnce(limit);
      if (amount === 0) return [];
      if (own !== undefined) return this.#use(subject, limit, own, now, { ...one, amount });
      if (this.#messageHeld) return [];
      const first = this.#askedByFirst.get(windowKey(limit));
      return this.#use(subject, limit, first, now, { ...one, amount, included: first?.included ?? false });
    });
    const ofFlood = (['flood-account', 'flood-everyone'] as const).flatMap((scope) =>
      floodLimits[scope].flatMap((limit) =>
        this.#use(subjectOf(scope, this.account, key), limit, recordedUse(scoped[scope], limit), now, one),
      ),
    );
    const usage = [...ofAccount, ...ofFlood];
    // What a message asks for once is held with the first recipient that has room, whatever rules say of it.
    if (!exempt && wasGranted(usage)) this.#messageHeld = true;
    return usage;
  }

  /** @param left those whom the message would be for */
  ofMessage(
    left: readonly { readonly exempt: boolean }[],
    size: number,
    selfMail: boolean,
    now: number,
  ): WindowUsage[] {
    const { messageUsage, declaredSize } = this.decision;
    const amounts = messageAmounts(left, size, selfMail);
    const included = wasGranted(messageUsage);
    const isFlood = (use: WindowUsage) => use.limit.rule === 'flood.recipient';
    const recorded = messageUsage.filter((use) => !isFlood(use));
    const ofAccount = this.#limits('account', now).flatMap((limit) => {
      const amount = amounts[limit.resource] ?? 0;
      if (amount === 0) return [];
      const covered = limit.resource !== 'self-bytes' && (limit.resource !== 'bytes' || (declaredSize ?? 0) >= size);
      const subject = subjectOf('account', this.account, '');
      return this.#use(subject, limit, recordedUse(recorded, limit), now, { amount, covered, included, difference: 0 });
    });
    const floods = [...this.#limits('flood-account', now), ...this.#limits('flood-everyone', now)];
    const stillOver = messageUsage.filter(
      (use) =>
        isFlood(use) && floods.some(({ perMs, count }) => use.limit.perMs === perMs && use.limit.count === count),
    );
    return [...ofAccount, ...stillOver];
  }

  /** Of what a message asks for once, the first recipient tells. */
  #rememberOnce({ account }: ScopedUsage, included: boolean): void {
    for (const use of account) {
      if (this.#askedOnce(use.limit) === 0 || this.#askedByFirst.has(windowKey(use.limit))) continue;
      this.#askedByFirst.set(windowKey(use.limit), { ...use, included });
    }
  }

  #askedOnce({ resource }: WindowLimit): number {
    if (resource === 'messages') return 1;
    return resource === 'bytes' ? (this.decision.declaredSize ?? 0) : 0;
  }

  /** Empty: nobody can tell. */
  #use(
    subject: string,
    limit: WindowLimit,
    recorded: WindowUsage | undefined,
    now: number,
    asked: Asked,
  ): WindowUsage[] {
    if (recorded !== undefined) {
      const difference = this.recollection.difference(subject, limit, now) + asked.difference;
      return [useUnder(limit, recorded, { ...asked, difference })];
    }
    this.unrecorded(limit);
    const counted = this.recollection.counted(subject, limit, now);
    return counted === null ? [] : [useAfter(limit, Math.max(0, counted + asked.difference), asked)];
  }

  #limits(scope: MailScope, now: number): readonly WindowLimit[] {
    return this.policy.limitsOf(scope, this.decision.accountState, now);
  }
}

function windowKey({ resource, perMs }: WindowLimit): string {
  return `${resource} ${perMs}`;
}

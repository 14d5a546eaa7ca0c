import type { EffectivePolicy } from '../policy/engine.js';
import type {
  AccountState,
  AddressKey,
  Amounts,
  Charge,
  CommitAnswer,
  Lease,
  RecipientAnswer,
  ReserveRequest,
} from '../store/contract.js';
import type { TransactionContext } from './context.js';
import { inBackground } from './in-background.js';
import type { RecipientEntry } from './recipient-entry.js';

/**
 * What one transaction holds in the windows of its account and recipients:
 * reserved at RCPT, charged before the final dot, given back whenever the mail
 * does not go out. Giving back never delays a reply.
 */
export class Hold {
  #messageHeld = false;
  #committed = false;
  /** Recipients that the store may hold room for: also those of a call that failed, whose effect nobody knows. */
  readonly #perhapsHeld = new Set<AddressKey>();
  #charge: Charge | null = null;

  constructor(
    private readonly context: TransactionContext,
    private readonly rules: EffectivePolicy,
    private readonly lease: Lease,
  ) {}

  /** Asks for room for each recipient; the answers in order. */
  async reserve(
    entries: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const exempt = entries.filter((entry) => entry.exempt);
    const answers =
      exempt.length === 0
        ? await this.#reserveAlike(entries, state, declaredSize)
        : await this.#reserveMixed(entries, exempt, state, declaredSize);
    entries.forEach((entry, index) => {
      const answer = answers[index];
      if (answer === undefined) throw new Error('the store left a recipient unanswered');
      entry.held = answer.granted;
      if (!answer.granted) this.#perhapsHeld.delete(entry.address.key);
    });
    return answers;
  }

  /** How many of the windows that a recipient meets are of messages to its address. */
  floodWindows(state: AccountState | null): { readonly account: number; readonly everyone: number } {
    const { account, everyone } = this.#floodLimits(state);
    return { account: account.length, everyone: everyone.length };
  }

  /** Recipients that will not be mailed. */
  giveBack(entries: readonly RecipientEntry[]): void {
    const held = entries.filter((entry) => entry.held);
    if (held.length === 0) return;
    for (const entry of held) entry.held = false;
    const exempt = held.filter((entry) => entry.exempt).length;
    const amounts = { recipients: held.length - exempt, 'exempt-recipients': exempt };
    const recipients = held.map((entry) => entry.address.key);
    for (const key of recipients) this.#perhapsHeld.delete(key);
    this.#inBackground('giveBack', this.context.store.giveBack({ lease: this.lease, amounts, recipients }));
  }

  /** Charges for a whole message. */
  async commit(
    accepted: readonly RecipientEntry[],
    state: AccountState | null,
    size: number,
    selfMail: boolean,
  ): Promise<CommitAnswer> {
    const counted = accepted.filter((entry) => !entry.exempt).length;
    const amounts: Amounts = {
      messages: counted > 0 ? 1 : 0,
      recipients: counted,
      'exempt-recipients': accepted.length - counted,
      bytes: counted > 0 ? size : 0,
      'self-bytes': selfMail ? size : 0,
    };
    const answer = await this.context.store.commit({
      lease: this.lease,
      accountLimits: this.#limits('account', state),
      amounts,
      floodLimits: this.#floodLimits(state),
      recipients: accepted.map((entry) => entry.address.key),
      unmailed: this.#heldBeside(accepted),
    });
    this.context.clock.heard(answer.now);
    this.#committed = true;
    this.#charge = answer.charge;
    return answer;
  }

  /** The message was charged for and did not go out. */
  refund(): void {
    if (this.#charge === null) return;
    this.#inBackground('refund', this.context.store.refund(this.#charge));
    this.#charge = null;
  }

  /** The transaction is over: what was held and not charged comes back. */
  end(): void {
    this.context.keepAlive.letGo(this.lease);
    if (this.#committed || (this.#perhapsHeld.size === 0 && !this.#messageHeld)) return;
    this.#inBackground(
      'release',
      this.context.store.release({ lease: this.lease, recipients: [...this.#perhapsHeld] }),
    );
  }

  #heldBeside(accepted: readonly RecipientEntry[]): readonly AddressKey[] {
    if (accepted.length === this.#perhapsHeld.size) return [];
    const mailed = new Set(accepted.map((entry) => entry.address.key));
    return [...this.#perhapsHeld].filter((key) => !mailed.has(key));
  }

  /** Exempt recipients ask for themselves: the message's own limits are not theirs. */
  async #reserveMixed(
    entries: readonly RecipientEntry[],
    exempt: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const counted = entries.filter((entry) => !entry.exempt);
    const [ofCounted, ofExempt] = await Promise.all([
      this.#reserveAlike(counted, state, declaredSize),
      this.#reserveAlike(exempt, state, null),
    ]);
    const answers = [ofCounted.values(), ofExempt.values()] as const;
    return entries.map((entry) => answers[entry.exempt ? 1 : 0].next().value as RecipientAnswer);
  }

  async #reserveAlike(
    alike: readonly RecipientEntry[],
    state: AccountState | null,
    declaredSize: number | null,
  ): Promise<readonly RecipientAnswer[]> {
    const first = alike[0];
    if (first === undefined) return [];
    const asksForMessage = !first.exempt && !this.#messageHeld;
    const { needs, matchSubaddress } = this.rules;
    for (const entry of alike) this.#perhapsHeld.add(entry.address.key);
    const answer = await this.context.store.reserve({
      lease: this.lease,
      accountLimits: this.#limits('account', state),
      amounts: asksForMessage ? { messages: 1, bytes: declaredSize ?? 0 } : {},
      floodLimits: this.#floodLimits(state),
      recipients: alike.map(({ address, resource }) => ({
        key: address.key,
        domain: address.domain,
        untaggedKey: matchSubaddress ? address.untaggedKey : null,
        resource,
      })),
      facts: {
        suppression: needs.has('suppression'),
        revocation: needs.has('revocation'),
        rejections: needs.has('rejections'),
      },
    });
    this.context.clock.heard(answer.now);
    const granted = answer.recipients.some((recipient) => recipient.granted);
    if (granted) this.context.keepAlive.hold(this.lease, this.#perhapsHeld);
    if (granted && asksForMessage) this.#messageHeld = true;
    return answer.recipients;
  }

  #limits(scope: 'account' | 'flood-account' | 'flood-everyone', state: AccountState | null) {
    return this.rules.limitsOf(scope, state, this.context.clock.now());
  }

  #floodLimits(state: AccountState | null): ReserveRequest['floodLimits'] {
    return { account: this.#limits('flood-account', state), everyone: this.#limits('flood-everyone', state) };
  }

  #inBackground(what: string, call: Promise<unknown>): void {
    inBackground(this.context, what, this.lease.account, call);
  }
}

import type { EffectivePolicy } from '../policy/engine.js';
import { refusesAddress } from '../smtp/address-refusal.js';
import { isPermanent, passedOn, type RelayReply, toText } from '../smtp/reply.js';
import type { AccountId, PassedMessage } from '../store/contract.js';
import type { PolicyContext, TransactionContext } from './context.js';
import { inBackground } from './in-background.js';
import type { RecipientEntry } from './recipient-entry.js';
import { relayReport } from './relay-report.js';

/** Of a message that the relay refused as a whole, so many recipients are counted as rejected. */
const MAX_RETURNED = 100;

/**
 * What the store is told of a message's recipients once something is known of
 * their fate. Nobody waits for it: no reply depends on it.
 */
export class ToldOutcomes {
  constructor(
    private readonly context: TransactionContext,
    private readonly policy: PolicyContext,
    private readonly rules: Pick<EffectivePolicy, 'streakScope'>,
    private readonly message: { readonly id: string; readonly account: AccountId },
  ) {}

  /** Only a streak makes a later acceptance worth knowing. */
  accepted(entries: readonly RecipientEntry[], kind: 'accepted' | 'delivered', status: string): void {
    for (const entry of entries) if (entry.rejections !== null) this.#record(entry, kind, status);
  }

  /** A refusal at RCPT. */
  refused(entry: RecipientEntry, reply: RelayReply): void {
    if (this.policy.feedback === null) {
      if (refusesAddress(reply)) this.#record(entry, 'rejected', toText(passedOn(reply)));
    } else if (isPermanent(reply)) this.#report(entry, reply, 'one');
  }

  /** The relay refused the message for good: who of several recipients is to blame it did not say. */
  returned(entries: readonly RecipientEntry[], reply: RelayReply): void {
    if (!isPermanent(reply)) return;
    for (const entry of entries.slice(0, MAX_RETURNED))
      this.#report(entry, reply, entries.length === 1 ? 'one' : 'several');
  }

  /** So that reports about it are believed, and its recipients counted. */
  remember(message: Omit<PassedMessage, 'id' | 'account'>): void {
    const { feedback } = this.policy;
    if (feedback === null) return;
    const { reportWindowMs } = feedback.policyOf(this.message.account);
    const passed = { ...this.message, ...message };
    this.#inBackground('rememberPassed', this.context.store.rememberPassed(passed, reportWindowMs));
  }

  #report(entry: RecipientEntry, reply: RelayReply, meant: 'one' | 'several'): void {
    const { feedback } = this.policy;
    if (feedback === null) return;
    const vouched = { account: this.message.account, message: this.message.id };
    const report = relayReport(reply, vouched, entry.address.key, meant);
    this.#inBackground('report', this.context.store.report(report, feedback.policyOf));
  }

  #record(entry: RecipientEntry, kind: 'accepted' | 'delivered' | 'rejected', status: string): void {
    const { id: message, account } = this.message;
    const outcome = { account, key: entry.address.key, message, kind, status, at: null };
    const policy = { ...this.policy.outcomes, scope: this.rules.streakScope };
    this.#inBackground('recordOutcome', this.context.store.recordOutcome(outcome, policy));
  }

  #inBackground(what: string, call: Promise<unknown>): void {
    inBackground(this.context, what, this.message.account, call);
  }
}

/** One run of steps on suppressions and streaks: the store and the model take each, and must agree. */

import assert from 'node:assert/strict';
import type { OutcomePolicy, Store } from '../../src/store/contract.js';
import { ALL_FACTS, newLease, recipient, reserve } from './contract/sender.js';
import { HOUR, MINUTE } from './contract/times.js';
import type { ModelClock } from './model-clock.js';
import { HALF_HOUR, type RecipientStep } from './model-steps.js';
import { RecipientModel } from './recipient-model.js';

type StepOf<Name extends RecipientStep['do']> = Extract<RecipientStep, { do: Name }>;

/** Ends between the steps; streaks are not forgotten within a run. */
const POLICY = { presumeDeliveredAfterMs: 10 * HOUR + 45 * MINUTE, keepMs: 10_000 * HOUR };

export class RecipientRun {
  readonly #clock: ModelClock;
  readonly #domain: string;
  readonly #model = new RecipientModel();
  #steps = 0;

  constructor(clock: ModelClock, name: string) {
    this.#clock = clock;
    this.#domain = `${name}.example.net`;
  }

  async take(step: RecipientStep): Promise<void> {
    this.#model.now = this.#clock.now;
    this.#steps += 1;
    switch (step.do) {
      case 'advance':
        return this.#clock.advance(step.halfHours * HALF_HOUR);
      case 'outcome':
        return this.#report(step);
      case 'forget': {
        const account = this.#account(step.whose);
        const found = await this.#store(step).forgetRejections(this.#key('a+tag'), account);
        return assert.equal(found, this.#model.forget(this.#key('a+tag'), account));
      }
      case 'suppress':
        return this.#suppress(step);
      case 'unsuppress': {
        const account = this.#account(step.whose);
        const found = await this.#store(step).unsuppress(this.#key(step.key), account);
        return assert.equal(found, this.#model.unsuppress(this.#key(step.key), account));
      }
      case 'facts':
        return this.#compare(step);
    }
  }

  async #report({ account, client, kind, message, hoursAgo, scope }: StepOf<'outcome'>): Promise<void> {
    // No two at the same moment, so that it is certain which is the latest.
    const at = this.#clock.now - hoursAgo * HOUR + this.#steps;
    const policy: OutcomePolicy = { ...POLICY, scope };
    const status = `550 ${this.#steps}`;
    // Each account has messages of its own.
    const report = {
      account: this.#account(account) ?? '',
      key: this.#key('a+tag'),
      message: `${this.#domain}-${account}-${message}`,
    };
    const outcome = { ...report, kind, status, at };
    await this.#store({ client }).recordOutcome(outcome, policy);
    this.#model.record(outcome, policy);
  }

  async #suppress({ client, key, whose, forHalfHours }: StepOf<'suppress'>): Promise<void> {
    const suppression = {
      key: this.#key(key),
      account: this.#account(whose),
      reason: 'manual' as const,
      at: null,
      by: 'model',
      note: `step ${this.#steps}`,
      expiresAt: forHalfHours === null ? null : this.#clock.now + forHalfHours * HALF_HOUR + 15 * MINUTE,
    };
    await this.#store({ client }).suppress([suppression]);
    this.#model.suppress(suppression);
  }

  async #compare(step: StepOf<'facts'>): Promise<void> {
    const store = this.#store(step);
    const account = this.#account(step.account) ?? '';
    const [key, untaggedKey, domain] = [this.#key('a+tag'), this.#key('a'), this.#domain];
    const keys = [key, untaggedKey, `@${domain}`];

    const all = await store.suppressionsOf({ key, untaggedKey, domain });
    const named = all.map((one) => `${one.key} ${one.account} ${one.note}`).sort();
    assert.deepEqual(named, this.#model.suppressionsOf(keys));

    const streaks = await store.rejectionsOf(key);
    const accounts = [this.#account(0), this.#account(1), null];
    const expected = this.#model.streaksOf(key, accounts).map((streak) => ({ key, ...streak }));
    assert.deepEqual([...streaks].sort(byAccount), expected.sort(byAccount));

    const asked = recipient(key, { domain, untaggedKey });
    const answer = await reserve(store, newLease(account), [], { recipients: [asked], facts: ALL_FACTS });
    const { suppression, rejections } = answer.recipients[0] ?? {};
    const closest = suppression ? `${suppression.key} ${suppression.account} ${suppression.note}` : null;
    assert.equal(closest, this.#model.closest(keys, account));
    const [latest = null] = expected
      .filter((streak) => streak.account === account || streak.account === null)
      .sort((one, other) => other.latestAt - one.latestAt);
    assert.deepEqual(rejections, latest);
  }

  #store({ client }: { readonly client: number }): Store {
    const { store, second } = this.#clock.opened;
    return client === 0 ? store : second;
  }

  #account(whose: number | null): string | null {
    return whose === null ? null : `${this.#domain}-account-${whose}`;
  }

  #key(name: string): string {
    return name === '@' ? `@${this.#domain}` : `${name}@${this.#domain}`;
  }
}

function byAccount(one: { readonly account: string | null }, other: { readonly account: string | null }): number {
  return String(one.account).localeCompare(String(other.account));
}

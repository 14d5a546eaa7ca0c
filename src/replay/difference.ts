/** What would be otherwise: recipient by recipient, or a transaction that got no further than MAIL. */

import type { Decision } from '../ledger/decision.js';
import type { RecordedObjection } from '../policy/rule.js';
import { heardOf, type Outcome, outcomeOf } from './outcome.js';
import { reachedMessage, refusedWithoutRule } from './recorded-recipient.js';
import { goesOn, type ReplayedTransaction, recordedAt } from './transaction-replay.js';

export interface Comparison {
  /** As the client spelled it; null: the transaction as a whole. */
  readonly recipient: string | null;
  readonly before: Outcome;
  readonly after: Outcome;
}

/** Each recipient that a rule judged then and judges now. */
export function compare(decision: Decision, replayed: ReplayedTransaction): readonly Comparison[] {
  const mailThen = recordedAt(decision, 'mail');
  const mailNow = replayed.mail?.objections ?? mailThen;
  if (decision.recipients.length === 0) {
    return [{ recipient: null, before: outcomeOf([mailThen]), after: outcomeOf([mailNow]) }];
  }
  const messageThen = recordedAt(decision, 'message');
  const messageNow = replayed.message?.objections ?? [];
  if (heardOf(mailNow) !== null) {
    return decision.recipients
      .filter((recorded) => !refusedWithoutRule(recorded))
      .map((recorded) => ({
        recipient: recorded.address,
        before: outcomeOf([mailThen, recorded.objections, reachedMessage(recorded) ? messageThen : []]),
        after: outcomeOf([mailNow]),
      }));
  }
  return replayed.recipients
    .filter(({ recorded, judgement }) => judgement !== null && !refusedWithoutRule(recorded))
    .map((one) => {
      const { recorded, judgement } = one;
      const objections: readonly RecordedObjection[] = judgement?.objections ?? [];
      return {
        recipient: recorded.address,
        before: outcomeOf([mailThen, recorded.objections, reachedMessage(recorded) ? messageThen : []]),
        after: outcomeOf([mailNow, objections, goesOn(one) ? messageNow : []]),
      };
    });
}

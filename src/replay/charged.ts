/** For whom a message is charged: as it was recorded, and as it would be now. */

import type { Decision } from '../ledger/decision.js';
import { isSelfMail } from '../policy/self-mail.js';
import type { Amounts } from '../store/contract.js';
import { messageAmounts } from '../transaction/message-amounts.js';
import { heardOf } from './outcome.js';
import { addressOf, reachedMessage } from './recorded-recipient.js';
import { goesOn, type ReplayedTransaction, recordedAt } from './transaction-replay.js';

export interface Charged {
  readonly amounts: Amounts;
  /** Keys of the recipients. */
  readonly keys: ReadonlySet<string>;
}

const NOTHING: Charged = { amounts: {}, keys: new Set() };

interface Target {
  readonly key: string;
  readonly exempt: boolean;
}

export function chargedBefore(decision: Decision): Charged {
  if (!wentOut(decision)) return NOTHING;
  const selfMail = decision.messageUsage.some(({ limit }) => limit.resource === 'self-bytes');
  const targets = decision.recipients.filter(reachedMessage).flatMap((recorded) => {
    const address = addressOf(recorded);
    return address === null ? [] : [{ key: address.key, exempt: recorded.facts?.exempt ?? false }];
  });
  return charged(targets, decision, selfMail);
}

/**
 * Mail that was refused whole and passes now is taken to go out: the relay is
 * assumed to take it. What was broken off by the client, or refused by the
 * relay, ends as it did.
 */
export function chargedAfter(decision: Decision, replayed: ReplayedTransaction): Charged {
  if (replayed.mail?.reply || replayed.message?.reply) return NOTHING;
  const left = replayed.recipients.filter(goesOn);
  if (left.length === 0) return NOTHING;
  if (!wentOut(decision) && !wasRefusedByRule(decision)) return NOTHING;
  const selfMail = isSelfMail(
    left.map(({ address }) => address),
    replayed.senders,
  );
  return charged(
    left.map(({ address, exempt }) => ({ key: address.key, exempt })),
    decision,
    selfMail,
  );
}

function charged(targets: readonly Target[], { size, declaredSize }: Decision, selfMail: boolean): Charged {
  return {
    amounts: messageAmounts(targets, size ?? declaredSize ?? 0, selfMail),
    keys: new Set(targets.map(({ key }) => key)),
  };
}

/** What was charged stayed charged. */
function wentOut({ ending }: Decision): boolean {
  return ending !== 'refused' && ending !== 'aborted';
}

/** By its message, or by every one of its recipients. */
function wasRefusedByRule(decision: Decision): boolean {
  if (heardOf(recordedAt(decision, 'message')) !== null) return true;
  return decision.recipients.every(({ verdict }) => verdict !== 'pass');
}

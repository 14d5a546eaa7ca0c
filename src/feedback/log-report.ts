import { parseAddress } from '../smtp/path.js';
import type { AddressKey, OutcomeReport, ReportedKind } from '../store/contract.js';
import { FAULT_OF, type ReportedOutcome } from './outcome.js';
import type { LogOutcome } from './relay-log/relay-log.js';

/** Written so lately that the message may not have been remembered yet: it is asked for once more. */
const FRESH_MS = 60_000;

/**
 * What a log's outcome reports; null: nothing that counts (not final, or of a
 * notification that the relay itself sent).
 *
 * @param now ms since the epoch
 */
export function logReport({ at, outcome, message, chain, sender }: LogOutcome, now: number): OutcomeReport | null {
  const kind = kindOf(outcome);
  if (kind === null || sender === '') return null;
  return {
    source: 'relay-log',
    kind,
    recipients: recipientsOf(outcome),
    message: { id: null, queueIds: chain, envid: null, messageId: message.messageId },
    vouched: null,
    fault: FAULT_OF[outcome.class],
    reason: outcome.class,
    status: outcome.diagnostic ?? outcome.status ?? '',
    at,
    ifUnmatched: now - at < FRESH_MS ? 'say' : 'list',
  };
}

/** `relayed`, `expanded` and `delayed` are no ends. */
export function kindOf({ action, permanent }: ReportedOutcome): ReportedKind | null {
  if (action === 'failed') return permanent ? 'rejected' : null;
  return action === 'delivered' || action === 'complained' || action === 'revoked' ? action : null;
}

/** The client knows it by its original name, if it was renamed at all. */
export function recipientsOf({ recipient, originalRecipient }: ReportedOutcome): AddressKey[] {
  const keys = [originalRecipient, recipient].flatMap((text) => {
    const address = text === null ? null : parseAddress(text);
    return address === null ? [] : [address.key];
  });
  return [...new Set(keys)];
}

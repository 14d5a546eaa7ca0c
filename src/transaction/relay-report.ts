import { faultOfWords } from '../feedback/fault-of-words.js';
import { FAULT_OF } from '../feedback/outcome.js';
import { refusesAddress } from '../smtp/address-refusal.js';
import { passedOn, type RelayReply, toText } from '../smtp/reply.js';
import type { AddressKey, OutcomeReport } from '../store/contract.js';

/**
 * What the relay's permanent refusal says of a recipient, as every report says it.
 *
 * @param meant `several`: the whole message was refused, so that no address is to blame
 */
export function relayReport(
  reply: RelayReply,
  vouched: NonNullable<OutcomeReport['vouched']>,
  key: AddressKey,
  meant: 'one' | 'several',
): OutcomeReport {
  const text = reply.lines.join(' ');
  const status = /^\s*(5\.\d{1,3}\.\d{1,3})\b/.exec(text)?.[1] ?? null;
  const reason = faultOfWords(status, text);
  const fault = FAULT_OF[reason];
  const clearly = meant === 'one' && refusesAddress(reply);
  return {
    source: 'relay',
    kind: 'rejected',
    recipients: [key],
    message: { id: null, queueIds: [], envid: null, messageId: null },
    vouched,
    // Only a refusal that clearly means the address may touch its streak.
    fault: clearly ? 'recipient' : fault === 'recipient' ? 'undetermined' : fault,
    reason,
    status: toText(passedOn(reply)),
    at: null,
    ifUnmatched: 'say',
  };
}

/** Which of the messages that a report may mean it does mean; the same in every store. */

import type { AddressKey, Instant, OutcomeReport, RememberedMessage } from './contract.js';

/** So many messages of one name are looked at, the latest: a Message-ID or ENVID that is used for everything names nothing. */
export const MOST_NAMESAKES = 32;

/** Clocks of other machines may be ahead, or behind what they report. */
const CLOCK_SLACK_MS = 3_600_000;

/** Names as they are indexed, the most trustworthy first. The id is no name: it is the message. */
export function namesIn({ queueIds, envid, messageId }: Omit<OutcomeReport['message'], 'id'>): string[] {
  return [
    ...queueIds.map((id) => `queue:${id}`),
    ...(envid === null ? [] : [`envid:${envid}`]),
    ...(messageId === null ? [] : [`message-id:${messageId}`]),
  ];
}

/** `null` as key: the complaint hides its recipient, and the message had several. */
export interface Meant {
  readonly message: RememberedMessage;
  readonly key: AddressKey | null;
}

/** The latest of the candidates that had such a recipient and was there at the time; null: none. */
export function meantBy(
  { recipients, kind }: Pick<OutcomeReport, 'recipients' | 'kind'>,
  candidates: readonly RememberedMessage[],
  at: Instant,
): Meant | null {
  const latestFirst = [...candidates].sort((one, other) => other.at - one.at);
  for (const message of latestFirst) {
    if (message.at > at + CLOCK_SLACK_MS) continue;
    const key = recipients.find((recipient) => message.recipients.includes(recipient));
    if (key !== undefined) return { message, key };
    if (recipients.length > 0 || (kind !== 'complained' && kind !== 'not-spam')) continue;
    return { message, key: message.recipients.length === 1 ? (message.recipients[0] ?? null) : null };
  }
  return null;
}

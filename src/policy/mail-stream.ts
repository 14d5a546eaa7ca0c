import { fieldsNamed, firstValue } from '../message/header-fields.js';
import type { HeaderSection } from '../message/inspection.js';
import { mailboxesOf } from '../message/mailbox-list.js';
import { subscriptionIdIn } from '../message/passing-header.js';
import type { Address } from '../smtp/address.js';
import { type DeclaredStream, declaredStreamOf } from './declared-stream.js';

export interface StreamNaming {
  readonly streams: readonly DeclaredStream[];
  readonly feedbackIdParts: readonly number[];
}

/** Gmail's `a:b:c:SenderId`. Of a Feedback-ID of fewer parts nobody says which are left out. */
const FEEDBACK_ID_PARTS = 4;
const FEEDBACK_ID = 'feedback-id:';

/**
 * The stream of campaigns that a message belongs to: one that the provider
 * declared, or what its Feedback-ID says in those parts that stay the same from
 * one mailing to the next. Null: not known. What messages are alike is no stream:
 * a fingerprint is another one with each mailing.
 */
export function mailStream(
  header: HeaderSection,
  reversePath: Address | null,
  { streams, feedbackIdParts }: StreamNaming,
): string | null {
  const from = mailboxesOf(header, 'from').mailboxes[0]?.address ?? null;
  const declared = declaredStreamOf(streams, from, reversePath, (name) => firstValue(header, name));
  return declared ?? streamInFeedbackId(header, feedbackIdParts);
}

/** Whether mail may be of a stream of this name. One that was declared once may have another name by now, or none. */
export function isStreamName(name: string, { streams, feedbackIdParts }: StreamNaming): boolean {
  if (!name.startsWith(FEEDBACK_ID)) return streams.some((stream) => stream.name === name);
  return feedbackIdParts.length > 0 && name.slice(FEEDBACK_ID.length).split(':').length === feedbackIdParts.length;
}

/** No declared stream has a colon in its name. */
function streamInFeedbackId(header: HeaderSection, wanted: readonly number[]): string | null {
  const [field, ...others] = fieldsNamed(header, 'feedback-id');
  if (field === undefined || others.length > 0 || wanted.length === 0) return null;
  const parts = field.value.split(':').map((part) => part.trim());
  const named = wanted.map((position) => parts[position - 1] ?? '');
  if (parts.length !== FEEDBACK_ID_PARTS || named.includes('')) return null;
  return subscriptionIdIn(`${FEEDBACK_ID}${named.join(':')}`);
}

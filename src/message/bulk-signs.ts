import type { BulkSign } from './findings.js';
import type { Inspection } from './inspection.js';

/** Fields that only mail to many has: RFC 2369, RFC 2919, and what bulk senders' programs write. */
const DECLARING = new Set([
  'list-id',
  'list-unsubscribe',
  'list-unsubscribe-post',
  'list-help',
  'list-subscribe',
  'list-owner',
  'list-archive',
  'list-post',
  'feedback-id',
  'x-feedback-id',
  'x-campaign',
  'x-campaign-id',
  'x-campaignid',
  'x-mc-user',
  'x-mailer-recptid',
  'x-mailgun-tag',
  'x-sg-eid',
  'x-csa-complaints',
  'x-report-abuse',
  'x-list-id',
  'x-listid',
  'x-mailing-list',
  'mailing-list',
  'x-broadcast-id',
]);
const PRECEDENCE = /^\s*(?:bulk|list|junk)\b/i;

/**
 * What declares a message bulk: List-* (RFC 2369, RFC 2919), Precedence,
 * Feedback-ID … A `Precedence: bulk` of an automatic answer (RFC 3834 §3.1.8) or
 * a delivery report only asks not to be answered and is none. Wish: `header`.
 */
export function findBulkSigns({ header }: Pick<Inspection, 'header'>): readonly BulkSign[] {
  const answers = header.fields.some(
    ({ key, value }) =>
      (key === 'auto-submitted' && /^\s*auto-(?:replied|notified)/i.test(value)) ||
      key === 'x-autoreply' ||
      (key === 'content-type' && /^\s*multipart\/report\b/i.test(value)),
  );
  return header.fields
    .filter(({ key, value }) => DECLARING.has(key) || (key === 'precedence' && !answers && PRECEDENCE.test(value)))
    .map(({ key, value }) => ({ sign: key, value: value.slice(0, 200) }));
}

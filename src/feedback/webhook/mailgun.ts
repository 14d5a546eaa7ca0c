import type { ReportedKind } from '../../store/contract.js';
import { bracketed, field, instant, text, type WebhookReader } from './told-outcome.js';

/** `failed` ends only with severity `permanent`. */
const KINDS: Readonly<Record<string, ReportedKind>> = {
  delivered: 'delivered',
  failed: 'rejected',
  complained: 'complained',
  unsubscribed: 'revoked',
};

/** Reasons that speak of Mailgun's own lists: nothing new was learnt. */
const OWN_LISTS = /^suppress-/;

/** https://documentation.mailgun.com/docs/mailgun/user-manual/events/events */
export const readMailgun: WebhookReader = (body) => {
  const event = field(body, 'event-data');
  const kind = KINDS[text(field(event, 'event'))];
  if (kind === undefined) return [];
  const passing = kind === 'rejected' && text(field(event, 'severity')) !== 'permanent';
  if (passing || OWN_LISTS.test(text(field(event, 'reason')))) return [];
  const status = field(event, 'delivery-status');
  return [
    {
      kind,
      recipient: text(field(event, 'recipient')),
      queueIds: [],
      messageId: bracketed(field(event, 'message', 'headers', 'message-id')),
      envid: null,
      status: text(field(status, 'enhanced-code')) || null,
      diagnostic: text(field(status, 'message')) || text(field(status, 'description')),
      class: null,
      at: instant(field(event, 'timestamp')),
    },
  ];
};

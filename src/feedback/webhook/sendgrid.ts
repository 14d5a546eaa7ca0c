import type { ReportedKind } from '../../store/contract.js';
import { bracketed, field, instant, list, text, type WebhookReader } from './told-outcome.js';

/** Twilio SendGrid's event webhook. `dropped` and `deferred` are no ends of what we passed. */
const KINDS: Readonly<Record<string, ReportedKind>> = {
  delivered: 'delivered',
  bounce: 'rejected',
  spamreport: 'complained',
  unsubscribe: 'revoked',
  group_unsubscribe: 'revoked',
};

/** https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/event */
export const readSendGrid: WebhookReader = (body) =>
  list(body).flatMap((event) => {
    const kind = KINDS[text(field(event, 'event'))];
    if (kind === undefined) return [];
    const diagnostic = text(field(event, 'reason')) || text(field(event, 'response'));
    return [
      {
        kind,
        recipient: text(field(event, 'email')),
        queueIds: [],
        messageId: bracketed(field(event, 'smtp-id')),
        envid: null,
        status: text(field(event, 'status')) || null,
        diagnostic,
        // `blocked`: refused for who sends, not for whom it was to.
        class: kind === 'rejected' && text(field(event, 'type')) === 'blocked' ? 'reputation' : null,
        at: instant(field(event, 'timestamp')),
      },
    ];
  });

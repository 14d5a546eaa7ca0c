import type { FaultClass } from '../outcome.js';
import { bracketed, field, instant, list, type ToldOutcome, text, type WebhookReader } from './told-outcome.js';

/**
 * Amazon SES over SNS: notifications (`notificationType`) and event publishing
 * (`eventType`), wrapped by SNS or raw. Of bounces only `Permanent` ones are final.
 * https://docs.aws.amazon.com/ses/latest/dg/notification-contents.html
 */
export const readAmazonSes: WebhookReader = (body) => {
  const event = unwrapped(body);
  const type = text(field(event, 'notificationType') ?? field(event, 'eventType')).toLowerCase();
  const mail = field(event, 'mail');
  const common = {
    queueIds: [text(field(mail, 'messageId'))].filter((id) => id !== ''),
    messageId: bracketed(field(mail, 'commonHeaders', 'messageId')),
    envid: null,
  };
  switch (type) {
    case 'bounce':
      return bounced(field(event, 'bounce')).map((one) => ({ ...common, ...one }));
    case 'complaint':
      return complained(field(event, 'complaint')).map((one) => ({ ...common, ...one }));
    case 'delivery':
      return delivered(field(event, 'delivery')).map((one) => ({ ...common, ...one }));
    default:
      return [];
  }
};

/** The address that an SNS topic asks to be confirmed at; null for anything else. */
export function subscriptionOf(body: unknown): string | null {
  return text(field(body, 'Type')) === 'SubscriptionConfirmation' ? text(field(body, 'SubscribeURL')) : null;
}

type Said = Omit<ToldOutcome, 'queueIds' | 'messageId' | 'envid'>;

const BY_SUB_TYPE: Readonly<Record<string, FaultClass>> = {
  NoEmail: 'unknown',
  MailboxFull: 'full',
  MessageTooLarge: 'content',
  ContentRejected: 'content',
  AttachmentRejected: 'content',
};

function bounced(bounce: unknown): Said[] {
  if (text(field(bounce, 'bounceType')) !== 'Permanent') return [];
  return list(field(bounce, 'bouncedRecipients')).map((one) => ({
    kind: 'rejected',
    recipient: text(field(one, 'emailAddress')),
    status: text(field(one, 'status')) || null,
    diagnostic: text(field(one, 'diagnosticCode')),
    class: BY_SUB_TYPE[text(field(bounce, 'bounceSubType'))] ?? null,
    at: instant(field(bounce, 'timestamp')),
  }));
}

function complained(complaint: unknown): Said[] {
  const kind = text(field(complaint, 'complaintFeedbackType')) === 'not-spam' ? 'not-spam' : 'complained';
  return list(field(complaint, 'complainedRecipients')).map((one) => ({
    kind,
    recipient: text(field(one, 'emailAddress')),
    status: null,
    diagnostic: text(field(complaint, 'complaintFeedbackType')) || 'complaint',
    class: null,
    at: instant(field(complaint, 'timestamp')),
  }));
}

function delivered(delivery: unknown): Said[] {
  return list(field(delivery, 'recipients')).map((recipient) => ({
    kind: 'delivered',
    recipient: text(recipient),
    status: null,
    diagnostic: text(field(delivery, 'smtpResponse')),
    class: null,
    at: instant(field(delivery, 'timestamp')),
  }));
}

function unwrapped(body: unknown): unknown {
  const message = field(body, 'Message');
  if (typeof message !== 'string') return body;
  try {
    return JSON.parse(message);
  } catch {
    return null;
  }
}

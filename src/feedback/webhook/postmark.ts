import type { ReportedKind } from '../../store/contract.js';
import type { FaultClass } from '../outcome.js';
import { bracketed, field, instant, list, text, type WebhookReader } from './told-outcome.js';

const KINDS: Readonly<Record<string, ReportedKind>> = {
  Delivery: 'delivered',
  Bounce: 'rejected',
  SpamComplaint: 'complained',
};

/** Types of bounces that are final, and whose fault they are; null: the words tell. */
const FINAL: Readonly<Record<string, FaultClass | null>> = {
  HardBounce: null,
  BadEmailAddress: 'unknown',
  AddressChange: 'moved',
  SpamNotification: 'content',
  VirusNotification: 'content',
  Blocked: 'reputation',
  DMARCPolicy: 'reputation',
};

/** https://postmarkapp.com/developer/webhooks/webhooks-overview */
export const readPostmark: WebhookReader = (body) => {
  const record = text(field(body, 'RecordType'));
  const type = text(field(body, 'Type'));
  if (record === 'SubscriptionChange') return subscriptionChange(body);
  const kind = KINDS[record];
  if (kind === undefined || (kind === 'rejected' && !Object.hasOwn(FINAL, type))) return [];
  return [
    {
      kind,
      recipient: text(field(body, 'Email')) || text(field(body, 'Recipient')),
      queueIds: [text(field(body, 'MessageID'))].filter((id) => id !== ''),
      messageId: messageIdIn(field(body, 'Headers')),
      envid: null,
      status: null,
      diagnostic: text(field(body, 'Details')) || text(field(body, 'Description')),
      class: kind === 'rejected' ? (FINAL[type] ?? null) : null,
      at: instant(field(body, 'BouncedAt')) ?? instant(field(body, 'DeliveredAt')),
    },
  ];
};

function subscriptionChange(body: unknown): ReturnType<WebhookReader> {
  // Bounces and complaints change it too, and are told as such.
  if (field(body, 'SuppressSending') !== true || text(field(body, 'SuppressionReason')) !== 'ManualSuppression')
    return [];
  return [
    {
      kind: 'revoked',
      recipient: text(field(body, 'Recipient')),
      queueIds: [text(field(body, 'MessageID'))].filter((id) => id !== ''),
      messageId: null,
      envid: null,
      status: null,
      diagnostic: 'unsubscribed',
      class: null,
      at: instant(field(body, 'ChangedAt')),
    },
  ];
}

function messageIdIn(headers: unknown): string | null {
  const found = list(headers).find((header) => text(field(header, 'Name')).toLowerCase() === 'message-id');
  return bracketed(field(found, 'Value'));
}

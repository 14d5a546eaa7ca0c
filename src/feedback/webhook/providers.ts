import { readAmazonSes } from './amazon-ses.js';
import { readMailgun } from './mailgun.js';
import { readPostmark } from './postmark.js';
import { readSendGrid } from './sendgrid.js';
import type { WebhookReader } from './told-outcome.js';

export const PROVIDERS = ['ses', 'sendgrid', 'mailgun', 'postmark'] as const;
export type Provider = (typeof PROVIDERS)[number];

export const READER_OF: Readonly<Record<Provider, WebhookReader>> = {
  ses: readAmazonSes,
  sendgrid: readSendGrid,
  mailgun: readMailgun,
  postmark: readPostmark,
};

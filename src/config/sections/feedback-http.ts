import { z } from 'zod';
import { durationSchema, MS } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';
import { networkSchema } from '../values/names.js';
import { pem, privatePem, secret } from '../values/roles.js';

const keysSchema = () => z.array(secret().describe('At least 16 characters.')).min(1);

const urlSchema = () =>
  z.string().regex(/^https:\/\/[\x21-\x7e]{1,200}[^/]$/, { error: 'expected an https URL without a / at its end' });

const oneClickSchema = z.strictObject({
  url: urlSchema().describe('Where recipients reach this listener; links are `URL/u/TOKEN`. RFC 8058 asks for https.'),
  keys: keysSchema().describe('The first signs links, all verify: put a new one in front to change it.'),
  validFor: durationSchema({ minMs: 30 * MS.d })
    .prefault('180d')
    .describe('How long a link is good. CAN-SPAM asks for 30 days at least.'),
  addToBulk: z
    .boolean()
    .default(false)
    .describe(
      'Bulk mail to one recipient that has no List-Unsubscribe and is not signed yet gets both fields. The relay must sign it afterwards (docs/feedback-by-http.md).',
    ),
});

const evidenceSchema = z.strictObject({
  url: z
    .string()
    .regex(/^https?:\/\/[\x21-\x7e]{1,200}[^/]$/, { error: 'expected an http or https URL without a / at its end' })
    .describe('Where accounts reach this listener; links are `URL/e/TOKEN`.'),
  keys: keysSchema().describe('The first signs links, all verify: put a new one in front to change it.'),
});

const doubleOptInSchema = z.strictObject({
  url: urlSchema().describe('Where recipients reach this listener; links are `URL/c/TOKEN`.'),
  keys: keysSchema().describe('The first signs links, all verify: put a new one in front to change it.'),
  validFor: durationSchema({ minMs: MS.h }).prefault('7d').describe('How long a link is good.'),
  text: z
    .string()
    .min(1)
    .max(1000)
    .default('I agree to get e-mail from {account}.')
    .describe('What the recipient sees and agrees to; `{account}` stands for the account. Kept with the consent.'),
});

const webhooksSchema = z
  .strictObject({
    ses: secret().exactOptional().describe('Amazon SES, by SNS.'),
    sendgrid: secret().exactOptional().describe('Twilio SendGrid.'),
    mailgun: secret().exactOptional().describe('Mailgun.'),
    postmark: secret().exactOptional().describe('Postmark.'),
  })
  .prefault({})
  .describe('Password (HTTP Basic, any user name) of `POST /v1/webhooks/NAME`; those without one are not there.');

export const feedbackHttpSchema = z.strictObject({
  address: endpointSchema().describe('`host:port`, `[IPv6 address]:port` or `unix:/path`.'),
  tls: z
    .strictObject({
      certificate: pem().describe('Certificate chain, PEM or a file of it.'),
      key: privatePem().describe('Its private key, PEM or a file of it.'),
    })
    .exactOptional()
    .describe('Absent: plain HTTP, for a proxy in front that has TLS.'),
  oneClick: oneClickSchema.exactOptional().describe('Unsubscribe links (RFC 8058). Absent: none.'),
  evidence: evidenceSchema
    .exactOptional()
    .describe('Links by which accounts answer requests for evidence (`sluice audit`). Absent: none.'),
  doubleOptIn: doubleOptInSchema
    .exactOptional()
    .describe('Links by which recipients confirm their consent (`sluice consent invite`). Absent: none.'),
  proxies: z
    .array(networkSchema().describe('An address, a network, or `unix`.'))
    .default([])
    .describe('Proxies in front of this listener: their X-Forwarded-For says who the client is.'),
  apiKeys: keysSchema().exactOptional().describe('Keys that sign `POST /v1/outcomes`. Absent: it is not there.'),
  webhooks: webhooksSchema,
});

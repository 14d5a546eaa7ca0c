import { z } from 'zod';
import { durationSchema, MS } from '../../units/duration.js';
import { sizeSchema } from '../../units/size.js';
import { endpointSchema } from '../values/endpoint.js';
import { path, secret } from '../values/roles.js';
import { feedbackHttpSchema } from './feedback-http.js';

const relayLogSchema = z.strictObject({
  file: path().exactOptional().describe('The file that the relay, or syslog, writes. Followed across rotation.'),
  journal: z
    .array(z.string().regex(/^[A-Za-z0-9@_.:\\-]{1,255}$/, { error: 'expected a unit such as postfix@-.service' }))
    .min(1)
    .exactOptional()
    .describe('Units whose journal is followed (`journalctl -u`), in place of a file.'),
  format: z
    .enum(['auto', 'postfix', 'exim', 'events'])
    .default('auto')
    .describe('Whose log it is; `events`: JSON written by a program of yours (docs/feedback.md).'),
});

const mailSchema = z.strictObject({
  maildir: path()
    .exactOptional()
    .describe('A Maildir where bounces and complaints are delivered; read, and then in `cur`.'),
  mbox: path().exactOptional().describe('An mbox file where they are; read on as it grows.'),
});

const bounceListenerSchema = z.strictObject({
  address: endpointSchema().describe(
    '`host:port`, `[IPv6 address]:port` or `unix:/path`: the MX of `reversePath.domain`, or where it relays to.',
  ),
  maxSize: sizeSchema().prefault('10MiB').describe('Larger reports are refused.'),
  perClient: z
    .int()
    .min(1)
    .default(300)
    .describe('Mails and refused recipients of one client address in a minute; more hear 421.'),
});

const reversePathSchema = z.strictObject({
  domain: z
    .string()
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])?$/, {
      error: 'expected a domain such as bounces.example.net',
    })
    .describe('Domain of the signed addresses; its MX must lead to `listen` or to the mailbox that `mail` reads.'),
  localPart: z
    .string()
    .regex(/^[a-z0-9_-]{1,16}$/, { error: 'expected up to 16 of a-z, 0-9, - and _' })
    .default('bounce')
    .describe('What stands before the `+` of each.'),
  keys: z
    .array(secret().describe('At least 16 characters.'))
    .min(1)
    .describe('The first signs, all verify: put a new one in front to change it.'),
  validFor: durationSchema({ minMs: MS.d })
    .prefault('14d')
    .describe('How long bounces to a signed address are believed.'),
  forward: z
    .boolean()
    .default(false)
    .describe('What comes back to a signed address is passed on to the original reverse-path, through the relay.'),
});

export const feedbackSchema = z
  .strictObject({
    reportWindow: durationSchema({ minMs: MS.h })
      .prefault('14d')
      .describe('Messages that passed are remembered for so long; reports about older ones are not believed.'),
    keepOutcomes: z.int().min(0).default(100_000).describe('Beyond so many the oldest of `sluice outcome list` go.'),
    complaints: z
      .enum(['account', 'everyone', 'nobody'])
      .default('account')
      .describe(
        'For whom a complaint suppresses its recipient: the account whose mail it was, all accounts, nobody. Of all its mail, whatever the scope of `recipient.revoked`.',
      ),
    relayLog: relayLogSchema.exactOptional().describe("The relay's log."),
    mail: mailSchema.exactOptional().describe('Mailboxes where bounces and complaints arrive.'),
    listen: bounceListenerSchema.exactOptional().describe('A small SMTP listener for signed bounce addresses.'),
    reversePath: reversePathSchema
      .exactOptional()
      .describe('Rewrites MAIL FROM to a signed address, so that bounces come home. Absent: left as it is.'),
    http: feedbackHttpSchema
      .exactOptional()
      .describe('An HTTP listener for unsubscribe links, outcomes by API, and webhooks of providers. Absent: none.'),
  })
  .exactOptional()
  .describe(
    'What became of mail: where it is heard of. Absent: only what the relay says in the session counts. See docs/feedback.md.',
  );

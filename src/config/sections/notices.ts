import { z } from 'zod';
import { parseAddress } from '../../smtp/path.js';
import { durationSchema } from '../../units/duration.js';
import { endpointSchema } from '../values/endpoint.js';
import { mailAddressSchema } from '../values/names.js';
import { secret, secretUrl } from '../values/roles.js';
import { authSchema, tlsSchema } from './relay.js';

/** One address in ASCII, with or without a name before it. */
function hasAddress(text: string): boolean {
  const [, named] = /^[^<>]*<([^<>]+)>$/.exec(text) ?? [];
  return /^[\x20-\x7e]{3,300}$/.test(text) && (parseAddress(named ?? text)?.domain ?? '') !== '';
}

/** How one account, or all of a plan, are told. */
export const noticeTargetSchema = () =>
  z.strictObject({
    mail: z.array(mailAddressSchema()).min(1).exactOptional().describe('Addresses that get the mails.'),
    webhook: z
      .strictObject({
        url: secretUrl(/^https?:\/\/./, 'an http or https URL').describe('Takes a signed POST of JSON.'),
        key: secret().describe('Signs each request (`Sluice-Signature`). At least 16 characters.'),
      })
      .exactOptional()
      .describe('A program of theirs that is told.'),
  });

export const noticesSchema = z
  .strictObject({
    from: z
      .string()
      .refine((text) => hasAddress(text), { error: 'expected an address such as Abuse desk <abuse@example.net>' })
      .describe('From of the mails, with or without a name: `Abuse desk <abuse@example.net>`.'),
    replyTo: mailAddressSchema().exactOptional().describe('Where answers go. Absent: to `from`.'),
    reversePath: z
      .union([z.literal(''), mailAddressSchema()])
      .default('')
      .describe('MAIL FROM of the mails; empty: none, so that nobody hears of their bounces.'),
    submission: z
      .strictObject({ address: endpointSchema().describe('`host:port`.'), tls: tlsSchema, auth: authSchema })
      .exactOptional()
      .describe('An MTA that takes the mails. Absent: the relay.'),
    every: durationSchema({ minMs: 1_000 })
      .prefault('15m')
      .describe('No account is told more often: what comes meanwhile is told together.'),
    giveUpAfter: durationSchema({ minMs: 60_000 })
      .prefault('3d')
      .describe('What could not be told for so long is not told any more.'),
    to: noticeTargetSchema().prefault({}).describe('Who is told where neither account nor plan says it.'),
  })
  .exactOptional()
  .describe(
    'Accounts are told of revocations, requests for evidence and their reputation. Absent: nobody is told. See docs/notices.md.',
  );

import { z } from 'zod';
import { modeSchema, ruleSettingsSchema } from '../../policy/rule-settings.js';
import { durationSchema } from '../../units/duration.js';
import { accountIdSchema, domainSchema, networkSchema, patternSchema } from '../values/names.js';
import { file, secretUrl } from '../values/roles.js';
import { noticeTargetSchema } from './notices.js';

const nothing = (what: string) => z.strictObject({}).exactOptional().describe(what);

/** One way of knowing who a client is. Exactly one key. */
const identifySchema = z
  .strictObject({
    users: z
      .strictObject({ file: file().describe('The users file.') })
      .exactOptional()
      .describe('Usernames with hashed passwords in a file of lines `username:hash[:account]`.'),
    store: nothing('Usernames with hashed passwords in the store, written by `sluice account passwd`: `{}`.'),
    http: z
      .strictObject({
        url: secretUrl(/^https?:\/\/./, 'an http or https URL').describe(
          'Asked by POST with JSON `{username, password, client}`: 200 with `{"account": "…"}`, or 401 or 403.',
        ),
        timeout: durationSchema({ minMs: 1, maxMs: 60_000 })
          .prefault('3s')
          .describe('Without an answer for so long the client hears 454.'),
      })
      .exactOptional()
      .describe('An HTTP endpoint checks passwords.'),
    relay: nothing('The relay checks passwords: AUTH is passed through; the username is the account: `{}`.'),
    address: z
      .record(networkSchema(), accountIdSchema())
      .exactOptional()
      .describe('Account by client address or network; the longest prefix wins.'),
    certificate: z
      .record(z.string().min(1), accountIdSchema())
      .exactOptional()
      .describe(
        'Account by TLS client certificate: its SHA-256 fingerprint, an e-mail address in it, or its subject (`CN=…, O=…`).',
      ),
    xclient: nothing('XCLIENT LOGIN of a trusted peer names the account: `{}`.'),
    mta: z
      .strictObject({
        accounts: z
          .record(z.string().min(1), accountIdSchema())
          .prefault({})
          .describe('Account by login, where the login itself is not the account.'),
      })
      .exactOptional()
      .describe(
        'What the client authenticated as at the MTA that asks us (milter `{auth_authen}`, policy delegation `sasl_username`) is the account: `{}`.',
      ),
    daemon: z
      .record(z.string().min(1), accountIdSchema())
      .exactOptional()
      .describe(
        'Account by the service of the MTA that the client is at (milter `{daemon_name}`, policy delegation `policy_context`).',
      ),
  })
  .refine((entry) => Object.keys(entry).length === 1, {
    error:
      'expected exactly one of users, store, http, relay, address, certificate, xclient, mta, daemon, such as `store: {}`',
  });

export const accountSettingsSchema = z.strictObject({
  plan: z.string().min(1).default('default').describe('The plan whose thresholds it shares.'),
  senders: z
    .array(patternSchema())
    .exactOptional()
    .describe('Addresses that it may use: `a@example.com`, `example.com`, `*.example.com`. Absent: any.'),
  language: z
    .string()
    .min(1)
    .exactOptional()
    .describe('Language of the replies that it gets: a key of `replies.texts`.'),
  mode: modeSchema.exactOptional().describe('Mode of all rules for it; the most lenient that applies wins.'),
  rules: ruleSettingsSchema().prefault({}).describe('Its own settings of rules.'),
  notices: noticeTargetSchema().exactOptional().describe('Who is told of what concerns it.'),
});

export const accountListSchema = z.record(accountIdSchema(), accountSettingsSchema);

export const accountsSchema = z
  .strictObject({
    identify: z
      .array(identifySchema)
      .prefault([{ store: {} }])
      .describe('How clients become accounts: an ordered list, the first match wins.'),
    unknown: accountIdSchema()
      .default('refuse')
      .describe('Clients that nothing matches: `refuse`, or the account that they share.'),
    file: file().exactOptional().describe('A YAML file with more accounts, in the shape of `list`.'),
    list: accountListSchema.prefault({}).describe('Accounts by id. One that is not listed has the plan `default`.'),
    ownDomains: z
      .array(domainSchema())
      .default([])
      .describe('Mail to postmaster and abuse of these domains is exempt from volume and suppression rules.'),
  })
  .prefault({})
  .describe('Who is answerable for mail.');

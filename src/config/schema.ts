/** The whole config: what every key is, in one tree. Loading, docs and the JSON Schema for editors come from it. */

import { z } from 'zod';
import { accountsSchema } from './sections/accounts.js';
import { feedbackSchema } from './sections/feedback.js';
import { listenSchema } from './sections/listen.js';
import { milterSchema } from './sections/milter.js';
import { noticesSchema } from './sections/notices.js';
import { hostnameSchema, httpSchema, logSchema, shutdownTimeoutSchema, workersSchema } from './sections/operation.js';
import { globalModeSchema, plansSchema, repliesSchema, rulesSchema } from './sections/policy.js';
import { policydSchema } from './sections/policyd.js';
import { decisionsSchema, outcomesSchema } from './sections/records.js';
import { relaySchema } from './sections/relay.js';
import { dnsSchema, domainsSchema, scannersSchema } from './sections/scanners.js';
import { smtpSchema } from './sections/smtp.js';
import { storeSchema } from './sections/store.js';

export const configSchema = z.strictObject({
  mode: globalModeSchema,
  hostname: hostnameSchema,
  listen: listenSchema,
  smtp: smtpSchema,
  milter: milterSchema,
  policyd: policydSchema,
  relay: relaySchema,
  store: storeSchema,
  accounts: accountsSchema,
  plans: plansSchema,
  rules: rulesSchema,
  replies: repliesSchema,
  dns: dnsSchema,
  scanners: scannersSchema,
  domains: domainsSchema,
  decisions: decisionsSchema,
  outcomes: outcomesSchema,
  feedback: feedbackSchema,
  notices: noticesSchema,
  http: httpSchema,
  log: logSchema,
  workers: workersSchema,
  shutdownTimeout: shutdownTimeoutSchema,
});

/** A config as YAML spells it. */
export type ConfigInput = z.input<typeof configSchema>;

/**
 * A config, checked, every default filled in. Durations are milliseconds, sizes
 * octets, paths absolute (`load.ts`).
 */
export type Config = z.output<typeof configSchema>;

import { z } from 'zod';
import { modeSchema, ruleSettingsSchema, ruleTextsSchema } from '../../policy/rule-settings.js';
import { MAX_POLICY_URL } from '../../policy/wording.js';
import { noticeTargetSchema } from './notices.js';

export const globalModeSchema = modeSchema
  .default('enforce')
  .describe(
    'Mode of all rules. `enforce`: objections are replied. `observe`: they are recorded, the mail passes. `off`: nothing is judged.',
  );

export const rulesSchema = ruleSettingsSchema()
  .prefault({})
  .describe('Settings of rules for everybody, by rule id. docs/rules.md lists the rules with their parameters.');

export const plansSchema = z
  .record(
    z.string().min(1),
    z.strictObject({
      mode: modeSchema.exactOptional().describe('Mode of all rules for the accounts of the plan.'),
      rules: ruleSettingsSchema().prefault({}).describe('Settings of rules for the accounts of the plan.'),
      notices: noticeTargetSchema()
        .exactOptional()
        .describe('Who is told of what concerns its accounts, where the account does not say it.'),
    }),
  )
  .prefault({})
  .describe('Thresholds that accounts share, by name. `default` is the plan of accounts that name none.');

export const repliesSchema = z
  .strictObject({
    policyUrl: z
      .string()
      .max(MAX_POLICY_URL)
      .regex(/^https?:\/\/[\x21-\x7e]+$/, { error: 'expected an http or https URL in ASCII' })
      .exactOptional()
      .describe("A page that explains, put at the end of each refusal; `{rule}` in it becomes the rule's id."),
    texts: z
      .record(
        z.string().regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { error: 'expected a language such as en or de' }),
        ruleTextsSchema(),
      )
      .prefault({})
      .describe(
        "Sentences by language, rule id and situation, instead of the rules' own; `en` is everybody's default.",
      ),
  })
  .prefault({})
  .describe('What refused clients are told. docs/replies.md lists the situations.');

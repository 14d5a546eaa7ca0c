/** Config schemas of rules' settings and texts, made from the catalogue. Every key unknown to them is an error. */

import { z } from 'zod';
import { CATALOGUE } from './catalogue.js';
import type { RuleOverrides } from './effective.js';
import type { Rule } from './rule.js';
import { MAX_POLICY_URL, placeholdersOf, type RuleTexts } from './wording.js';

export const modeSchema = z.enum(['off', 'observe', 'enforce']);

/** The parameters of a rule by name, each with its default and description. */
export function parametersOf(rule: Rule): Readonly<Record<string, z.ZodType>> {
  if (!(rule.parameters instanceof z.ZodObject)) throw new TypeError(`${rule.id}: parameters must be an object schema`);
  return rule.parameters.shape;
}

/** `rules:` of the installation, a plan or an account: `{rule id: {mode?, …parameters?}}`, nothing filled in. */
export function ruleSettingsSchema(): z.ZodType<RuleOverrides> {
  const shape = Object.fromEntries(CATALOGUE.map((rule) => [rule.id, overrideSchema(rule).optional()]));
  return z.strictObject(shape).describe('Rules by id.');
}

function overrideSchema(rule: Rule) {
  const own = Object.entries(parametersOf(rule)).map(([name, schema]) => [name, withoutDefault(schema)]);
  const mode = modeSchema
    .optional()
    .describe('`enforce`: objections are replied. `observe`: they are recorded, the mail passes. `off`.');
  return z.strictObject({ mode, ...Object.fromEntries(own) }).describe(rule.summary);
}

// An override that brought its defaults along would undo the less specific levels.
function withoutDefault(schema: z.ZodType): z.ZodType {
  const inner = schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault ? schema.unwrap() : schema;
  const optional = (inner as z.ZodType).optional();
  return schema.description === undefined ? optional : optional.describe(schema.description);
}

/** The page that replies point to; `{rule}` in it stands for the rule's id. */
export function policyUrlSchema() {
  const error = `expected an http or https URL of at most ${MAX_POLICY_URL} ASCII characters`;
  return z
    .string()
    .max(MAX_POLICY_URL, { error })
    .regex(/^https?:\/\/[\x21-\x7e]+$/, { error });
}

/** Sentences of one language: `{rule id: {situation: text}}`. ASCII, and no placeholder that the rule does not fill. */
export function ruleTextsSchema(): z.ZodType<RuleTexts> {
  const shape = Object.fromEntries(CATALOGUE.map((rule) => [rule.id, textsOf(rule).optional()]));
  return z.strictObject(shape).describe('Sentences by rule id and situation.') as z.ZodType<RuleTexts>;
}

function textsOf(rule: Rule) {
  const entries = Object.entries(rule.replies).map(([situation, template]) => {
    const known = fillable(template.text);
    const schema = z
      .string()
      .regex(/^[\x20-\x7e]{1,400}$/, { error: 'expected one line of at most 400 ASCII characters' })
      .refine((text) => placeholdersOf(text).every((name) => known.includes(name)), {
        error: `unknown placeholder; known here: ${known.map((name) => `{${name}}`).join(', ') || 'none'}`,
      });
    return [situation, schema.optional().describe(template.when)];
  });
  return z.strictObject(Object.fromEntries(entries));
}

/** Beside those of the rule's own sentence, the wordless twins of durations, for other languages. */
function fillable(text: string): readonly string[] {
  const names = placeholdersOf(text);
  return [...names, ...names.filter((name) => name === 'wait' || name === 'per').map((name) => `${name}Short`)];
}

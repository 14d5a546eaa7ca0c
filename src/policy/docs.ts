/** docs/rules.md and docs/replies.md, made from the rules themselves so that they cannot be stale. */

import { z } from 'zod';
import { SERVICE_REPLIES } from '../smtp/service-replies.js';
import { CATALOGUE } from './catalogue.js';
import type { ReplyTemplate, Rule, Stage } from './rule.js';
import { parametersOf } from './rule-settings.js';

const GENERATED = '<!-- Generated from src/policy/rules by `npm run docs`; edit there. -->';

/** docs/rules.md. */
export function rulesPage(): string {
  const contents = CATALOGUE.map((rule) => `- [\`${rule.id}\`](#${rule.id}): ${rule.summary}`);
  return `${['# Rules', GENERATED, INTRODUCTION, contents.join('\n'), ...CATALOGUE.map(ruleSection)].join('\n\n')}\n`;
}

const INTRODUCTION = `Each rule serves a clause of the acceptable use policy, which is quoted. Its parameters may be set under \`rules:\` of the whole installation, of a plan and of an account; the more specific setting replaces the parameter as a whole. What is judged before the account is known (at connection and at AUTH) is set for the installation only. Beside its parameters each rule takes \`mode\`: \`enforce\` (default, unless the rule says otherwise), \`observe\` (recorded and counted, the mail passes) or \`off\`. The most lenient of the installation's, the plan's, the account's and the rule's mode counts.

When several rules object, all objections are recorded, and the client hears the most severe one (a permanent refusal before a deferral), the first in the order of this page among equals.

The defaults suit a relay that many small and middling customers share; raise or lower them by plan.

Rules that look into messages are \`off\` until they are switched on, so that an upgrade changes nothing and costs nothing: with all of them off no message is inspected. Switch one on with \`mode: observe\` first. [bulk.md](bulk.md) says what counts as bulk mail and how to begin.`;

function ruleSection(rule: Rule): string {
  return [
    // Renderers differ in the anchors that they make of a dotted heading; a policy page `…/rules#{rule}` needs this one.
    `<a id="${rule.id}"></a>`,
    `## ${rule.id}`,
    rule.summary,
    `> ${rule.clause.text}\n>\n> (${rule.clause.section})`,
    `Judged at: ${stagesOf(rule).map(stageInWords).join('; ')}.${rule.exemptible ? ` ${EXEMPT}` : ''}${rule.defaultMode === undefined ? '' : ` Default mode: \`${rule.defaultMode}\`.`}`,
    parametersTable(rule),
    repliesTable(rule),
  ].join('\n\n');
}

const EXEMPT = 'Not judged for exempt recipients (those of bounces, and postmaster and abuse of own domains).';

function parametersTable(rule: Rule): string {
  const rows = Object.entries(parametersOf(rule)).map(([name, schema]) => [
    code(name),
    typeInWords(schema),
    code(defaultOf(schema)),
    schema.description ?? '',
  ]);
  return rows.length === 0 ? 'No parameters.' : table(['Parameter', 'Type', 'Default', 'Meaning'], rows);
}

function repliesTable(rule: Rule): string {
  const rows = Object.entries(rule.replies).map(([situation, template]) => [
    code(situation),
    code(replyLabel(template)),
    code(template.text),
    template.when,
    template.remedy,
  ]);
  return table(['Situation', 'Reply', 'Text', 'When', 'What the customer can do'], rows);
}

/** docs/replies.md. */
export function repliesPage(): string {
  const ofRules = CATALOGUE.flatMap((rule) =>
    Object.values(rule.replies).map((template) => [
      code(replyLabel(template)),
      `[\`${rule.id}\`](rules.md#${rule.id})`,
      code(template.text),
      template.when,
      template.remedy,
    ]),
  );
  const ofService = Object.values(SERVICE_REPLIES).map((entry) => [
    code(entry.label),
    code(entry.text),
    entry.when,
    entry.remedy,
  ]);
  return `${[
    '# Replies',
    GENERATED,
    'A reply of a rule reads `[rule id] sentence ref=ID POLICY-PAGE`: one line of ASCII, at most 500 octets. The reference finds the decision (`sluice decisions`). What the relay replies is passed on word for word and is in no table.',
    '## Of rules',
    table(['Reply', 'Rule', 'Text', 'When', 'What the customer can do'], ofRules),
    '## Of the service',
    table(['Reply', 'Text', 'When', 'What the client can do'], ofService),
  ].join('\n\n')}\n`;
}

const STAGES: readonly Stage[] = ['connect', 'auth', 'account', 'mail', 'recipient', 'message'];

/** The stages at which a rule judges, in the order of a session. */
export function stagesOf(rule: Rule): readonly Stage[] {
  return STAGES.filter((stage) => rule.judge[stage] !== undefined);
}

function stageInWords(stage: Stage): string {
  const words: Record<Stage, string> = {
    connect: 'connection',
    auth: 'AUTH, before the password is checked',
    account: 'AUTH, once the account is known (without AUTH: the first MAIL)',
    mail: 'MAIL',
    recipient: 'each RCPT',
    message: 'the end of data',
  };
  return words[stage];
}

function replyLabel(template: ReplyTemplate): string {
  const codes = typeof template.code === 'number' ? [template.code] : [...new Set(Object.values(template.code))];
  return `${codes.join(' or ')} ${template.status}`;
}

interface JsonSchema {
  readonly title?: string;
  readonly type?: string;
  readonly enum?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
}

function typeInWords(schema: z.ZodType): string {
  return describe(z.toJSONSchema(schema, { io: 'input' }) as JsonSchema);
}

function describe(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.items !== undefined) return `list of ${describe(schema.items)}`;
  if (schema.anyOf !== undefined) return schema.anyOf.map(describe).join(' or ');
  if (schema.properties === undefined) return schema.type ?? '';
  const fields = Object.entries(schema.properties).map(([name, field]) => `${name}: ${describe(field)}`);
  return code(`{${fields.join(', ')}}`);
}

/** As one would write it in the config. */
function defaultOf(schema: z.ZodType): string {
  const written = z.encode(schema, schema.parse(undefined));
  return typeof written === 'string' ? written : JSON.stringify(written).replaceAll('","', '", "');
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

function code(text: string): string {
  return `\`${text}\``;
}

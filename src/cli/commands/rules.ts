import { Argument, Command } from 'commander';
import { z } from 'zod';
import { CATALOGUE } from '../../policy/catalogue.js';
import { stagesOf } from '../../policy/docs.js';
import type { EffectivePolicy } from '../../policy/effective.js';
import type { Mode, Rule } from '../../policy/rule.js';
import { parametersOf } from '../../policy/rule-settings.js';
import type { AccountId } from '../../store/contract.js';
import { installationPolicy, policyOfAccount } from '../account-policy.js';
import {
  accountArgument,
  type ConfigOption,
  type JsonOption,
  RULE_IDS,
  withConfig,
  withExamples,
  withJson,
} from '../common-options.js';
import { readConfigIfAny } from '../read-config.js';
import { colours, json, line } from '../terminal/output.js';
import { table } from '../terminal/table.js';

interface Options extends ConfigOption, JsonOption {
  readonly account?: AccountId;
}

interface Described {
  readonly id: string;
  readonly summary: string;
  readonly clause: Rule['clause'];
  readonly stages: readonly string[];
  readonly mode: Mode;
  readonly parameters: readonly { readonly name: string; readonly value: unknown; readonly meaning: string }[];
}

export function rules(): Command {
  const command = new Command('rules')
    .description('the rules: what each checks, the clause that it serves, when it judges, its mode and parameters')
    .addArgument(new Argument('[rule]', 'one rule, in detail').choices(RULE_IDS))
    .option('-a, --account <id>', 'as they are for this account (default: for the installation)', accountArgument)
    .action(run);
  return withExamples(withJson(withConfig(command)), ['sluice rules', 'sluice rules volume.recipients --account acme']);
}

async function run(id: string | undefined, options: Options): Promise<void> {
  const config = await readConfigIfAny(options);
  const policy =
    config === null || options.account === undefined
      ? installationPolicy(config)
      : policyOfAccount(config, options.account).policy;
  const described = CATALOGUE.filter((rule) => id === undefined || rule.id === id).map((rule) =>
    describe(rule, policy),
  );
  if (options.json) json(id === undefined ? { rules: described } : described[0]);
  else if (id === undefined) overview(described);
  else for (const one of described) detail(one);
}

function describe(rule: Rule, policy: EffectivePolicy): Described {
  const setting = policy.settings.get(rule.id);
  const values = (setting?.parameters ?? {}) as Readonly<Record<string, unknown>>;
  const parameters = Object.entries(parametersOf(rule)).map(([name, schema]) => ({
    name,
    value: asWritten(schema, values[name]),
    meaning: schema.description ?? '',
  }));
  const { id, summary, clause } = rule;
  return { id, summary, clause, stages: stagesOf(rule), mode: setting?.mode ?? 'off', parameters };
}

/** As one would write it in the config. */
function asWritten(schema: z.ZodType, value: unknown): unknown {
  return z.encode(schema, value);
}

function overview(described: readonly Described[]): void {
  table(
    [{ head: 'rule' }, { head: 'mode' }, { head: 'judges at' }, { head: 'what it checks' }],
    described.map(({ id, mode, stages, summary }) => [id, modeInColour(mode), stages.join(', '), summary]),
  );
}

function detail({ id, mode, stages, summary, clause, parameters }: Described): void {
  line(`${colours.bold(id)}  ${modeInColour(mode)}`);
  line(summary);
  line();
  line(`Policy:    "${clause.text}" (${clause.section})`);
  line(`Judges at: ${stages.join(', ')}`);
  if (parameters.length === 0) return;
  line();
  table(
    [{ head: 'parameter' }, { head: 'value' }, { head: 'meaning' }],
    parameters.map(({ name, value, meaning }) => [
      name,
      typeof value === 'string' ? value : JSON.stringify(value),
      meaning,
    ]),
  );
}

function modeInColour(mode: Mode): string {
  if (mode === 'enforce') return colours.green(mode);
  return mode === 'observe' ? colours.yellow(mode) : colours.dim(mode);
}

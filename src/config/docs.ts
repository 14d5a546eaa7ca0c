/** docs/config.md, made from the schema so that it cannot be stale. */

import { configJsonSchema, type JsonSchema } from './json-schema.js';

const GENERATED = '<!-- Generated from src/config/sections by `npm run docs`; edit there. -->';

const INTRODUCTION = `One YAML file. Every key has a default unless it says "needed"; \`config/sluice.yaml\` is a commented example, \`config/examples/\` has more, \`config/sluice.schema.json\` teaches editors the keys.

- **Durations**: \`500ms\`, \`30s\`, \`10m\`, \`48h\`, \`15d\`, or joined: \`1h30m\`. **Sizes**: \`512B\`, \`64KiB\`, \`25MiB\`, \`10GiB\`. **Rates**: \`1000/1h\` is at most 1000 in any hour.
- **Substitution**: \`\${env:NAME}\` is an environment variable, \`\${file:path}\` a file's text without its last line end, in any value. What comes in this way is never printed. Write \`$\${\` for a plain \`\${\`. Inside of \`{ }\` and \`[ ]\` put quotes around it.
- **Paths** are relative to the config file, that of the embedded store too.
- \`sluice check-config\` tells every error at once, with line and column; \`--print-effective\` shows the config with every default. SIGHUP reloads: a valid config is taken at once for new sessions and transactions, an invalid one is refused as a whole, and the old one goes on.`;

/** Keys whose parts have a page of their own. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  rules: 'mapping: rule id to `{mode, parameters…}`, see [rules.md](rules.md)',
  'replies.texts': 'mapping: language to rule id to situation to text, see [replies.md](replies.md)',
};

/** docs/config.md. */
export function configPage(): string {
  const sections = Object.entries(configJsonSchema().properties ?? {}).map(([key, schema]) => section(key, schema));
  return `${['# Config', GENERATED, INTRODUCTION, ...sections].join('\n\n')}\n`;
}

function section(key: string, schema: JsonSchema): string {
  const rows = rowsOf(schema, '', key);
  const about = `## ${key}\n\n${schema.description ?? ''}`;
  if (rows.length === 0) return `${about}\n\n${single(key, schema)}`;
  return `${about}\n\n${table(['Key', 'Type', 'Default', 'Meaning'], rows)}`;
}

function single(key: string, schema: JsonSchema): string {
  const type = ELSEWHERE[key] ?? typeInWords(schema);
  return `Type: ${type}. Default: ${schema.default === undefined ? 'none' : code(asYaml(schema.default))}.`;
}

type Row = readonly [key: string, type: string, fallback: string, meaning: string];

/** `full` is the path from the top, `prefix` that from the section. */
function rowsOf(schema: JsonSchema, prefix: string, full: string): readonly Row[] {
  if (elsewhere(full) !== null) return [];
  if (schema.items?.properties !== undefined) return rowsOf(schema.items, `${prefix}[].`, full);
  const values = schema.additionalProperties;
  if (typeof values === 'object' && values.properties !== undefined) return rowsOf(values, `${prefix}NAME.`, full);
  return Object.entries(schema.properties ?? {}).flatMap(([name, child]) => {
    const key = `${prefix}${name}`;
    const path = `${full}.${name}`;
    const row: Row = [
      code(key),
      elsewhere(path) ?? typeInWords(child),
      fallbackOf(schema, name, child),
      child.description ?? '',
    ];
    const below = rowsOf(child, child.items === undefined ? `${key}.` : key, path);
    return [row, ...below];
  });
}

function elsewhere(path: string): string | null {
  return ELSEWHERE[path.endsWith('.rules') ? 'rules' : path] ?? null;
}

function fallbackOf(parent: JsonSchema, name: string, child: JsonSchema): string {
  if (child.default !== undefined) return isEmpty(child.default) ? '' : code(asYaml(child.default));
  return parent.required?.includes(name) ? 'needed' : 'absent';
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function typeInWords(schema: JsonSchema): string {
  if (schema.title !== undefined) return schema.title;
  if (schema.const !== undefined) return code(String(schema.const));
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeInWords).join(' or ');
  if (schema.items !== undefined)
    return `list of ${schema.items.properties === undefined ? typeInWords(schema.items) : 'mappings'}`;
  if (schema.type === 'integer' || schema.type === 'number') return numberInWords(schema);
  return { string: 'text', boolean: '`true`, `false`', object: 'mapping' }[schema.type ?? ''] ?? schema.type ?? '';
}

function numberInWords({ type, minimum, maximum }: JsonSchema): string {
  const kind = type === 'integer' ? 'whole number' : 'number';
  const least = minimum === undefined ? '' : ` from ${minimum}`;
  return `${kind}${least}${maximum === undefined ? '' : ` to ${maximum}`}`;
}

/** As one would write it in one line of YAML. */
function asYaml(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

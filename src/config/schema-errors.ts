/** What the schema found wrong, in an operator's words and at its place. */

import type { z } from 'zod';
import { closest } from './closest.js';
import { type ConfigError, formatPath, type KeyPath } from './config-error.js';
import { cut, quoted } from './quoted.js';
import { findKey, holdsSecret, keysOf, schemaAt } from './schema-walk.js';
import { valueAt } from './value-paths.js';
import type { YamlSource } from './yaml-source.js';

export type Issue = z.core.$ZodIssue;

export function schemaErrors(schema: z.ZodType, source: YamlSource, issues: readonly Issue[]): readonly ConfigError[] {
  return issues.flatMap((issue) => {
    const path = issue.path as KeyPath;
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => unknownKey(schema, source, [...path, key]));
    }
    if (issue.code === 'invalid_key') return [badKey(source, path, issue.issues)];
    const expected = expectedBy(issue);
    const value = valueAt(source.value, path);
    return [source.error(path, shown(schema, source, path), expected, suggestionFor(issue, value))];
  });
}

export function unknownKey(schema: z.ZodType, source: YamlSource, path: KeyPath): ConfigError {
  const name = String(path.at(-1));
  const parent = schemaAt(schema, path.slice(0, -1));
  const known = parent === null ? [] : keysOf(parent);
  const expected =
    known.length === 0 ? 'no key here' : known.length <= MOST_LISTED ? `one of ${known.join(', ')}` : 'a known key';
  return source.errorAtKey(path, 'an unknown key', expected, closest(name, known) ?? elsewhere(schema, name));
}

/** A list of more is not read. */
const MOST_LISTED = 16;

function elsewhere(schema: z.ZodType, name: string): string | null {
  const path = findKey(schema, name);
  return path === null ? null : formatPath(path);
}

function badKey(source: YamlSource, path: KeyPath, issues: readonly Issue[]): ConfigError {
  const [first] = issues;
  const expected = first === undefined ? 'another key' : expectedBy(first);
  return source.errorAtKey(path, `the key ${quoted(String(path.at(-1)))}`, expected);
}

// ---------------------------------------------------------------- found

/** What stands at a path, as it may be shown. */
export function shown(schema: z.ZodType, source: YamlSource, path: KeyPath): string {
  const value = valueAt(source.value, path);
  if (value === undefined) return 'nothing';
  if (source.templateOf(path) !== null) return source.shownAt(path, '');
  const about = schemaAt(schema, path);
  if (typeof value !== 'object' && (about === null || holdsSecret(about))) return 'a value that is not shown here';
  return inWords(value);
}

function inWords(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : 'a list';
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty mapping' : `a mapping (${quotedList(keys)})`;
  }
  return typeof value === 'string' ? quoted(value) : String(value);
}

function quotedList(keys: readonly string[]): string {
  const few = keys.slice(0, 5).map((key) => cut(key));
  return few.length < keys.length ? `${few.join(', ')}, …` : few.join(', ');
}

// ---------------------------------------------------------------- expected

const TYPES: Readonly<Record<string, string>> = {
  string: 'a text (in quotes, if it looks like something else)',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a mapping (key: value)',
  record: 'a mapping (key: value)',
  array: 'a list (- item)',
};

const OWN_WORDS = 'expected ';

/** Schemas say `expected …` where they have their own words. */
function expectedBy(issue: Issue): string {
  if (issue.message.startsWith(OWN_WORDS)) return issue.message.slice(OWN_WORDS.length);
  switch (issue.code) {
    case 'invalid_type':
      return TYPES[issue.expected] ?? issue.expected;
    case 'invalid_value':
      return `one of ${issue.values.map(String).join(', ')}`;
    case 'too_small':
      return `${amount(issue.origin, Number(issue.minimum), 'at least')}`;
    case 'too_big':
      return `${amount(issue.origin, Number(issue.maximum), 'at most')}`;
    default:
      return issue.message.replace(/^Invalid input: expected /, '');
  }
}

function amount(origin: string, limit: number, bound: string): string {
  if (origin === 'string') return `${bound} ${limit} characters`;
  if (origin === 'array') return `${bound} ${limit} items`;
  return `${bound} ${limit}`;
}

function suggestionFor(issue: Issue, value: unknown): string | null {
  if (issue.code !== 'invalid_value' || typeof value !== 'string') return null;
  return closest(value, issue.values.map(String));
}

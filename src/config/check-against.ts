/** Holds a file against a schema, and goes on after the first trouble. */

import type { z } from 'zod';
import { type ConfigError, type KeyPath, startsWith } from './config-error.js';
import { type Issue, schemaErrors, unknownKey } from './schema-errors.js';
import { schemaAt } from './schema-walk.js';
import { removeAt, setAt, valueAt } from './value-paths.js';
import type { YamlSource } from './yaml-source.js';

export interface Checked<T> {
  /** What is left when everything wrong is taken out, to look for more; null when nothing is. */
  readonly value: T | null;
  readonly removed: readonly KeyPath[];
  readonly errors: readonly ConfigError[];
}

/** Each round takes something out; a file with more levels of trouble has shown enough of it. */
const MOST_ROUNDS = 30;

export function checkAgainst<T>(schema: z.ZodType<T>, source: YamlSource, given: unknown): Checked<T> {
  const value = structuredClone(given);
  const errors = emptyUnknownKeys(schema, source);
  const removed: KeyPath[] = [];
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    const result = schema.safeParse(value);
    if (result.success) return { value: result.data, removed, errors };
    const issues = result.error.issues.filter((issue) => !convertSubstituted(source, value, issue));
    if (round === 0 || removed.length === 0) errors.push(...schemaErrors(schema, source, issues));
    const gone = removeAll(value, issues.flatMap(pathsOf));
    if (gone === null) return { value: null, removed: [[]], errors };
    removed.push(...gone);
  }
  return { value: null, removed: [[]], errors };
}

/** Takes out what stands at the paths; null when nothing would be left. */
function removeAll(value: unknown, paths: readonly KeyPath[]): readonly KeyPath[] | null {
  const gone: KeyPath[] = [];
  for (const path of paths) {
    if (gone.some((removed) => startsWith(path, removed))) continue;
    const removed = removeAt(value, path);
    if (removed === null) return null;
    gone.push(removed);
  }
  return gone;
}

function pathsOf(issue: Issue): readonly KeyPath[] {
  const path = issue.path as KeyPath;
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...path, key]) : [path];
}

/** `workers: ${env:WORKERS}` gives a text; where a number or a boolean is wanted, that is what was meant. */
function convertSubstituted(source: YamlSource, value: unknown, issue: Issue): boolean {
  const path = issue.path as KeyPath;
  const text = valueAt(value, path);
  if (typeof text !== 'string' || source.templateOf(path) === null) return false;
  const converted = /^(?:true|false)$/.test(text)
    ? text === 'true'
    : /^\d{1,15}(?:\.\d+)?$/.test(text)
      ? Number(text)
      : null;
  if (converted === null) return false;
  setAt(value, path, converted);
  return true;
}

/** Keys without a value count as absent; misspelt ones are told all the same. */
function emptyUnknownKeys(schema: z.ZodType, source: YamlSource): ConfigError[] {
  return [...source.empties()]
    .filter((path) => typeof path.at(-1) === 'string')
    .filter((path) => schemaAt(schema, path.slice(0, -1)) !== null && schemaAt(schema, path) === null)
    .map((path) => unknownKey(schema, source, path));
}

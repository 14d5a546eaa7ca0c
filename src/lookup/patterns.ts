/**
 * Patterns of an operator's own, from files: one a line, `name field expression`.
 * Matched by RE2 (in JavaScript), in time linear in the text: no pattern can
 * stall a worker, whatever a message has in it.
 */

import { RE2JS } from 're2js';
import type { PatternField, PatternMatch, PatternTexts } from './contract.js';

export interface Pattern {
  readonly name: string;
  readonly field: PatternField | 'any';
  readonly expression: RE2JS;
}

export interface PatternError {
  readonly line: number;
  readonly found: string;
  readonly expected: string;
}

const FIELDS: readonly (PatternField | 'any')[] = ['subject', 'from', 'text', 'link', 'any'];
const MOST_EXPRESSION = 2000;
/** Of each field so much is looked at, UTF-16 units. */
const MOST_TEXT = 256 * 1024;
const MOST_MATCHED = 100;

/** Reads a file of patterns. Empty lines and those that begin with `#` say nothing. */
export function parsePatterns(text: string): {
  readonly patterns: readonly Pattern[];
  readonly errors: readonly PatternError[];
} {
  const patterns: Pattern[] = [];
  const errors: PatternError[] = [];
  for (const [index, whole] of text.split(/\r?\n/).entries()) {
    const line = whole.trim();
    if (line === '' || line.startsWith('#')) continue;
    const parsed = parseLine(line);
    if ('found' in parsed) errors.push({ line: index + 1, ...parsed });
    else patterns.push(parsed);
  }
  return { patterns, errors };
}

function parseLine(line: string): Pattern | Omit<PatternError, 'line'> {
  const [, name = '', field = '', source = ''] = /^(\S+)\s+(\S+)\s+(.+)$/.exec(line) ?? [];
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    return {
      found: JSON.stringify(line.slice(0, 60)),
      expected: '`name field expression`, the name in a-z, 0-9 and -',
    };
  }
  if (!(FIELDS as readonly string[]).includes(field)) {
    return { found: `the field ${JSON.stringify(field.slice(0, 30))}`, expected: `one of ${FIELDS.join(', ')}` };
  }
  if (source.length > MOST_EXPRESSION) {
    return { found: `an expression of ${source.length} characters`, expected: `at most ${MOST_EXPRESSION}` };
  }
  try {
    return { name, field: field as Pattern['field'], expression: RE2JS.compile(source) };
  } catch (error) {
    return { found: error instanceof Error ? error.message : String(error), expected: 'an expression of RE2' };
  }
}

/** Each pattern at most once. */
export function matchPatterns(patterns: readonly Pattern[], texts: PatternTexts): readonly PatternMatch[] {
  return patterns.flatMap((pattern) => firstMatch(pattern, texts) ?? []);
}

function firstMatch({ name, field, expression }: Pattern, texts: PatternTexts): PatternMatch | null {
  const fields: readonly PatternField[] = field === 'any' ? ['subject', 'from', 'text', 'link'] : [field];
  for (const where of fields) {
    let room = MOST_TEXT;
    for (const text of texts[where]) {
      if (room <= 0) break;
      const looked = text.slice(0, room);
      room -= text.length;
      // Whether it matches is told by an automaton, much sooner than where.
      if (!expression.test(looked)) continue;
      const matcher = expression.matcher(looked);
      if (matcher.find())
        return { pattern: name, field: where, matched: (matcher.group() ?? '').slice(0, MOST_MATCHED) };
    }
  }
  return null;
}

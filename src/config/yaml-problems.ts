import type { ErrorCode } from 'yaml';

interface Problem {
  readonly found: string;
  readonly expected: string;
}

/**
 * YAML's errors in our words. The parser's own may quote the file, and what
 * stands there may be a password.
 */
export function yamlProblem(code: ErrorCode): Problem {
  const [found, expected] = PROBLEMS[code] ?? ['something that is not YAML', 'valid YAML'];
  return { found, expected };
}

const PROBLEMS: Partial<Readonly<Record<ErrorCode, readonly [found: string, expected: string]>>> = {
  ALIAS_PROPS: ['an alias with a tag or anchor', 'an alias alone'],
  BAD_ALIAS: ['an alias without a name', '`*name` of an anchor `&name` above'],
  BAD_DIRECTIVE: ['an unknown % directive', 'YAML 1.2'],
  BAD_DQ_ESCAPE: ['an unknown escape in a text in double quotes', 'single quotes, or \\\\ for a backslash'],
  BAD_INDENT: ['broken indentation', 'all keys of a mapping, and all - of a list, in one column'],
  BAD_SCALAR_START: ['a text that begins with a character that YAML keeps for itself', 'quotes around the text'],
  BLOCK_AS_IMPLICIT_KEY: ['a second colon on the line', 'one `key: value` a line, and quotes around texts with ": "'],
  BLOCK_IN_FLOW: ['a block inside of { } or [ ]', 'a block, or { } and [ ], not both'],
  MISSING_CHAR: ['a quote, bracket or brace that is not closed', 'its end'],
  MULTILINE_IMPLICIT_KEY: ['a key that goes over several lines, or has no colon', '`key: value`'],
  MULTIPLE_DOCS: ['a second document', 'one document a file, without `---` in the middle'],
  TAB_AS_INDENT: ['a tab at the beginning of a line', 'spaces'],
  TAG_RESOLVE_FAILED: [
    'an unknown tag, or a value that is none of its tag',
    'a value without a tag, in quotes if it begins with !',
  ],
  UNEXPECTED_TOKEN: ['something that cannot stand here', '`key: value`, `- item`, or quotes around the text'],
};

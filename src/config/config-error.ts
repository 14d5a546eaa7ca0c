/** What is wrong with a config, where, and how to put it right. */

export type KeyPath = readonly (string | number)[];

export interface ConfigError {
  readonly file: string;
  /** From 1; null when the file as a whole is meant. */
  readonly line: number | null;
  readonly column: number | null;
  /** `listen[0].address`; empty for the whole file. */
  readonly path: string;
  /** Never a secret, and nothing that came from `${env:…}` or `${file:…}`. */
  readonly found: string;
  readonly expected: string;
  /** What was probably meant. */
  readonly suggestion: string | null;
}

/** One line an error: `file:line:col key.path: found X, expected Y (did you mean Z?)`. */
export function formatErrors(errors: readonly ConfigError[]): string {
  return errors.map((error) => `${formatError(error)}\n`).join('');
}

function formatError({ file, line, column, path, found, expected, suggestion }: ConfigError): string {
  const where = line === null ? file : `${file}:${line}:${column}`;
  const key = path === '' ? '' : ` ${path}`;
  const hint = suggestion === null ? '' : ` (did you mean ${suggestion}?)`;
  return printable(`${where}${key}: found ${found}, expected ${expected}${hint}`);
}

// A config with terminal escapes in its keys must not act on the operator's terminal.
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const CONTROL = /[\x00-\x1f\x7f-\x9f\u2028\u2029]/g;

function printable(text: string): string {
  return text.replace(CONTROL, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const PLAIN_KEY = /^[A-Za-z0-9_][A-Za-z0-9_.@-]*$/;

/** `accounts.list.acme.senders[2]`, `accounts.identify[0].address["192.0.2.0/24"]`. */
export function formatPath(path: KeyPath): string {
  return path
    .map((key, index) => {
      if (typeof key === 'number') return `[${key}]`;
      if (!PLAIN_KEY.test(key)) return `[${JSON.stringify(key)}]`;
      return index === 0 ? key : `.${key}`;
    })
    .join('');
}

/** Is the path that of `start`, or of something in it? */
export function startsWith(path: KeyPath, start: KeyPath): boolean {
  return start.length <= path.length && start.every((key, index) => key === path[index]);
}
